import type {
  Guard,
  HistoryRow,
  LaneSpec,
  RecordStore,
  Side,
  StoreCapabilities,
  Write,
} from '@tidelock/core';
import type { Approval } from './approval.ts';
import type { Breakers } from './breakers.ts';
import type { RecordCache } from './cache.ts';
import type { Canon } from './canonical.ts';
import { type Core, mono, state } from './effect.ts';
import type { Heard } from './heard.ts';
import { LeaseLost } from './lease-lost.ts';
import type { CompiledMapping } from './lens.ts';
import type { MailSpent } from './mail-spent.ts';
import type { PlannedClaims } from './plan-item.ts';
import { type LanePolicy, LEASE } from './policy.ts';
import type { Sketch } from './sketch.ts';

/** Everything about a lane that does not change during a pass. */
export interface Lane {
  readonly spec: LaneSpec;
  readonly mapping: CompiledMapping;
  readonly canon: Canon;
  readonly caps: Readonly<Record<Side, StoreCapabilities>>;
  readonly policy: LanePolicy;
  /** Sides whose store can make people get mail. */
  readonly notifies: readonly Side[];
  /** Whom a write to a side would reach, where its store notifies. */
  readonly audience: Readonly<Record<Side, ((write: Write) => readonly string[]) | null>>;
  /** Feed ids of each side, in reading order. */
  readonly feeds: Readonly<Record<Side, readonly string[]>>;
  /** Several lanes share this side's store: claims guard creates, look-ups precede them. */
  readonly shared: Readonly<Record<Side, boolean>>;
  /** Contents seen in this process and not used yet. Losing it costs reads, nothing else. */
  readonly cache: RecordCache;
  /** Half links whose e-mail addresses were already looked up in the shared store by this process. */
  readonly lookedUp: Set<string>;
}

/** What a lane has to know of stores that send mail to people. */
export function notifying(
  stores: Readonly<Record<Side, RecordStore>>,
  caps: Lane['caps'],
): Pick<Lane, 'notifies' | 'audience'> {
  const audience = (side: Side): Lane['audience'][Side] => {
    const store = stores[side];
    // A store that does not say whom it reaches is asked as if it reached somebody. Who is in a record that was not read, nobody can say.
    return caps[side].events?.notifies === true
      ? (write) => (isBlind(write) ? undefined : store.audience?.(write)) ?? [UNKNOWN_PERSON]
      : null;
  };
  const found = { a: audience('a'), b: audience('b') };
  return { audience: found, notifies: (['a', 'b'] as const).filter((side) => found[side] !== null) };
}

const isBlind = (write: Write): boolean => write.op === 'delete' && write.current === undefined;

/** Stands for whoever a store does not name. */
const UNKNOWN_PERSON = '(somebody)';

export interface Counts {
  readAhead: number;
  created: number;
  updated: number;
  deleted: number;
  linked: number;
  conflicts: number;
  reviews: number;
  parked: number;
  held: number;
  unknown: number;
  /** People who got mail because of this pass, and writes that wait because somebody would. */
  notified: number;
  withheld: number;
}

/** What changes during one pass. */
export interface Pass {
  readonly lane: Lane;
  readonly guard: Guard;
  readonly runId: string;
  readonly counts: Counts;
  /** Scope hash of each feed, by feed id. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Sides that asked us to wait: nothing more is sent to them in this pass. */
  readonly waiting: Map<Side, number>;
  /** Sides that refuse everything alike. */
  readonly breakers: Breakers;
  /** What a preview concludes: nothing of it is stored, and nothing is executed. Null in a pass that acts. */
  sketch: Sketch | null;
  /** Collects what the rows of a preview would claim in stores that lanes share. Absent = nobody asks. */
  readonly claimed?: PlannedClaims | undefined;
  /** The plan that a person approved: nothing else is done. Null in a pass that does what is to be done. */
  readonly approval: Approval | null;
  /** Monotonic instant at which the lease is renewed next. */
  renewAt: number;
  historySeq: number;
  /** Links that are planned, journaled and sent together. */
  readonly chunk: number;
  /** A pass just before it has left what is to be done. */
  readonly goesOn: boolean;
  /** Chunks that are under way side by side, at most. Absent = as many as a lane that has the engine to itself gains by. */
  readonly chunksAtOnce?: number | undefined;
  /** Wall clock at which the links that are due were asked for; absent = they were not. */
  plannedAt?: number;
  /** What the run, of which this pass is one, has spent of its budget for mail. */
  readonly mailSpent: MailSpent;
  /** This lane's first sync has not come to its end: nobody gets mail because of it. */
  readonly firstSync: boolean;
  /** Records, by side and id, that others were merged into whose pairs wait for an outcome: theirs once it is known. */
  readonly awaited: Set<string>;
  /** Records, by side and id, of which people are asked whom they belong to. */
  readonly asked: Set<string>;
  /** Every feed of the mailbox was read to its end in this pass, and so was what it told of for the first time. */
  mailboxRead: boolean;
  /** What this pass has heard itself, where others may tell its lane something meanwhile. Null once that was compared. */
  heard: Heard | null;
  /** Milliseconds until something has to be looked at a second time. */
  lookAgainMs: number;
  /** Work is left that the next pass can do, at once or after the wait. */
  more: boolean;
}

export const emptyCounts = (): Counts => ({
  readAhead: 0,
  created: 0,
  updated: 0,
  deleted: 0,
  linked: 0,
  conflicts: 0,
  reviews: 0,
  parked: 0,
  held: 0,
  unknown: 0,
  notified: 0,
  withheld: 0,
});

/**
 * Before each send: renews the lease when it is time, and ends the pass when somebody else has it. Nothing is sent on a
 * lease that was not known to hold a moment ago.
 */
export function* keepLease(pass: Pass, wall: number): Core<void> {
  const at = yield* mono();
  if (at < pass.renewAt) return;
  const kept = yield* state('renewLane', { guard: pass.guard, now: wall, ttlMs: LEASE.ttl });
  if (!kept) throw new LeaseLost();
  pass.renewAt = at + LEASE.renewAfter;
}

/** What a row of history says; where it came from only where a write made it. */
export type HistoryText = Omit<HistoryRow, 'runId' | 'seq' | 'laneId' | 'intentId' | 'cause' | 'mapping'> &
  Partial<Pick<HistoryRow, 'runId' | 'intentId' | 'cause' | 'mapping'>>;

export function historyRow(pass: Pass, row: HistoryText): HistoryRow {
  const { linkId, side, op, field, old, new: value, rule, at } = row;
  const { runId = pass.runId, intentId = null, cause = null, mapping = null } = row;
  const { id: laneId } = pass.lane.spec;
  const seq = pass.historySeq++;
  return { runId, seq, laneId, linkId, side, op, field, old, new: value, rule, intentId, cause, mapping, at };
}
