import { type ErrorKind, isAdapterError, type LaneRow } from '@tidelock/core';
import { nextPollMs, type Poll, retryMs } from './cadence.ts';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { countsOf } from './mail.ts';
import { refusedUnder } from './unpark.ts';

/**
 * A preview gives the lane back as it found it: what was to be done is still to be done, whether a hint, an audit or
 * another mapping asked for it.
 */
export function* giveBack({ runId, counts, guard }: Pass): Core<void> {
  const wall = yield* now();
  yield* state('finishRun', { id: runId, endedAt: wall, counts: { ...counts }, stopReason: null });
  yield* state('renewLane', { guard, now: wall, ttlMs: 0 });
}

export interface Ending {
  readonly doneSeq: number;
  readonly errorKind: ErrorKind | null;
  readonly waitMs: number;
  readonly row: LaneRow | null;
  /** Somebody changed something: it was hinted, reported or written. */
  readonly moved: boolean;
  readonly poll: Poll | undefined;
}

/** Milliseconds until the lane is due again. */
function pauseOf(pass: Pass, at: Ending, wall: number): number {
  const { row, errorKind: kind, waitMs, moved, poll } = at;
  const laneId = pass.lane.spec.id;
  if (kind !== null) return retryMs({ laneId, kind, failures: row?.errorCount ?? 0, waitMs, now: wall });
  if (waitMs > 0 || pass.more) return waitMs;
  return nextPollMs({ row: row ?? { id: laneId, dueAt: 0, lastOkAt: null }, moved, now: wall, poll });
}

/** What there was to do is done by whoever still has the lane when it gives it back: only then does the run say so (0549). */
export function* release(pass: Pass, at: Ending): Core<void> {
  const wall = yield* now();
  const dueAt = wall + pauseOf(pass, at, wall);
  const { errorKind } = at;
  if (errorKind !== null) yield* endRun(pass, errorKind, wall);
  yield* state('releaseLane', {
    guard: pass.guard,
    now: wall,
    doneSeq: at.doneSeq,
    dueAt,
    errorKind,
    scopeHash: errorKind === null ? refusedUnder(pass.lane) : (at.row?.scopeHash ?? null),
  });
  if (errorKind === null) yield* endRun(pass, null, wall);
}

const endRun = (pass: Pass, stopReason: ErrorKind | null, endedAt: number): Core<void> =>
  state('finishRun', { id: pass.runId, endedAt, counts: countsOf(pass), stopReason });

/** False when somebody else has the lane by now: then it is theirs to release. */
export function* tryRelease(running: Pass, at: Ending): Core<boolean> {
  try {
    yield* release(running, at);
    return true;
  } catch (error) {
    if (isAdapterError(error) && error.kind === 'conflict') return false;
    throw error;
  }
}
