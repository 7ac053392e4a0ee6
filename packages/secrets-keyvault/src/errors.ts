import { AdapterError, type ErrorKind, isAdapterError } from '@tidelock/core';
import { parseRetryAfter } from '@tidelock/kit';

/** What each code means for the caller. The service's own words name callers and addresses: they never come along. */
const KIND_OF = {
  NOT_FOUND: 'not_found',
  CONFLICT: 'conflict',
  BAD_REQUEST: 'invalid',
  TOO_LARGE: 'invalid',
  CONFIG: 'invalid',
  DENIED: 'forbidden',
  LOGIN_REFUSED: 'auth',
  THROTTLED: 'rate_limited',
  UNAVAILABLE: 'unavailable',
  SERVER: 'unavailable',
  PROTOCOL: 'protocol',
  UNSUPPORTED: 'unsupported',
} as const satisfies Record<string, ErrorKind>;

export type KeyVaultErrorCode = keyof typeof KIND_OF;

export interface Failure {
  readonly operation: string;
  readonly text: string;
  readonly remedy?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

export function createFailure(code: KeyVaultErrorCode, failure: Failure): AdapterError {
  const { operation, text, ...rest } = failure;
  return new AdapterError(KIND_OF[code], `${operation}: ${text}`, { operation, code, ...rest });
}

/** What the SDK's RestError says, as far as it may be used. */
export interface Refusal {
  readonly status: number;
  /** `SecretNotFound`, `Forbidden` ... */
  readonly code: string;
  /** `ObjectIsDeletedButRecoverable`, `SecretDisabled` ...; empty where there is none. */
  readonly inner: string;
  readonly retryAfter: string | null;
  readonly requestId: string | undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

interface HeadersLike {
  get(name: string): string | undefined;
}

/** Null for an error that no answer of the service stands behind. */
export function refusalOf(error: unknown): Refusal | null {
  const status = fieldOf(error, 'statusCode');
  if (typeof status !== 'number') return null;
  const response = fieldOf(error, 'response');
  const headers = fieldOf(response, 'headers') as HeadersLike | undefined;
  const detail = fieldOf(fieldOf(error, 'details'), 'error');
  return {
    status,
    code: textOf(fieldOf(detail, 'code')) || textOf(fieldOf(error, 'code')),
    inner: textOf(fieldOf(fieldOf(detail, 'innerError'), 'code')),
    retryAfter: headers?.get('retry-after') ?? null,
    requestId: headers?.get('x-ms-request-id'),
  };
}

const CODES: Readonly<Record<number, KeyVaultErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'LOGIN_REFUSED',
  403: 'DENIED',
  404: 'PROTOCOL',
  409: 'CONFLICT',
  413: 'TOO_LARGE',
  429: 'THROTTLED',
};

const REMEDIES: Partial<Readonly<Record<KeyVaultErrorCode, string>>> = {
  DENIED: 'Give the identity the role that the README names; a new assignment takes some minutes.',
  LOGIN_REFUSED: 'Check credential and tenant; the vault accepts identities of its own tenant only.',
  THROTTLED: 'Use a vault of its own for this installation, or wait.',
  CONFLICT: 'Wait until the deleted object is recovered or purged, or choose another name.',
  UNAVAILABLE: 'Check the address of the vault, its firewall and this machine.',
  PROTOCOL: 'Check the address of the vault.',
};

/** `SecretNotFound` and `KeyNotFound` say that there is nothing; another 404 says that this is no vault. */
export function codeOf({ status, code }: Refusal): KeyVaultErrorCode {
  if (status === 404 && (code === 'SecretNotFound' || code === 'KeyNotFound')) return 'NOT_FOUND';
  return CODES[status] ?? (status >= 500 ? 'SERVER' : 'PROTOCOL');
}

const LOGIN_ERRORS = [
  'AuthenticationError',
  'CredentialUnavailableError',
  'AuthenticationRequiredError',
  'AggregateAuthenticationError',
];

export function toFailure(error: unknown, operation: string, now: number): AdapterError {
  if (isAdapterError(error)) return error;
  const refusal = refusalOf(error);
  const name = textOf(fieldOf(error, 'name'));
  if (LOGIN_ERRORS.includes(name))
    return createFailure('LOGIN_REFUSED', {
      ...{ operation, text: `no token for the vault (${name})`, status: refusal?.status },
      remedy: REMEDIES.LOGIN_REFUSED,
    });
  if (refusal === null) {
    const text = 'the vault could not be asked';
    return createFailure('UNAVAILABLE', { operation, text, remedy: REMEDIES.UNAVAILABLE });
  }
  const code = codeOf(refusal);
  const { status, requestId, inner } = refusal;
  const detail = /^[A-Za-z]{1,60}$/.test(inner) ? `${code}, ${inner}` : code;
  return createFailure(code, {
    ...{ operation, status, requestId, remedy: REMEDIES[code] },
    text: `the vault answered ${status} (${detail})`,
    retryAfterMs: parseRetryAfter(refusal.retryAfter, now),
  });
}
