import { createKeyIndexes } from './key-index.ts';
import type { Row } from './row.ts';
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

/** Ids in ascending order. */
interface IdOrder {
  add(id: string): void;
  after(id: string): Iterable<string>;
}

function createIdOrder(): IdOrder {
  const ids: string[] = [];
  return {
    add(id) {
      const at = firstAfter(ids, id);
      if (ids[at - 1] !== id) ids.splice(at, 0, id);
    },
    *after(id) {
      for (let at = firstAfter(ids, id); at < ids.length; at += 1) yield ids[at] ?? '';
    },
  };
}

interface OpenVersion {
  readonly row: Row;
  readonly visibleAt: number;
}

/** Committed and open versions with the indexes over them. */
function createVersions(object: ObjectDefinition) {
  const committed = new Map<string, Row>();
  const pending = new Map<string, OpenVersion>();
  const stamps = createStampIndex((row) => committed.get(row.id) === row);
  const idOrder = createIdOrder();
  const keys = createKeyIndexes(object);

  const publish = (row: Row): void => {
    const before = committed.get(row.id);
    committed.set(row.id, row);
    if (before === undefined) idOrder.add(row.id);
    else keys.drop(before, row);
    keys.add(row);
    stamps.add(row);
  };
  const withdraw = (id: string): void => {
    const row = committed.get(id);
    if (row === undefined) return;
    committed.delete(id);
    keys.drop(row, undefined);
  };
  const dropPending = (id: string): void => {
    const open = pending.get(id);
    if (open === undefined) return;
    pending.delete(id);
    keys.drop(open.row, committed.get(id));
  };
  const hold = (row: Row, visibleAt: number): void => {
    pending.set(row.id, { row, visibleAt });
    keys.add(row);
  };
  return { committed, pending, stamps, idOrder, keys, publish, withdraw, dropPending, hold };
}

export function createRecordTable(object: ObjectDefinition): RecordTable {
  const versions = createVersions(object);
  const { committed, pending, stamps, idOrder, keys } = versions;
  const undo = (id: string, before: Row | undefined): void => {
    versions.dropPending(id);
    // A copy, so that the entry of the old version in the stamp index stays dead.
    if (before === undefined) versions.withdraw(id);
    else if (committed.get(id) !== before) versions.publish({ ...before });
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
      // The later of two open statements on a row decides what becomes visible.
      versions.dropPending(row.id);
      commit.journal?.push(() => undo(row.id, before));
      if (commit.visibleAt <= commit.now) versions.publish(row);
      else versions.hold(row, commit.visibleAt);
    },
    remove(id) {
      versions.dropPending(id);
      versions.withdraw(id);
    },
    idsByKey: keys.find,
    indexed: keys.has,
    addIndex: (field) => keys.create(field, committed.values()),
    byStamp: stamps.range,
    *byId(after) {
      for (const id of idOrder.after(after)) {
        const row = committed.get(id);
        if (row !== undefined) yield row;
      }
    },
    *latestRows() {
      for (const [id, row] of committed) yield pending.get(id)?.row ?? row;
      for (const [id, open] of pending) if (!committed.has(id)) yield open.row;
    },
    settle(now) {
      const due = [...pending.values()].filter((open) => open.visibleAt <= now);
      for (const { row } of due) {
        pending.delete(row.id);
        versions.publish(row);
      }
      return due.length > 0;
    },
  };
}
