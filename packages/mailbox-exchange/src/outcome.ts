import type { AdapterError, Fields, FieldValue, Outcome, RejectCode, Write, WriteNote } from '@tidelock/core';
import { isItemGone, isRefusal } from './errors.ts';

const TOO_LONG = /toolong|toobig|toolarge|maxlength|exceeds|requestentitytoolarge/i;

/** An event was created before with the transaction of this one. */
const USED_TRANSACTION = /^ErrorDuplicateTransactionId$/i;

function rejectCode(error: AdapterError): RejectCode {
  if (error.kind === 'forbidden') return 'permission';
  if (error.status === 413 || TOO_LONG.test(error.code ?? '')) return 'too-long';
  if (/quota/i.test(error.code ?? '')) return 'unknown';
  return error.kind === 'unsupported' ? 'unsupported' : 'invalid';
}

/**
 * What became of one write that failed. `sent` false: certainly not executed. 429, and 503 that names a wait or says
 * "busy", are refusals ahead of execution; any other 5xx, a lost or a missing answer leaves it open.
 */
export function toOutcome(
  op: Write['op'],
  error: AdapterError,
  given: { readonly sent: boolean; readonly noun: string },
): Outcome {
  const { sent, noun } = given;
  const { kind, retryAfterMs } = error;
  if (op !== 'create' && isItemGone(error)) return { status: 'gone' };
  if (op === 'create' && USED_TRANSACTION.test(error.code ?? '')) return { status: 'duplicate' };
  if (kind === 'conflict') return { status: 'conflict' };
  if (isRefusal(error) || !sent || kind === 'auth' || kind === 'not_found') {
    return { status: 'retry', kind, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
  }
  if (kind === 'unavailable' || kind === 'protocol') return { status: 'unknown', kind };
  const said = error.code ?? `HTTP ${error.status ?? 0}`;
  return {
    status: 'rejected',
    code: rejectCode(error),
    message: `the service refused the ${noun} (${said})`,
  };
}

const PARTS = ['street', 'city', 'state', 'postalCode', 'country'] as const;

/** One text for values that mean the same. */
function comparable(value: FieldValue | undefined): string {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'string') return value.replaceAll('\r\n', '\n');
  if (Array.isArray(value)) return JSON.stringify([...new Set(value)].sort());
  const parts = PARTS.map((part) => (value as Readonly<Record<string, unknown>>)[part] ?? '');
  return parts.every((part) => part === '') ? '' : JSON.stringify(parts);
}

/** Properties that the store shows otherwise than they were written: a blank in front of another value moved it up. */
export function notesOf(written: Fields, shown: Fields): readonly WriteNote[] {
  return Object.keys(written)
    .filter((property) => {
      const value = written[property];
      if (!(property in shown) || value === shown[property]) return false;
      return comparable(value) !== comparable(shown[property]);
    })
    .map((property) => ({ property, code: 'projected' }));
}
