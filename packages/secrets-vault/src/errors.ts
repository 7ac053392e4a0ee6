import { AdapterError, type ErrorKind } from '@tidelock/core';
import { parseRetryAfter } from '@tidelock/kit';

/** What each code means for the caller. Messages name operations and codes; never a value, a token or the server's words. */
const KIND_OF = {
  NOT_FOUND: 'not_found',
  CONFLICT: 'conflict',
  BAD_REQUEST: 'invalid',
  TOO_LARGE: 'invalid',
  CONFIG: 'invalid',
  /** The token was accepted and lacks the right. */
  DENIED: 'forbidden',
  /** The login itself was refused, or the configured token is no longer good. */
  LOGIN_REFUSED: 'auth',
  THROTTLED: 'rate_limited',
  SEALED: 'unavailable',
  UNAVAILABLE: 'unavailable',
  SERVER: 'unavailable',
  CLOSED: 'unavailable',
  PROTOCOL: 'protocol',
} as const satisfies Record<string, ErrorKind>;

export type VaultErrorCode = keyof typeof KIND_OF;

export interface Failure {
  readonly operation: string;
  readonly text: string;
  readonly remedy?: string | undefined;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

export function createFailure(code: VaultErrorCode, failure: Failure): AdapterError {
  const { operation, text, ...rest } = failure;
  return new AdapterError(KIND_OF[code], `${operation}: ${text}`, { operation, code, ...rest });
}

export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly errors: readonly string[];
}

const CODES: Readonly<Record<number, VaultErrorCode>> = {
  403: 'DENIED',
  404: 'NOT_FOUND',
  412: 'UNAVAILABLE',
  413: 'TOO_LARGE',
  429: 'THROTTLED',
  501: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
};

const REMEDIES: Partial<Readonly<Record<VaultErrorCode, string>>> = {
  DENIED: 'Give the policy of the token the right that this needs; the README has the whole policy.',
  CONFIG: 'Correct namespace, mount and path in the configuration, or enable the engine there.',
  THROTTLED: 'Raise the quota of the secret store, or wait.',
  SEALED: 'Unseal the secret store.',
  UNAVAILABLE: 'Check that the secret store runs, is initialized and has an active node.',
  SERVER: "Look into the secret store's own log.",
  PROTOCOL: 'Check that the address is that of the secret store itself.',
};

/** The service has no error codes, so a few of its texts have to be recognised; none of them is passed on. */
export function codeOf({ status, errors }: Pick<Refusal, 'status' | 'errors'>): VaultErrorCode {
  const says = (text: string): boolean => errors.some((error) => error.includes(text));
  if (status === 400 && says('check-and-set parameter did not match')) return 'CONFLICT';
  if (status === 503 && says('sealed')) return 'SEALED';
  // An empty list is the service's way to say that there is nothing. With words it is a route or a namespace it does not have.
  if (status === 404 && errors.length > 0) return 'CONFIG';
  return CODES[status] ?? (status >= 500 ? 'SERVER' : 'BAD_REQUEST');
}

export function toFailure(refusal: Refusal, operation: string, now: number): AdapterError {
  const code = codeOf(refusal);
  return createFailure(code, {
    operation,
    text: `the secret store answered ${refusal.status} (${code})`,
    remedy: REMEDIES[code],
    status: refusal.status,
    retryAfterMs: parseRetryAfter(refusal.headers.get('retry-after'), now),
  });
}
