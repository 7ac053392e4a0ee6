import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A fetch-style handler. Rejects with LostAnswer when the connection must drop without an answer. */
export type Handler = (request: Request) => Promise<Response>;

/** The request was cut off: in process `fetch` rejects with it, on a socket the connection is destroyed. */
export class LostAnswer extends Error {
  override readonly name = 'LostAnswer';
  constructor() {
    super('the connection was dropped before an answer was sent');
  }
}

export interface Served {
  /** `https://localhost:<port>` with TLS, else `http://localhost:<port>`. */
  origin: string;
  port: number;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Default 0: any free port. */
  port?: number;
  tls?: { keyPem: string; certPem: string };
}

const maxBodyBytes = 64 * 1024 * 1024;
const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

const readBody = async (message: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(bytes);
  }
  return new Uint8Array(Buffer.concat(chunks));
};

const toRequest = (
  message: IncomingMessage,
  url: string,
  more: { body: Uint8Array<ArrayBuffer>; signal: AbortSignal },
): Request => {
  const headers = new Headers();
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    headers.append(message.rawHeaders[i] ?? '', message.rawHeaders[i + 1] ?? '');
  }
  const method = message.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD' && more.body.length > 0;
  return new Request(url, { method, headers, signal: more.signal, ...(hasBody ? { body: more.body } : {}) });
};

const sendResponse = async (response: Response, outgoing: ServerResponse): Promise<void> => {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
};

const answer = async (
  served: { handler: Handler; scheme: string },
  message: IncomingMessage,
  outgoing: ServerResponse,
) => {
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  const host = message.headers.host ?? 'localhost';
  // A page of another site could resolve its own name to 127.0.0.1 and then talk to us with its Host header.
  if (!loopbackHosts.has(host.replace(/:\d+$/, ''))) {
    outgoing.statusCode = 421;
    outgoing.end('this server answers on loopback names only');
    return;
  }
  const body = await readBody(message);
  if (body === undefined) {
    outgoing.statusCode = 413;
    outgoing.end();
    return;
  }
  const url = `${served.scheme}://${host}${message.url ?? '/'}`;
  await sendResponse(await served.handler(toRequest(message, url, { body, signal: gone.signal })), outgoing);
};

/** Serves on 127.0.0.1 only. */
export async function serve(handler: Handler, options: ServeOptions): Promise<Served> {
  const scheme = options.tls === undefined ? 'http' : 'https';
  const listener = (message: IncomingMessage, outgoing: ServerResponse): void => {
    answer({ handler, scheme }, message, outgoing).catch(() => outgoing.destroy());
  };
  const server =
    options.tls === undefined
      ? createHttpServer(listener)
      : createHttpsServer(
          { key: options.tls.keyPem, cert: options.tls.certPem, minVersion: 'TLSv1.2' },
          listener,
        );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${scheme}://localhost:${port}`,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
