import {
  AdapterError,
  type AdapterErrorDetails,
  type CallOptions,
  type ErrorKind,
  type FieldValue,
  type ReadResult,
  type StoreCapabilities,
  type StoreRecord,
} from '@tidelock/core';
import { catalogueOf } from './calendar.ts';
import { Refusal, type Row } from './server.ts';

const KIND_OF: Readonly<Record<number, ErrorKind>> = { 401: 'auth', 403: 'forbidden', 429: 'rate_limited' };
export function kindOf(error: unknown): ErrorKind {
  return error instanceof Refusal ? (KIND_OF[error.status] ?? 'unavailable') : 'unavailable';
}

export function toError(error: unknown, operation: string): AdapterError {
  if (error instanceof AdapterError) return error;
  if (!(error instanceof Refusal))
    return new AdapterError('unavailable', `${operation}: no answer`, { operation });
  const details: AdapterErrorDetails = { operation, status: error.status, retryAfterMs: error.retryAfterMs };
  return new AdapterError(kindOf(error), `${operation}: status ${error.status}`, details);
}

export function assertRunning(options: CallOptions | undefined, operation: string): void {
  const signal = options?.signal;
  if (!signal?.aborted) return;
  throw new AdapterError('unavailable', `${operation}: aborted`, { operation, cause: signal.reason });
}

/** What all copies of an event have in common; the reference server has one of each. */
export const sharedOf = (id: string): string => `uid-${id}`;

/** `foreign`: it belongs to somebody else. */
export function toRecord(row: Row, capabilities: StoreCapabilities, foreign = false): StoreRecord {
  const shown: Record<string, FieldValue> = {};
  for (const property of Object.keys(catalogueOf(capabilities)))
    shown[property] = row.fields[property] ?? null;
  return {
    id: row.id,
    version: `v${row.version}`,
    mono: String(row.seq).padStart(12, '0'),
    fields: shown,
    stamp: row.stamp,
    modifiedAt: row.at,
    ...(capabilities.modifiedBy ? { modifiedBy: row.by } : {}),
    ...(capabilities.events ? { shared: sharedOf(row.id) } : {}),
    ...(foreign ? { writable: false } : {}),
  };
}

export function toResult(
  id: string,
  row: Row | undefined,
  of: { readonly capabilities: StoreCapabilities; readonly foreign: boolean },
): ReadResult {
  const { capabilities, foreign } = of;
  if (row?.state === 'merged') {
    return capabilities.merges && row.into !== null
      ? { state: 'merged', id, into: row.into }
      : { state: 'gone', id };
  }
  if (row === undefined || row.state === 'deleted') return { state: 'gone', id };
  const record = toRecord(row, capabilities, foreign);
  return row.state === 'out' ? { state: 'out', id, record } : { state: 'found', id, record };
}
