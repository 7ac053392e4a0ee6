import type { FieldValue } from './schema.ts';

/** One immutable version of a record. Fields that are null are absent from `values`. */
export interface Row {
  readonly id: string;
  /** SystemModstamp, epoch milliseconds in whole seconds. */
  readonly stamp: number;
  readonly values: Readonly<Record<string, FieldValue>>;
}

export function storedValue(row: Row, name: string): FieldValue {
  return row.values[name] ?? null;
}

export function isDeleted(row: Row): boolean {
  return row.values.IsDeleted === true;
}
