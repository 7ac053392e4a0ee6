import { AdapterError, type ErrorKind, type Outcome, type RejectCode } from '@tidelock/core';
import { kindOfStatus, parseRetryAfter } from '@tidelock/kit';
import { ErrorArraySchema, toId18 } from './wire.ts';

/** One entry of Salesforce's error array. `message` echoes values and is never passed on. */
export interface ErrorEntry {
  readonly code: string;
  readonly message: string;
  readonly fields: readonly string[];
}

/** The entries of an error body; empty for anything else (HTML of a gateway). */
export function toEntries(body: unknown): readonly ErrorEntry[] {
  const parsed = ErrorArraySchema.safeParse(body);
  if (!parsed.success) return [];
  return parsed.data.map((entry) => ({
    code: toCode(entry.errorCode ?? entry.statusCode ?? ''),
    message: entry.message,
    fields: (entry.fields ?? []).filter((name) => /^[\w.]{1,80}$/.test(name)),
  }));
}

/** Codes are words in capitals; anything else could be data. */
function toCode(text: string): string {
  return /^[A-Z][A-Z0-9_]{1,80}$/.test(text) ? text : 'UNKNOWN_ERROR';
}

/** 401 whose session a new sign-in does not mend: asking again would never end. */
const NOT_MENDED = [
  'This session is not valid for use with the REST API',
  'Connected app is not attached to Agent',
];

/** A 401 that a new sign-in may mend. */
export function isSessionExpired(status: number, entries: readonly ErrorEntry[]): boolean {
  if (status !== 401) return false;
  return !entries.some((entry) => NOT_MENDED.some((text) => entry.message.includes(text)));
}

/** No Retry-After comes with a limit. The daily budget is a rolling 24 hours; the other one is about running calls. */
const DAILY_WAIT_MS = 15 * 60_000;
const CONCURRENT_WAIT_MS = 10_000;

const KINDS: Readonly<Record<string, ErrorKind>> = {
  INVALID_SESSION_ID: 'auth',
  REQUEST_LIMIT_EXCEEDED: 'rate_limited',
  SERVER_UNAVAILABLE: 'unavailable',
  QUERY_TIMEOUT: 'unavailable',
  UNABLE_TO_LOCK_ROW: 'conflict',
  API_DISABLED_FOR_ORG: 'forbidden',
  API_CURRENTLY_DISABLED: 'forbidden',
};

const REMEDIES: Readonly<Record<string, string>> = {
  INVALID_SESSION_ID:
    'Check the session policies of the app and the login IP ranges of the integration user.',
  REQUEST_LIMIT_EXCEEDED:
    'The org has used up its API requests: wait, lower "dailyShare", or buy more calls.',
  API_DISABLED_FOR_ORG: 'This edition has no API, or the integration user lacks "API Enabled".',
  INSUFFICIENT_ACCESS_OR_READONLY: 'Give the integration user the permission set of the README.',
  INSUFFICIENT_ACCESS: 'Give the integration user the permission set of the README.',
  NOT_FOUND: 'Check "apiVersion" against Setup > Apex Classes, and the right to read Contact.',
  INVALID_TYPE: 'The integration user cannot see the object: give it the permission set of the README.',
};

export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

function waitOf(answer: FailedAnswer, entries: readonly ErrorEntry[], now: number): number | undefined {
  const named = parseRetryAfter(answer.headers.get('retry-after'), now);
  if (named !== undefined) return named;
  const limit = entries.find((entry) => entry.code === 'REQUEST_LIMIT_EXCEEDED');
  if (!limit) return answer.status === 429 ? CONCURRENT_WAIT_MS : undefined;
  return /concurrent/i.test(limit.message) ? CONCURRENT_WAIT_MS : DAILY_WAIT_MS;
}

export function toRequestId(headers: Headers): string | undefined {
  const id = headers.get('x-sfdc-request-id') ?? headers.get('x-request-id');
  return id !== null && /^[\w.:-]{1,100}$/.test(id) ? id : undefined;
}

/** What an answer that is no success means for the call as a whole. */
export function toCallError(
  answer: FailedAnswer,
  { operation, now }: { readonly operation: string; readonly now: number },
): AdapterError {
  const entries = toEntries(answer.body);
  const code = entries[0]?.code;
  const kind = (code === undefined ? undefined : KINDS[code]) ?? kindOfStatus(answer.status);
  const message = `${operation}: HTTP ${answer.status}${code === undefined ? '' : ` (${code})`}`;
  return new AdapterError(kind, message, {
    operation,
    status: answer.status,
    code: code ?? `HTTP_${answer.status}`,
    requestId: toRequestId(answer.headers),
    retryAfterMs: waitOf(answer, entries, now),
    remedy: code === undefined ? undefined : REMEDIES[code],
  });
}

