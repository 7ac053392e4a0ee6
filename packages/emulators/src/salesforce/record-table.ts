import { type Row, valueOf } from './row.ts';
import type { FieldDefinition, FieldValue, ObjectDefinition } from './schema.ts';
import { createStampIndex } from './stamp-index.ts';

/** Undo steps of one transaction, run last to first. */
export type Journal = (() => void)[];

export interface Commit {
  /** When the version can be seen; at or before `now` means at once. */
  readonly visibleAt: number;
  readonly now: number;
  readonly journal?: Journal | undefined;
}

/**
 * The rows of one object. Reads see committed versions only; a version whose transaction is still open waits
 * in `pending` with the stamp of its statement, so older stamps can surface later.
 */
export interface RecordTable {
  readonly object: ObjectDefinition;
  /** Ids that sharing hides from API users. */
  readonly hidden: Set<string>;
  /** Committed version, deleted rows included. */
  get(id: string): Row | undefined;
  /** Newest version, open transactions included. */
  latest(id: string): Row | undefined;
  isLocked(id: string): boolean;
  /** Stamp of the oldest open transaction. */
  oldestOpen(): number | undefined;
  put(row: Row, commit: Commit): void;
  remove(id: string): void;
  /** Ids whose committed or open version holds the value in a unique, external id or look-up field. */
  idsByKey(field: FieldDefinition, value: FieldValue): readonly string[];
  indexed(field: FieldDefinition): boolean;
  addIndex(field: FieldDefinition): void;
  /** Committed rows in (stamp, id) order, stamps in [from, to]. */
  byStamp(from: number, to: number): Iterable<Row>;
  /** Committed rows in id order, ids greater than `after`. */
  byId(after: string): Iterable<Row>;
  latestRows(): Iterable<Row>;
  /** Makes visible what has been committed by `now`; tells whether anything was. */
  settle(now: number): boolean;
}

function keyOf(field: FieldDefinition, value: FieldValue): string | undefined {
  if (value === null) return undefined;
  return field.caseSensitive ? String(value) : String(value).toLowerCase();
}

interface KeyIndex {
  readonly field: FieldDefinition;
  readonly ids: Map<string, string[]>;
}

function addKey(index: KeyIndex, row: Row): void {
  const key = keyOf(index.field, valueOf(row, index.field.name));
  if (key === undefined) return;
  const ids = index.ids.get(key);
  if (ids === undefined) index.ids.set(key, [row.id]);
  else if (!ids.includes(row.id)) ids.push(row.id);
}

function dropKey(index: KeyIndex, row: Row, kept: Row | undefined): void {
  const key = keyOf(index.field, valueOf(row, index.field.name));
  if (key === undefined) return;
  if (kept !== undefined && keyOf(index.field, valueOf(kept, index.field.name)) === key) return;
  const rest = (index.ids.get(key) ?? []).filter((id) => id !== row.id);
  if (rest.length === 0) index.ids.delete(key);
  else index.ids.set(key, rest);
}

function firstAfter(ids: readonly string[], after: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? '') <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function createRecordTable(object: ObjectDefinition): RecordTable {
  const committed = new Map<string, Row>();
  const pending = new Map<string, { row: Row; visibleAt: number }>();
  const stamps = createStampIndex((row) => committed.get(row.id) === row);
  const idOrder: string[] = [];
  const indexes = new Map<string, KeyIndex>();
  const addIndex = (field: FieldDefinition): void => {
    const index: KeyIndex = { field, ids: new Map() };
    for (const row of committed.values()) addKey(index, row);
    indexes.set(field.name, index);
  };
  for (const field of object.fields) {
    if (field.type !== 'id' && (field.unique || field.externalId || field.idLookup)) addIndex(field);
  }

  const publish = (row: Row): void => {
    const before = committed.get(row.id);
    committed.set(row.id, row);
    for (const index of indexes.values()) {
      if (before !== undefined) dropKey(index, before, row);
      addKey(index, row);
    }
    stamps.add(row);
    if (before === undefined && idOrder[firstAfter(idOrder, row.id) - 1] !== row.id) {
      idOrder.splice(firstAfter(idOrder, row.id), 0, row.id);
    }
  };
  const withdraw = (id: string): void => {
    const row = committed.get(id);
    if (row === undefined) return;
    committed.delete(id);
    for (const index of indexes.values()) dropKey(index, row, undefined);
  };
  const dropPending = (id: string): void => {
    const open = pending.get(id);
    if (open === undefined) return;
    pending.delete(id);
    for (const index of indexes.values()) dropKey(index, open.row, committed.get(id));
  };
  const undo = (id: string, before: Row | undefined): void => {
    dropPending(id);
    // A copy, so that the entry of the old version in the stamp index stays dead.
    if (before === undefined) withdraw(id);
    else if (committed.get(id) !== before) publish({ ...before });
  };

  return {
    object,
    hidden: new Set(),
    get: (id) => committed.get(id),
    latest: (id) => pending.get(id)?.row ?? committed.get(id),
    isLocked: (id) => pending.has(id),
    oldestOpen() {
      let oldest: number | undefined;
      for (const { row } of pending.values()) oldest = Math.min(oldest ?? row.stamp, row.stamp);
      return oldest;
    },
    put(row, commit) {
      const before = committed.get(row.id);
      const open = pending.get(row.id);
      // The later statement of the two decides what becomes visible; both were part of open work on this row.
      if (open !== undefined) dropPending(row.id);
      commit.journal?.push(() => undo(row.id, before));
      if (commit.visibleAt <= commit.now) {
        publish(row);
        return;
      }
      pending.set(row.id, { row, visibleAt: commit.visibleAt });
      for (const index of indexes.values()) addKey(index, row);
    },
    remove(id) {
      dropPending(id);
      withdraw(id);
    },
    idsByKey(field, value) {
      const key = keyOf(field, value);
      return key === undefined ? [] : (indexes.get(field.name)?.ids.get(key) ?? []);
    },
    indexed: (field) => indexes.has(field.name),
    addIndex,
    byStamp: (from, to) => stamps.range(from, to),
    *byId(after) {
      for (let at = firstAfter(idOrder, after); at < idOrder.length; at += 1) {
        const row = committed.get(idOrder[at] ?? '');
        if (row !== undefined) yield row;
      }
    },
    *latestRows() {
      for (const [id, row] of committed) yield pending.get(id)?.row ?? row;
      for (const [id, open] of pending) if (!committed.has(id)) yield open.row;
    },
    settle(now) {
      let changed = false;
      for (const [id, open] of pending) {
        if (open.visibleAt > now) continue;
        pending.delete(id);
        publish(open.row);
        changed = true;
      }
      return changed;
    },
  };
}
