import type { Guard } from '@tidelock/core';
import { AdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import { int } from '../row.ts';

/** Next value of the lane's sequence of marks; written back by `flush` in the same transaction. */
export interface Sequence {
  next(): number;
  /** Values up to this one are taken: later ones are above it. */
  raise(to: number): void;
  flush(): void;
}

export interface OpenLane {
  /** Row number of the lane, the short form of its id in every table. */
  readonly n: number;
  readonly id: string;
  readonly sequence: Sequence;
}

function createSequence(db: Database, n: number, start: number): Sequence {
  let value = start;
  return {
    next() {
      value += 1;
      return value;
    },
    raise(to) {
      if (to > value) value = to;
    },
    flush() {
      if (value > start) db.statement('update lane set mark_seq = ? where n = ?').run(value, n);
    },
  };
}

export function unknownLane(operation: string): AdapterError {
  return new AdapterError('not_found', 'There is no such lane.', { operation, code: 'unknown-lane' });
}

export function oldFence(operation: string): AdapterError {
  return new AdapterError('conflict', 'The lease was lost: its fence is old. Nothing was changed.', {
    operation,
    code: 'old-fence',
  });
}

/** For reads: null when the lane was never saved. */
export function laneKey(db: Database, laneId: string): number | null {
  const row = db.statement('select n from lane where id = ?').get(laneId);
  return row === undefined ? null : int(row, 'n');
}

/** Must run inside the transaction that it guards. A released lease is no proof either. */
export function openGuarded(db: Database, guard: Guard, operation: string): OpenLane {
  const row = db
    .statement('select n, mark_seq from lane where id = ? and fence = ? and lease_owner is not null')
    .get(guard.laneId, guard.fence);
  if (row === undefined) throw oldFence(operation);
  const n = int(row, 'n');
  return { n, id: guard.laneId, sequence: createSequence(db, n, int(row, 'mark_seq')) };
}

/** For observations, which need no lane lease. */
export function openLane(db: Database, laneId: string, operation: string): OpenLane {
  const row = db.statement('select n, mark_seq from lane where id = ?').get(laneId);
  if (row === undefined) throw unknownLane(operation);
  const n = int(row, 'n');
  return { n, id: laneId, sequence: createSequence(db, n, int(row, 'mark_seq')) };
}
