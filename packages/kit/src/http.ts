import { AdapterError, type Clock, type Fetch, isAdapterError } from '@tidelock/core';
import { withDeadline } from './deadline.ts';
import type { Pacer } from './pacing.ts';
import { parseRetryAfter } from './status.ts';

export interface HttpRequest {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Overrides the client's time-out. Time spent waiting for the pacer does not count. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Never throws for a status. Errors: `forbidden` code `host` (not allowed, nothing sent), `protocol` code `redirect`
 * or `too-large`, `unavailable` code `unreached` (nothing was sent), `network`, `timeout` or `aborted`. No message holds a
 * URL.
 */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** 429 and 503 with `Retry-After` penalize it. */
  readonly pacer?: Pacer | undefined;
  /** Until the whole body is read. Default 60 s. */
  readonly timeoutMs?: number | undefined;
  /** Of the decoded body. Default 32 MiB. */
  readonly maxBytes?: number | undefined;
  /** Hosts as in a URL, with the port where it is not the scheme's own. Absent: any. */
  readonly allowHosts?: readonly string[] | undefined;
}

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 32 * 1024 * 1024;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

interface Exchange {
  readonly operation: string;
  readonly url: string | URL;
  readonly init: RequestInit;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Failures of the network before anything could be sent. */
const UNREACHED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The system's name of a network failure (`ECONNREFUSED`), which says nothing about the request; else ''. */
function systemCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : '';
}

function toNetworkError(error: unknown, operation: string, signal: AbortSignal | undefined): AdapterError {
  if (isAdapterError(error)) return error;
  if (signal?.aborted) {
    return new AdapterError('unavailable', `${operation}: aborted`, { operation, code: 'aborted' });
  }
  const system = systemCode(error);
  const message = `${operation}: no connection${system === '' ? '' : ` (${system})`}`;
  const code = UNREACHED.has(system) ? 'unreached' : 'network';
  return new AdapterError('unavailable', message, { operation, code });
}

function requireAllowed(url: string | URL, operation: string, hosts: readonly string[] | undefined): void {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (!parsed) throw new AdapterError('invalid', `${operation}: not a URL`, { operation, code: 'url' });
  if (!hosts || hosts.some((host) => host.toLowerCase() === parsed.host)) return;
  throw new AdapterError('forbidden', `${operation}: requests to ${parsed.host} are not allowed`, {
    operation,
    code: 'host',
  });
}

function refuseRedirect(response: Response, operation: string): void {
  if (!REDIRECTS.has(response.status) && response.type !== 'opaqueredirect' && !response.redirected) return;
  throw new AdapterError('protocol', `${operation}: redirects are not followed`, {
    operation,
    code: 'redirect',
    status: response.status,
  });
}

async function readBody(
  response: Response,
  operation: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) {
      throw new AdapterError('protocol', `${operation}: answer larger than ${maxBytes} bytes`, {
        operation,
        code: 'too-large',
        status: response.status,
      });
    }
    chunks.push(part);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of chunks) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}

function createExchange(options: HttpOptions): (exchange: Exchange) => Promise<Answer> {
  const { fetch, clock, pacer, allowHosts, maxBytes = MAX_BYTES } = options;

  const perform = async (exchange: Exchange, signal: AbortSignal): Promise<Answer> => {
    const { operation } = exchange;
    const response = await fetch(exchange.url, { ...exchange.init, redirect: 'manual', signal });
    try {
      refuseRedirect(response, operation);
      const bytes = await readBody(response, operation, maxBytes);
      return { status: response.status, headers: response.headers, bytes };
    } catch (error) {
      await response.body?.cancel().catch(() => {});
      throw error;
    }
  };

  const penalize = (answer: Answer): void => {
    if (!pacer || (answer.status !== 429 && answer.status !== 503)) return;
    const wait = parseRetryAfter(answer.headers.get('retry-after'), clock.now());
    if (wait !== undefined) pacer.penalize(wait);
  };

  return async (exchange) => {
    const { operation, signal } = exchange;
    requireAllowed(exchange.url, operation, allowHosts);
    const ms = exchange.timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS;
    const once = async (): Promise<Answer> => {
      const answer = await withDeadline((inner) => perform(exchange, inner), {
        clock,
        ms,
        operation,
        signal,
      });
      penalize(answer);
      return answer;
    };
    try {
      return await (pacer ? pacer.run(once, { signal }) : once());
    } catch (error) {
      throw toNetworkError(error, operation, signal);
    }
  };
}

export function createHttp(options: HttpOptions): Http {
  const exchange = createExchange(options);
  const decoder = new TextDecoder();
  return {
    async send({ operation, method, url, headers, body, timeoutMs, signal }) {
      const content = body instanceof Uint8Array ? new Uint8Array(body) : body;
      const init: RequestInit = { method, headers: { ...headers }, body: content ?? null };
      const answer = await exchange({ operation, url, init, timeoutMs, signal });
      return { status: answer.status, headers: answer.headers, text: decoder.decode(answer.bytes) };
    },
  };
}

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** The same guards as a `fetch`, to hand to a vendor's SDK. It throws what `Http.send` throws. */
export function createGuardedFetch(options: HttpOptions & { readonly operation: string }): Fetch {
  const exchange = createExchange(options);
  return async (input, init = {}) => {
    const { signal, ...rest } = init;
    const answer = await exchange({
      operation: options.operation,
      url: input,
      init: rest,
      signal: signal ?? undefined,
    });
    const { status, headers } = answer;
    // Content-Encoding and Content-Length describe the bytes on the wire, which are decoded by now.
    const plain = new Headers(headers);
    plain.delete('content-encoding');
    plain.delete('content-length');
    return new Response(WITHOUT_BODY.has(status) ? null : answer.bytes, { status, headers: plain });
  };
}
