import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

/** The server's own words about what a page may load. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/** What the server answers instead of a document. */
export class FakeRefusal {
  readonly status: number;
  readonly problem: object;

  constructor(status: number, problem: object) {
    this.status = status;
    this.problem = problem;
  }
}

export type FakeRoute = (request: FakeRequest) => unknown;

/** `GET /status` -> its document, or what makes it; a star stands for one part of the path. */
export type FakeRoutes = Readonly<Record<string, unknown>>;

export interface FakeRequest {
  readonly url: URL;
  readonly body: unknown;
}

export interface FakeServer extends AsyncDisposable {
  readonly origin: string;
  /** What was asked for and has no document. */
  readonly unknown: string[];
  /** Sends a line to every open stream of events. */
  tell(event: { readonly type: string }): void;
  readonly acts: { readonly method: string; readonly path: string; readonly body: unknown }[];
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

function sendFile(folder: string, path: string, response: ServerResponse): void {
  const name = path.startsWith('/assets/') && !path.includes('..') ? path : '/index.html';
  if (!existsSync(join(folder, name))) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
  response.end(readFileSync(join(folder, name)));
}

interface Stage {
  readonly folder: string;
  readonly routes: FakeRoutes;
  readonly streams: Set<ServerResponse>;
  readonly unknown: string[];
  readonly acts: FakeServer['acts'];
}

function openStream({ streams }: Stage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(':\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

const nothing = new FakeRefusal(404, { detail: 'There is nothing at this address.' });

function documentFor({ routes, unknown }: Stage, asked: string, request: FakeRequest): unknown {
  const key = Object.keys(routes).find((route) => matches(route, asked));
  if (key === undefined) unknown.push(asked);
  const document = key === undefined ? undefined : routes[key];
  if (document === undefined) return nothing;
  return typeof document === 'function' ? (document as FakeRoute)(request) : document;
}

async function answer(stage: Stage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('content-security-policy', POLICY);
  if (!url.pathname.startsWith('/api/')) return sendFile(stage.folder, url.pathname, response);
  const path = url.pathname.replace('/api/v1', '');
  if (path === '/events') return openStream(stage, response);
  const method = request.method ?? 'GET';
  const body = await bodyOf(request);
  if (method !== 'GET') stage.acts.push({ method, path, body });
  const document = documentFor(stage, `${method} ${path}`, { url, body });
  const isRefusal = document instanceof FakeRefusal;
  response.writeHead(isRefusal ? document.status : 200, {
    'content-type': isRefusal ? 'application/problem+json' : 'application/json',
  });
  response.end(JSON.stringify(isRefusal ? document.problem : (document ?? null)));
}

/** The page with documents behind it, under the server's policy. */
export async function startFakeServer(folder: string, routes: FakeRoutes): Promise<FakeServer> {
  const stage: Stage = { folder, routes, streams: new Set(), unknown: [], acts: [] };
  let events = 0;
  const server = createServer((request, response) => void answer(stage, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    unknown: stage.unknown,
    acts: stage.acts,
    tell(event) {
      events += 1;
      const { type, ...data } = event;
      for (const stream of stage.streams)
        stream.write(`id: ${events}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    async [Symbol.asyncDispose]() {
      for (const stream of stage.streams) stream.end();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** `*` stands for one part of a path. */
function matches(route: string, asked: string): boolean {
  const parts = asked.split('/');
  const wanted = route.split('/');
  return (
    wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index])
  );
}
