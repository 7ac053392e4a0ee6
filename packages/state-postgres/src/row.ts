import { AdapterError } from '@tidelock/core';

/** As `database-session.ts` parses it: bigint as number, jsonb as value, bytea as bytes. */
export type Row = Readonly<Record<string, unknown>>;

function unexpected(column: string): AdapterError {
  return new AdapterError('invalid', `The database holds a row whose column "${column}" cannot be read.`, {
    operation: 'state.read',
    remedy: 'Restore the latest backup: the row was not written by this adapter.',
  });
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function int(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw unexpected(column);
  return value;
}

export function intOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : int(row, column);
}

export function bool(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value !== 'boolean') throw unexpected(column);
  return value;
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw unexpected(column);
  return new Uint8Array(value);
}

/** A value of a closed set; CHECK constraints keep the column inside it. */
export function word<T extends string>(row: Row, column: string): T {
  return text(row, column) as T;
}

/** JSON that this adapter wrote itself, in the shape that `T` names. NULL stands for JSON's null too. */
export function json<T>(row: Row, column: string): T {
  const value = row[column];
  if (value === undefined) throw unexpected(column);
  return value as T;
}
