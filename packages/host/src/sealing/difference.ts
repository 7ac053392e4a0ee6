import type { Fields, FieldValue } from '@tidelock/core';

/** Fields as what differs from other ones, and the names that only those have. */
export type Difference = readonly [changed: Fields, missing: readonly string[]];

const isSame = (x: FieldValue | undefined, y: FieldValue | undefined): boolean =>
  x === y || (typeof x === 'object' && typeof y === 'object' && JSON.stringify(x) === JSON.stringify(y));

/** The two sides of a pair mostly show the same, and a write sends mostly what its source shows: sealed and stored once. */
export function differenceOf(fields: Fields, base: Fields): Difference {
  const changed: Record<string, FieldValue> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value !== undefined && (!Object.hasOwn(base, name) || !isSame(value, base[name])))
      changed[name] = value;
  }
  const missing = Object.keys(base).filter(
    (name) => !Object.hasOwn(fields, name) || fields[name] === undefined,
  );
  return [changed, missing];
}

export function withDifference(base: Fields, [changed, missing]: Difference): Fields {
  const fields = { ...base, ...changed };
  for (const name of missing) delete (fields as Record<string, FieldValue>)[name];
  return fields;
}
