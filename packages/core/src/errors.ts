/**
 * What can be done about a failure, not what class it was. The set is closed: the engine's policy is a record over
 * it, so a new kind does not compile until somebody decided what happens to it.
 *
 * - `auth`: the credential was refused (401, token endpoint). A new credential or consent is needed.
 * - `forbidden`: the credential is good, the right is missing (403 for one mailbox, object or field).
 * - `not_found`: the remote *said* that the thing does not exist (404, 410). Never used for "could not tell".
 * - `conflict`: a precondition did not hold (412, stale version).
 * - `invalid`: the remote or a schema refused the data; repeating the same input cannot help.
 * - `rate_limited`: refused before it was executed; `retryAfterMs` is binding where present.
 * - `unavailable`: time-out, reset, 5xx: for a write the outcome is unknown.
 * - `cursor_expired`: the feed's cursor is dead; a full enumeration is needed.
 * - `unsupported`: the adapter declared that it cannot do this.
 * - `protocol`: the remote answered something that its contract excludes (a page without cursor, a loop of pages).
 */
export const ERROR_KINDS = [
  'auth',
  'forbidden',
  'not_found',
  'conflict',
  'invalid',
  'rate_limited',
  'unavailable',
  'cursor_expired',
  'unsupported',
  'protocol',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/**
 * Who can mend it. `tenant`: the customer's administrator. `operator`: whoever runs this installation, so no customer's
 * connection is at fault. `service`: waiting mends it. `consent`: whoever stands at the consent page.
 */
export type Party = 'tenant' | 'operator' | 'service' | 'consent';

export interface AdapterErrorDetails {
  /** What was being done, in the adapter's own words: `contacts.delta`, `token.acquire`. No ids of people. */
  readonly operation: string;
  /** HTTP status, where there was one. */
  readonly status?: number | undefined;
  /** The vendor's machine-readable code (`ErrorItemNotFound`, `AADSTS700027`), never its message. */
  readonly code?: string | undefined;
  /** The vendor's request id, for a support ticket. */
  readonly requestId?: string | undefined;
  /** Milliseconds to wait before the same connection is used again. */
  readonly retryAfterMs?: number | undefined;
  /** One sentence that tells a person what to do. */
  readonly remedy?: string | undefined;
  /** Where the adapter knows it. */
  readonly party?: Party | undefined;
  readonly cause?: unknown;
}

/**
 * The only error that an adapter lets out. It never carries a body, a header, a query string, a secret or anything
 * about a person: messages reach logs and screens.
 */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly kind: ErrorKind;
  readonly operation: string;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly remedy: string | undefined;
  readonly party: Party | undefined;

  constructor(kind: ErrorKind, message: string, details: AdapterErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.operation = details.operation;
    this.status = details.status;
    this.code = details.code;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
    this.remedy = details.remedy;
    this.party = details.party;
  }
}

export function isAdapterError(error: unknown): error is AdapterError {
  return (
    error instanceof AdapterError ||
    (error instanceof Error && error.name === 'AdapterError' && 'kind' in error)
  );
}

/** One thing wrong with something a person wrote: where, why, and how to mend it. Problems are reported all at once. */
export interface Problem {
  /** Path inside the document, `crm.options.loginUrl`, or a file name. */
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Bad input by a person (configuration, mapping, a file): carries every problem found, not only the first. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];

  constructor(summary: string, problems: readonly Problem[]) {
    super(summary);
    this.problems = problems;
  }
}
