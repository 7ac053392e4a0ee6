import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '@tidelock/core';
import type { HttpHandler } from './consent/handler.ts';

export interface Loopback {
  /** `http://localhost:<port>`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** A page of another site could give its own name this machine's address and then talk to us under it. */
const NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const MOST_BYTES = 64 * 1024;
const GRACE_MS = 1_000;

async function readBody(message: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    const bytes = Buffer.from(part as Uint8Array);
    size += bytes.length;
    if (size > MOST_BYTES) return null;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function toRequest(message: IncomingMessage, origin: string, body: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers))
    headers.set(name, Array.isArray(value) ? value.join(', ') : (value ?? ''));
  const method = message.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(message.url ?? '/', origin), { method, headers, ...(hasBody ? { body } : {}) });
}

function refuse(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

async function send(outgoing: ServerResponse, response: Response): Promise<void> {
  const { status, headers } = response;
  const plain = Object.fromEntries([...headers].filter(([name]) => name !== 'set-cookie'));
  const cookies = headers.getSetCookie();
  outgoing.writeHead(status, { ...plain, ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) });
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

interface Serving {
  readonly handler: HttpHandler;
  readonly origin: string;
}

async function answer(serving: Serving, message: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { handler, origin } = serving;
  const host = (message.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!NAMES.has(host)) return refuse(outgoing, 421, 'This answers on loopback names only.');
  const body = await readBody(message);
  if (body === null) return refuse(outgoing, 413, 'That is too much.');
  const response = await handler(toRequest(message, origin, body));
  if (response === null) return refuse(outgoing, 404, 'There is nothing here.');
  await send(outgoing, response);
}

function busyPort(port: number): InputError {
  const reason = `port ${port} is in use`;
  return new InputError(reason, [{ path: 'port', reason, remedy: 'Take another one, or 0 for any.' }]);
}

/** Serves handlers to browsers on this machine, without TLS: on 127.0.0.1 only. `port` 0: any free one. */
export async function listenOnLoopback(
  make: (origin: string) => HttpHandler | Promise<HttpHandler>,
  port = 0,
): Promise<Loopback> {
  let serving: Serving | undefined;
  // Here and not above: to name it in an import makes Node load its own HTTP client, 14 MB, and few processes come here (0776).
  const { createServer } = await import('node:http');
  const server = createServer((message, outgoing) => {
    if (serving === undefined) return refuse(outgoing, 503, 'Not yet.');
    answer(serving, message, outgoing).catch(() => {
      if (!outgoing.headersSent) refuse(outgoing, 500, 'Something unexpected went wrong.');
      else outgoing.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject('code' in error && error.code === 'EADDRINUSE' ? busyPort(port) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      // Answers that are on their way may arrive; who keeps a connection open for nothing is not waited for.
      const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      server.close(() => {
        clearTimeout(late);
        resolve();
      });
      server.closeIdleConnections();
    });
  try {
    serving = { handler: await make(origin), origin };
  } catch (error) {
    await close();
    throw error;
  }
  return { origin, close };
}
