import type { HeldDeletes, LaneCounts, LanePause, SyncState } from '@tidelock/core';
import { LEASE } from '@tidelock/engine';
import type { KnownLane } from './configured-lanes.ts';

export interface LaneStatus {
  readonly laneId: string;
  /** Address of the mailbox. */
  readonly label: string;
  readonly counts: LaneCounts;
  /** Milliseconds since the epoch; null = never. */
  readonly lastOkAt: number | null;
  /** Milliseconds since the last success; null = never. */
  readonly lagMs: number | null;
  readonly errorKind: string | null;
  /** Failures in a row. */
  readonly errorCount: number;
  readonly held: HeldDeletes | null;
  readonly reviews: number;
  /** Writes whose outcome is not settled. */
  readonly openOutcomes: number;
  readonly parked: number;
  /** Pairs that are known to need a look, and records that are not placed yet. */
  readonly backlog: number;
  /** Hints since the last pass. */
  readonly hints: number;
  /** When it is due, milliseconds since the epoch; null = not before a person resumes it or a rule names it. */
  readonly nextTryAt: number | null;
  readonly paused: LanePause | null;
  /** Somebody works on it now. */
  readonly working: boolean;
  /** The lease that a worker left behind when it died: it is taken over from then on. Milliseconds since the epoch. */
  readonly abandonedUntil: number | null;
  /** null = no rule names it any more, or it was never noted. */
  readonly profile: string | null;
  readonly rule: string | null;
  /** Since when no rule names it; its pairs rest. */
  readonly removedAt: number | null;
  /** Why it takes no part although a rule names it. */
  readonly blocked: string | null;
  /** It should be in step and has not been for longer than the configuration allows. */
  readonly alarm: boolean;
}

interface Reading {
  readonly state: SyncState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly alarmMs: number;
}

/**
 * A worker that lives renews its lease long before it ends. One that did not is dead or held up; who comes after the
 * end goes on from what it left.
 */
function leaseOf(lane: KnownLane['lane'], now: number): Pick<LaneStatus, 'working' | 'abandonedUntil'> {
  if (lane.leaseOwner === null) return { working: false, abandonedUntil: null };
  const silentMs = LEASE.ttl - (lane.leaseUntil - now);
  const working = silentMs < 2 * LEASE.renewAfter;
  return { working, abandonedUntil: working ? null : lane.leaseUntil };
}

async function rowOf({ lane, assignment }: KnownLane, { state, now, alarmMs }: Reading): Promise<LaneStatus> {
  const counts = await state.counts(lane.id, now);
  const lagMs = lane.lastOkAt === null ? null : Math.max(0, now - lane.lastOkAt);
  const rests = lane.paused !== null || (assignment?.removedAt ?? null) !== null;
  return {
    laneId: lane.id,
    label: lane.label,
    counts,
    lastOkAt: lane.lastOkAt,
    lagMs,
    errorKind: lane.errorKind,
    errorCount: lane.errorCount,
    held: lane.held,
    reviews: counts.reviews,
    openOutcomes: counts.openIntents,
    parked: counts.parked,
    backlog: counts.half + counts.dirty + counts.suspects,
    hints: Math.max(0, lane.dirtySeq - lane.doneSeq),
    nextTryAt: rests ? null : lane.dueAt,
    paused: lane.paused,
    ...leaseOf(lane, now),
    profile: assignment?.profile ?? null,
    rule: assignment === null || assignment.removedAt !== null ? null : assignment.rule,
    removedAt: assignment?.removedAt ?? null,
    blocked: assignment?.blocked ?? null,
    alarm: !rests && (lagMs ?? Number.POSITIVE_INFINITY) > alarmMs,
  };
}

/** What the state store remembers of every mailbox. Makes no request. */
export async function readStatus(
  lanes: readonly KnownLane[],
  reading: Reading,
): Promise<readonly LaneStatus[]> {
  const rows: LaneStatus[] = [];
  for (const lane of lanes) rows.push(await rowOf(lane, reading));
  return rows;
}
