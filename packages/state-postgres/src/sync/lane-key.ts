import { AdapterError, type Guard } from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Session } from '../database-session.ts';
import { int } from '../row.ts';

/** The lane's sequence of marks. What was taken is written back in the same transaction. */
export interface Sequence {
  next(): number;
  /** Values up to this one are taken: later ones are above it. */
  raise(to: number): void;
  /** Null when nothing was taken. */
  taken(): number | null;
}

export interface OpenLane {
  /** Number of the lane, the short form of its id in every table. */
  readonly n: number;
  readonly id: string;
  readonly sequence: Sequence;
}

export function createSequence(start: number): Sequence {
  let value = start;
  return {
    next() {
      value += 1;
      return value;
    },
    raise(to) {
      if (to > value) value = to;
    },
    taken: () => (value > start ? value : null),
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

export function foreignRow(operation: string): AdapterError {
  return new AdapterError('invalid', 'A row of another lane does not belong in this commit.', { operation });
}

/** Lanes are never deleted, so a number once read stays right. */
export interface LaneKeys {
  /** Null when the lane was never saved. */
  find(session: Session, laneId: string): Promise<number | null>;
}

export function createLaneKeys(): LaneKeys {
  const known = new Map<string, number>();
  return {
    async find(session, laneId) {
      const found = known.get(laneId);
      if (found !== undefined) return found;
      const [row] = await session.all('select n from $.lane where id = $1', [laneId]);
      if (row === undefined) return null;
      const n = int(row, 'n');
      known.set(laneId, n);
      return n;
    },
  };
}

/** The row lock keeps an acquisition, and every other commit of this lane, out until the end of the transaction. */
const GUARD = `select n, mark_seq from $.lane where id = $1 and fence = $2 and lease_owner is not null
  for no key update`;

/** Must run inside the transaction that it guards. A released lease is no proof either. */
export async function openGuarded(session: Session, guard: Guard, operation: string): Promise<OpenLane> {
  const [row] = await session.all(GUARD, [guard.laneId, guard.fence]);
  if (row === undefined) throw oldFence(operation);
  return { n: int(row, 'n'), id: guard.laneId, sequence: createSequence(int(row, 'mark_seq')) };
}

export type LaneReader = <T>(
  operation: string,
  laneId: string,
  work: (session: Session, lane: { readonly n: number; readonly id: string }) => Promise<T>,
) => Promise<T>;

/** For reads, which are one statement each and so see one state of the database. */
export function createLaneReader(db: Database): LaneReader {
  const keys = createLaneKeys();
  return (operation, laneId, work) =>
    db.single(operation, async (session) => {
      const n = await keys.find(session, laneId);
      if (n === null) throw unknownLane(operation);
      return work(session, { n, id: laneId });
    });
}
