import type { AdapterError, ErrorKind, Outcome, RejectCode } from '@tidelock/core';
import { errorFromResponse, type HttpResponse } from '@tidelock/kit';
import type { WireResult } from './wire.ts';

/** What kit cannot know: this service says "gone" of cursors only. */
const KINDS: Readonly<Record<number, ErrorKind>> = { 410: 'cursor_expired' };

/**
 * What an answer that is no success means for the call as a whole. kit knows the statuses; add what is this vendor's
 * own. Bodies are not read into messages: they can hold people's data.
 */
export function toCallError(
  { status, headers }: HttpResponse,
  { operation, now }: { readonly operation: string; readonly now: number },
): AdapterError {
  return errorFromResponse({ status, headers }, { operation, now, kind: KINDS[status] });
}

const CODES: Readonly<Record<string, RejectCode>> = {
  too_long: 'too-long',
  required: 'required',
  invalid: 'invalid',
};

/** What the refusal of one item means for it. `message` names fields and codes, never values. */
export function toRefusal({ status, code = 'unknown', field, id }: WireResult): Outcome {
  if (status === 404) return { status: 'gone' };
  if (status === 412) return { status: 'conflict' };
  if (status === 409) return { status: 'duplicate', ...(id === undefined ? {} : { id }) };
  return {
    status: 'rejected',
    code: CODES[code] ?? 'unknown',
    message: field === undefined ? code : `${code} on ${field}`,
    ...(field === undefined ? {} : { property: field }),
  };
}
