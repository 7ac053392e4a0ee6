import { AdapterError, type ErrorKind } from '@tidelock/core';

const HOUR_MS = 3_600_000;

const KINDS: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'auth',
  403: 'forbidden',
  404: 'not_found',
  408: 'unavailable',
  409: 'conflict',
  410: 'not_found',
  412: 'conflict',
  413: 'invalid',
  414: 'invalid',
  422: 'invalid',
  429: 'rate_limited',
};

/** What an HTTP status means where the vendor's own code says nothing better. */
export function kindOfStatus(status: number): ErrorKind {
  return KINDS[status] ?? (status >= 500 && status <= 599 ? 'unavailable' : 'protocol');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HTTP_DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/** `Mon, 23 Nov 2026 12:00:30 GMT` (RFC 9110) to milliseconds since the epoch. */
export function parseHttpDate(value: string): number | undefined {
  const [, day, month = '', year, hour, minute, second] = HTTP_DATE.exec(value) ?? [];
  const index = MONTHS.indexOf(month);
  if (index < 0) return undefined;
  return Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second));
}

/**
 * `Retry-After` (RFC 9110: seconds or an HTTP date) as milliseconds from `now`, clamped to [0, 1 h]. `undefined` when
 * absent or unreadable, which is not the same as 0.
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  const at = /^\d+(\.\d+)?$/.test(text) ? now + Number(text) * 1000 : parseHttpDate(text);
  return at === undefined ? undefined : Math.min(HOUR_MS, Math.max(0, at - now));
}

export interface ResponseErrorDetails {
  readonly operation: string;
  readonly code?: string | undefined;
  /** For people; never the vendor's message, which can echo what was sent. Default: operation and status. */
  readonly message?: string | undefined;
  readonly remedy?: string | undefined;
  /** Where the vendor's code says more than the status. */
  readonly kind?: ErrorKind | undefined;
  readonly requestId?: string | undefined;
  /** Wall clock, for a `Retry-After` that is a date. */
  readonly now: number;
}

export function errorFromResponse(
  response: { readonly status: number; readonly headers: Headers },
  details: ResponseErrorDetails,
): AdapterError {
  const { operation, code, remedy, requestId, now } = details;
  const { status } = response;
  const message = details.message ?? `${operation}: HTTP ${status}${code === undefined ? '' : ` (${code})`}`;
  return new AdapterError(details.kind ?? kindOfStatus(status), message, {
    operation,
    status,
    code,
    remedy,
    requestId,
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), now),
  });
}
