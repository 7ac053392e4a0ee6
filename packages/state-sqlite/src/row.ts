import type { SQLOutputValue } from 'node:sqlite';
import { AdapterError } from '@tidelock/core/errors';

export type Row = Readonly<Record<string, SQLOutputValue>>;

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
  return int(row, column) !== 0;
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw unexpected(column);
  return value;
}

/** A value of a closed set; CHECK constraints keep the column inside it. */
export function word<T extends string>(row: Row, column: string): T {
  return text(row, column) as T;
}

/** JSON that this adapter wrote itself, in the shape that `T` names. */
export function parseJson<T>(value: SQLOutputValue | undefined, column: string): T {
  try {
    return JSON.parse(value as string) as T;
  } catch {
    throw unexpected(column);
  }
}

export function json<T>(row: Row, column: string): T {
  return parseJson(text(row, column), column);
}

export function jsonOrNull<T>(row: Row, column: string): T | null {
  return row[column] === null ? null : json<T>(row, column);
}

export function toJson(value: unknown): string {
  return JSON.stringify(value);
}

export function toJsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

export function toBit(value: boolean): number {
  return value ? 1 : 0;
}
