import type { ErrorKind, LaneRow } from '@tidelock/core';
import { CALL_POLICY } from './policy.ts';
import { unit } from './stamp.ts';

/** How often something is looked at without being asked to (milliseconds): `floor` while it changes, `ceiling` while it rests. */
export interface Poll {
  readonly floorMs: number;
  readonly ceilingMs: number;
}

/** Every five minutes, whatever happens. */
const STEADY: Poll = { floorMs: 300_000, ceilingMs: 300_000 };

/** An interval grows by this much each time in which nothing was found. */
const GROWTH = 1.5;
/** Nothing happens on the hour: each interval is longer or shorter by up to this share. */
const JITTER = 0.1;

function jittered(ms: number, laneId: string, now: number): number {
  return Math.round(ms * (1 + JITTER * (2 * unit('poll', laneId, String(now)) - 1)));
}

/**
 * Milliseconds until a lane is looked at again that was looked at without trouble. What it waited for the last time stands
 * in its row, so any worker goes on from there. Pure.
 */
export function nextPollMs(of: {
  readonly row: Pick<LaneRow, 'id' | 'dueAt' | 'lastOkAt'>;
  /** Somebody changed something. */
  readonly moved: boolean;
  readonly now: number;
  readonly poll?: Poll | undefined;
}): number {
  const { row, moved, now, poll = STEADY } = of;
  const waited = row.lastOkAt === null ? 0 : row.dueAt - row.lastOkAt;
  const wanted = moved ? poll.floorMs : waited * GROWTH;
  const next = Math.min(poll.ceilingMs, Math.max(poll.floorMs, wanted));
  return of.poll === undefined ? next : jittered(next, row.id, now);
}

const SOON = { first: 5_000, most: 300_000 };
const LATER = { first: 300_000, most: 3_600_000 };

/**
 * Milliseconds until a lane that failed is tried again: longer with each failure in a row, and never sooner than its service
 * asked for. `failures`: those before this one. Pure.
 */
export function retryMs(of: {
  readonly laneId: string;
  readonly kind: ErrorKind;
  readonly failures: number;
  readonly waitMs: number;
  readonly now: number;
}): number {
  const { laneId, kind, failures, waitMs, now } = of;
  const { first, most } = CALL_POLICY[kind].stop === 'retry-soon' ? SOON : LATER;
  const wait = Math.min(most, first * 2 ** Math.min(failures, 20));
  return Math.max(waitMs, jittered(wait, laneId, now));
}
