import type { ErrorKind } from '@tidelock/core';
import { retryMs } from './cadence.ts';
import { type Core, now, state } from './effect.ts';
import { LEASE } from './policy.ts';

/**
 * What fails before a pass, a shared feed or the stores themselves, is a failure of the lane all the same: without it
 * the lane's last success would grow old while nothing seems wrong. A lane that somebody works on is left to them.
 */
export function* noteFailure(of: {
  readonly laneId: string;
  readonly owner: string;
  readonly kind: ErrorKind;
  readonly waitMs: number;
}): Core<void> {
  const { laneId, owner, kind, waitMs } = of;
  const wall = yield* now();
  const [row] = yield* state('lanes', [laneId]);
  if (row === undefined || row.paused !== null) return;
  const lease = yield* state('acquireLane', { laneId, owner, now: wall, ttlMs: LEASE.ttl });
  if (lease === null) return;
  yield* state('releaseLane', {
    guard: { laneId, fence: lease.fence },
    now: wall,
    doneSeq: -1,
    dueAt: wall + retryMs({ laneId, kind, failures: row.errorCount, waitMs, now: wall }),
    errorKind: kind,
    scopeHash: row.scopeHash,
  });
}
