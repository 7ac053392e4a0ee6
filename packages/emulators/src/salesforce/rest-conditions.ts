import { badRequest } from './api-error.ts';
import { fromHttpDate, toHttpDate, toWholeSecond } from './datetime.ts';
import { type ApiCall, empty, type Reply } from './reply.ts';
import { type Row, storedValue } from './row.ts';

function headerDate(call: ApiCall, name: string): number | undefined {
  const text = call.headers[name];
  if (text === undefined) return undefined;
  const ms = fromHttpDate(text);
  if (ms === undefined)
    throw badRequest('INVALID_HEADER', `The value of the ${name} header is not a valid HTTP date`);
  return ms;
}

export function lastModifiedOf(row: Row): number {
  return Number(storedValue(row, 'LastModifiedDate'));
}

/** 412 when the row was changed after `If-Unmodified-Since`. Whole seconds, compared with LastModifiedDate. */
export function unmodifiedOrReply(call: ApiCall, row: Row): Reply | undefined {
  const since = headerDate(call, 'if-unmodified-since');
  return since !== undefined && lastModifiedOf(row) > since ? empty(412) : undefined;
}

/** 304 when nothing was changed after `If-Modified-Since`. */
export function modifiedOrReply(
  call: ApiCall,
  changedAt: number,
  headers: Record<string, string> = {},
): Reply | undefined {
  const since = headerDate(call, 'if-modified-since');
  if (since === undefined || toWholeSecond(changedAt) > since) return undefined;
  return empty(304, { ...headers, 'last-modified': toHttpDate(changedAt) });
}
