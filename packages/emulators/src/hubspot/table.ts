import type { Property } from './property.ts';
import { compareIds, type Row } from './row.ts';
import { createSearchIndex, type SearchIndex } from './search-index.ts';
import type { ObjectType } from './standard-objects.ts';

/** Undo steps of one all-or-nothing batch, run last to first. */
export type Journal = (() => void)[];

export interface Put {
  readonly now: number;
  /** When the search index shows the version. */
  readonly searchableAt: number;
  readonly journal?: Journal | undefined;
}

/** The records of one object type: the database itself, read at once, and the index that searches see later. */
export interface Table {
  readonly type: ObjectType;
  readonly properties: Map<string, Property>;
  /** The record an id stands for now: after a merge the old ids stand for the record they went into. */
  get(id: string): Row | undefined;
  put(row: Row, put: Put): void;
  /** Forgets a record for good. */
  remove(id: string, put: Put): void;
  /** From now on `id` stands for `into`. */
  redirect(id: string, into: string): void;
  /** Living record with this value in `email` or a unique property. */
  holderOf(property: string, value: string): Row | undefined;
  /** In id order, from `from` on. */
  page(at: { readonly archived: boolean; readonly from: string; readonly limit: number }): Row[];
  rows(): Iterable<Row>;
  readonly index: SearchIndex;
  addProperty(property: Property): void;
}

const fold = (value: string): string => value.trim().toLowerCase();

/** Every address of a contact keeps others from having it. */
function keysOf(table: { readonly properties: Map<string, Property> }, row: Row): string[] {
  if (row.archivedAt !== null) return [];
  const keys: string[] = [];
  for (const [name, value] of Object.entries(row.values)) {
    if (name === 'email') keys.push(`email\u0000${fold(value)}`);
    else if (name === 'hs_additional_emails')
      keys.push(...value.split(';').map((email) => `email\u0000${fold(email)}`));
    else if (table.properties.get(name)?.hasUniqueValue === true) keys.push(`${name}\u0000${fold(value)}`);
  }
  return keys;
}

function insertId(ids: string[], id: string): void {
  const last = ids.at(-1);
  if (last === undefined || compareIds(last, id) < 0) {
    ids.push(id);
    return;
  }
  const at = ids.findIndex((other) => compareIds(other, id) >= 0);
  if (ids[at] !== id) ids.splice(at, 0, id);
}

function firstFrom(ids: readonly string[], from: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareIds(ids[middle] ?? '', from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows with their unique keys. */
function createStorage(properties: Map<string, Property>) {
  const rows = new Map<string, Row>();
  const keys = new Map<string, string>();
  const ids: string[] = [];
  return {
    rows,
    keys,
    ids,
    set(id: string, row: Row | undefined): void {
      const before = rows.get(id);
      if (before !== undefined)
        for (const key of keysOf({ properties }, before)) if (keys.get(key) === id) keys.delete(key);
      if (row === undefined) {
        rows.delete(id);
        return;
      }
      rows.set(id, row);
      insertId(ids, id);
      for (const key of keysOf({ properties }, row)) keys.set(key, id);
    },
  };
}

export function createTable(type: ObjectType): Table {
  const properties = new Map(type.properties.map((property) => [property.name, property]));
  const redirects = new Map<string, string>();
  const { rows, keys, ids, set } = createStorage(properties);
  const index = createSearchIndex();
  const resolve = (id: string): string => {
    let at = id;
    for (let next = redirects.get(at); next !== undefined; next = redirects.get(at)) at = next;
    return at;
  };
  const replace = (id: string, row: Row | undefined, put: Put): void => {
    const before = rows.get(id);
    put.journal?.push(() => {
      set(id, before);
      index.offer(id, before, put.searchableAt);
    });
    set(id, row);
    index.offer(id, row, put.searchableAt);
  };
  return {
    type,
    properties,
    index,
    get: (id) => rows.get(resolve(id)),
    put: (row, put) => replace(row.id, row, put),
    remove: (id, put) => replace(id, undefined, put),
    redirect: (id, into) => {
      redirects.set(id, into);
    },
    holderOf: (property, value) => rows.get(keys.get(`${property}\u0000${fold(value)}`) ?? ''),
    page({ archived, from, limit }) {
      const found: Row[] = [];
      for (let at = firstFrom(ids, from); at < ids.length && found.length < limit; at += 1) {
        const row = rows.get(ids[at] ?? '');
        if (row !== undefined && (row.archivedAt !== null) === archived) found.push(row);
      }
      return found;
    },
    rows: () => rows.values(),
    addProperty(property) {
      properties.set(property.name, property);
    },
  };
}
