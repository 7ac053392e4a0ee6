import type { ApiError } from './api-error.ts';
import type { Session } from './sessions.ts';

/** An API request, outer or inner. */
export interface ApiCall {
  readonly method: string;
  /** Path with its query string. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
}

/** An answer before it is put on the wire. `undefined` body means none. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Caller {
  readonly session: Session;
  /** As in the path: `v66.0`. */
  readonly version: string;
  /** Where this caller's identity is served. */
  readonly identityUrl: string;
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body };
}

export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers };
}

export function toErrorReply(error: ApiError): Reply {
  return json(error.status, error.entries);
}

export function toApiCall(
  method: string,
  url: string,
  more: { headers: Record<string, string>; body: unknown },
): ApiCall {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const path = (at < 0 ? url : url.slice(0, at)).replace(/\/+$/, '');
  const override = method === 'POST' ? query.get('_HttpMethod') : null;
  return { method: (override ?? method).toUpperCase(), url, path, query, ...more };
}