const REJECTIONS: Readonly<Record<string, RejectCode>> = {
  REQUIRED_FIELD_MISSING: 'required',
  STRING_TOO_LONG: 'too-long',
  FIELD_CUSTOM_VALIDATION_EXCEPTION: 'validation-rule',
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: 'validation-rule',
  CANNOT_EXECUTE_FLOW_TRIGGER: 'validation-rule',
  DELETE_FAILED: 'validation-rule',
  DEPENDENCY_EXISTS: 'validation-rule',
  DUPLICATES_DETECTED: 'duplicate-key',
  DUPLICATE_VALUE: 'duplicate-key',
  INVALID_EMAIL_ADDRESS: 'invalid',
  FIELD_INTEGRITY_EXCEPTION: 'invalid',
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: 'invalid',
  INVALID_TYPE_ON_FIELD_IN_RECORD: 'invalid',
  JSON_PARSER_ERROR: 'invalid',
  MALFORMED_ID: 'invalid',
  INVALID_CROSS_REFERENCE_KEY: 'invalid',
  NUMBER_OUTSIDE_VALID_RANGE: 'invalid',
  ENTITY_IS_LOCKED: 'permission',
  INSUFFICIENT_ACCESS: 'permission',
  INSUFFICIENT_ACCESS_OR_READONLY: 'permission',
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: 'permission',
  INVALID_FIELD_FOR_INSERT_UPDATE: 'read-only',
  INVALID_FIELD: 'unsupported',
  INACTIVE_OWNER_OR_USER: 'owner',
  TRANSFER_REQUIRES_READ: 'owner',
  OP_WITH_INVALID_USER_TYPE_EXCEPTION: 'owner',
};

/** Waits before the same item is tried again: the transaction in the way may run long. */
const LOCK_WAIT_MS = 2000;
const BUSY_WAIT_MS = 30_000;
const FULL_WAIT_MS = 3_600_000;

/** An id that is not there, or not for us: a look tells which. */
const MISSING = new Set(['ENTITY_IS_DELETED', 'NOT_FOUND', 'INVALID_CROSS_REFERENCE_KEY']);

/** `missing`: the target itself was not found; whether it is gone, merged or refused has to be read. */
export type ItemFailure = Outcome | 'missing';

function toDuplicate(entry: ErrorEntry, stampField: string): Outcome | null {
  if (entry.code !== 'DUPLICATE_VALUE') return null;
  // Two rows of one transaction: the service knows neither field nor id yet.
  const unnamed = entry.message.includes('<unknown>');
  if (!unnamed && !entry.message.includes(stampField)) return null;
  const named = /with id:?\s*(\w{15,18})\b/.exec(entry.message)?.[1];
  const id = named === undefined ? null : toId18(named);
  return id === null ? { status: 'duplicate' } : { status: 'duplicate', id };
}

/** What the errors of one row mean for it. */
export function toItemFailure(entries: readonly ErrorEntry[], stampField: string): ItemFailure {
  const entry = entries[0] ?? { code: 'UNKNOWN_ERROR', message: '', fields: [] };
  const duplicate = toDuplicate(entry, stampField);
  if (duplicate) return duplicate;
  if (entry.code === 'UNABLE_TO_LOCK_ROW')
    return { status: 'retry', kind: 'conflict', afterMs: LOCK_WAIT_MS };
  if (entry.code === 'REQUEST_LIMIT_EXCEEDED' || entry.code === 'SERVER_UNAVAILABLE') {
    return { status: 'retry', kind: 'rate_limited', afterMs: BUSY_WAIT_MS };
  }
  // The org is full: no fault of this row, and every other one will be refused as well.
  if (entry.code === 'STORAGE_LIMIT_EXCEEDED') {
    return { status: 'retry', kind: 'forbidden', afterMs: FULL_WAIT_MS };
  }
  if (MISSING.has(entry.code) && entry.fields.length === 0) return 'missing';
  const code = entry.fields.includes('OwnerId') ? 'owner' : (REJECTIONS[entry.code] ?? 'unknown');
  const property = entry.fields[0];
  const message = entry.fields.length === 0 ? entry.code : `${entry.code} on ${entry.fields.join(', ')}`;
  return { status: 'rejected', code, message, ...(property === undefined ? {} : { property }) };
}
