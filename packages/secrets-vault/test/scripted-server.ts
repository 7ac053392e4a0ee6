import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface Scripted {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers by hand instead. */
  readonly raw?: (response: ServerResponse) => void;
}

export interface ScriptedServer {
  readonly address: string;
  readonly seen: Seen[];
  /** Answers in this order; the last one goes on. */
  script(...answers: readonly Scripted[]): void;
  close(): Promise<void>;
}

async function read(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request) text += part;
  return text === '' ? null : JSON.parse(text);
}

function write(response: ServerResponse, { status, body, headers, raw }: Scripted): void {
  if (raw !== undefined) {
    raw(response);
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined || body === null ? '' : JSON.stringify(body));
}

/** A server on the loopback interface that answers as it is told and remembers what it was asked. */
export async function startScripted(): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  let answers: Scripted[] = [];
  const server = createServer(async (request, response) => {
    const body = await read(request);
    seen.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
    const next = answers.length > 1 ? answers.shift() : answers[0];
    write(response, next ?? { status: 500, body: { errors: ['nothing was scripted'] } });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    address: `http://127.0.0.1:${address.port}`,
    seen,
    script(...next) {
      answers = [...next];
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
