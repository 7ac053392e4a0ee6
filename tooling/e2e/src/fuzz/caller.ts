import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { FuzzedRequest } from './requests.ts';

export interface Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly ms: number;
}

/** Whoever is not answered by then waits for nothing. */
const LONGEST_MS = 60_000;

/** Bytes of an answer that are read; of the audit trail there is more and more. */
const MOST_READ = 2 ** 20;

/** Requests over sockets that stay open. A stream is left once it began, and what is long before its end. */
export function createCaller(origin: string, sockets: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  return {
    ask(
      { method, path, body }: FuzzedRequest,
      own: Readonly<Record<string, string | undefined>>,
    ): Promise<Heard> {
      const text = body === undefined || method === 'GET' ? undefined : JSON.stringify(body);
      const given = Object.entries(own).filter((pair): pair is [string, string] => pair[1] !== undefined);
      const headers = {
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...Object.fromEntries(given),
      };
      const began = performance.now();
      return new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(LONGEST_MS);
        const sent = request(`${origin}${path}`, { agent, method, headers, signal }, (answer) => {
          const parts: Buffer[] = [];
          const end = (): void =>
            resolve({
              ...{ status: answer.statusCode ?? 0, headers: answer.headers },
              ...{ text: Buffer.concat(parts).toString(), ms: performance.now() - began },
            });
          const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
          let read = 0;
          answer.on('data', (part: Buffer) => {
            parts.push(part);
            read += part.length;
            if (isStream || read > MOST_READ) answer.destroy();
          });
          answer.on('close', end);
        });
        sent.on('error', reject);
        sent.end(text);
      });
    },
    close: () => agent.destroy(),
  };
}
