import {
  AdapterError,
  type FeedRow,
  type Guard,
  type HistoryRow,
  type Intent,
  type LaneRow,
  type Link,
  type Review,
  type RunRow,
  type Side,
  type Suspect,
} from '@tidelock/core';

/** A link as it is stored: `parkedUntil` 0 = not parked. */
export interface StoredLink {
  readonly link: Link;
  readonly parkedUntil: number;
}

export interface LaneTable {
  row: LaneRow;
  /** Sequence of marks: each takes a higher value than any dirty or clean value before it. */
  sequence: number;
  links: Map<string, StoredLink>;
  /** By side and id. */
  readonly suspects: Map<string, Suspect>;
  /** Blocking keys of a record, by side and id. */
  readonly keys: Map<string, readonly string[]>;
  /** Oldest first. */
  readonly history: HistoryRow[];
}

export interface Claim {
  readonly laneId: string;
  readonly intentId: string;
  readonly at: number;
}

/** Everything that is committed. Rows are never changed in place, so a read may hand them out. */
export interface Tables {
  readonly lanes: Map<string, LaneTable>;
  readonly feeds: Map<string, FeedRow>;
  /** In the order in which they were opened first. */
  readonly intents: Map<string, Intent>;
  /** By store and key. */
  readonly claims: Map<string, Claim>;
  readonly reviews: Map<string, Review>;
  readonly runs: Map<string, RunRow>;
}

export const createTables = (): Tables => ({
  lanes: new Map(),
  feeds: new Map(),
  intents: new Map(),
  claims: new Map(),
  reviews: new Map(),
  runs: new Map(),
});

export const keyOf = (first: string, second: string): string => `${first}\u0000${second}`;
export const later = (x: string, y: string): string => (x > y ? x : y);
export const byText = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
export const refOf = (link: Link, side: Side): Link['a'] => (side === 'a' ? link.a : link.b);

export function unknownRow(what: string, operation: string): AdapterError {
  const code = what === 'lane' ? 'unknown-lane' : undefined;
  return new AdapterError('not_found', `There is no such ${what}.`, { operation, code });
}

export function refused(message: string, operation: string, code?: string): AdapterError {
  return new AdapterError('conflict', message, { operation, code });
}

export const OLD_FENCE = 'old-fence';

export function laneOf(tables: Tables, laneId: string, operation: string): LaneTable {
  const lane = tables.lanes.get(laneId);
  if (lane === undefined) throw unknownRow('lane', operation);
  return lane;
}

/** The lane of a guard that still holds; throws `conflict` once its fence is old or its lease was released. */
export function guarded(tables: Tables, guard: Guard, operation: string): LaneTable {
  const lane = tables.lanes.get(guard.laneId);
  if (lane === undefined || lane.row.fence !== guard.fence || lane.row.leaseOwner === null)
    throw refused('The lease was lost: its fence is old.', operation, OLD_FENCE);
  return lane;
}

export function checkLane(laneId: string, rows: readonly { readonly laneId: string }[] | undefined): void {
  if (rows?.some((row) => row.laneId !== laneId))
    throw new AdapterError('invalid', 'A row of another lane does not belong in this commit.', {
      operation: 'state.commit',
    });
}
