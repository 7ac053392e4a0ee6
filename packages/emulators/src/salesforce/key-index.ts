import { type Row, storedValue } from './row.ts';
import type { FieldDefinition, FieldValue, ObjectDefinition } from './schema.ts';

/** Hash indexes over the unique, external id and look-up fields of one object; null is not indexed. */
export interface KeyIndexes {
  create(field: FieldDefinition, rows: Iterable<Row>): void;
  has(field: FieldDefinition): boolean;
  find(field: FieldDefinition, value: FieldValue): readonly string[];
  add(row: Row): void;
  /** Takes the keys of a version out, but for those that the kept version of the same row has too. */
  drop(row: Row, kept: Row | undefined): void;
}

interface KeyIndex {
  readonly field: FieldDefinition;
  readonly ids: Map<string, string[]>;
}

function keyOf(field: FieldDefinition, value: FieldValue): string | undefined {
  if (value === null) return undefined;
  return field.caseSensitive ? String(value) : String(value).toLowerCase();
}

function addKey({ field, ids }: KeyIndex, row: Row): void {
  const key = keyOf(field, storedValue(row, field.name));
  if (key === undefined) return;
  const known = ids.get(key);
  if (known === undefined) ids.set(key, [row.id]);
  else if (!known.includes(row.id)) known.push(row.id);
}

function dropKey({ field, ids }: KeyIndex, row: Row, kept: Row | undefined): void {
  const key = keyOf(field, storedValue(row, field.name));
  if (key === undefined) return;
  if (kept !== undefined && keyOf(field, storedValue(kept, field.name)) === key) return;
  const rest = (ids.get(key) ?? []).filter((id) => id !== row.id);
  if (rest.length === 0) ids.delete(key);
  else ids.set(key, rest);
}

export function createKeyIndexes(object: ObjectDefinition): KeyIndexes {
  const indexes = new Map<string, KeyIndex>();
  const create = (field: FieldDefinition, rows: Iterable<Row>): void => {
    const index: KeyIndex = { field, ids: new Map() };
    for (const row of rows) addKey(index, row);
    indexes.set(field.name, index);
  };
  for (const field of object.fields) {
    if (field.type !== 'id' && (field.unique || field.externalId || field.idLookup)) create(field, []);
  }
  return {
    create,
    has: (field) => indexes.has(field.name),
    find(field, value) {
      const key = keyOf(field, value);
      return key === undefined ? [] : (indexes.get(field.name)?.ids.get(key) ?? []);
    },
    add(row) {
      for (const index of indexes.values()) addKey(index, row);
    },
    drop(row, kept) {
      for (const index of indexes.values()) dropKey(index, row, kept);
    },
  };
}
