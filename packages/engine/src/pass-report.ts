import type { AdapterError, ErrorKind, HeldDeletes } from '@tidelock/core';
import { type Counts, emptyCounts } from './lane.ts';
import type { PlanItem } from './plan-item.ts';
import type { Done } from './sending.ts';

export interface PassReport {
  readonly laneId: string;
  /** `paused`: somebody stopped this lane; nothing was read or written, and nothing is lost. */
  /** `untold`: a feed that it shares has not told it everything yet, and nothing was done; only where those are not read first. */
  readonly status: 'done' | 'busy' | 'failed' | 'paused' | 'untold';
  readonly counts: Counts;
  readonly done: readonly Done[];
  /** Only in a preview. */
  readonly plan: readonly PlanItem[];
  readonly held: HeldDeletes | null;
  /** Writes whose outcome is still unknown and not old enough to be settled. */
  readonly openOutcomes: number;
  /** Only in a preview: links that could not be planned, because a record cannot be read now or a write is not settled. */
  readonly waiting: number;
  /** Another pass has something to do at once. */
  readonly more: boolean;
  /** The pass stands still after its turn and goes on with the next round; its counts follow with its end. */
  readonly cut: boolean;
  /** As many links were planned as one pass may; others are known to wait. */
  readonly backlog: boolean;
  /** Milliseconds to wait because a store asked for it. */
  readonly waitMs: number;
  readonly degraded: boolean;
  readonly error: {
    readonly kind: ErrorKind;
    readonly message: string;
    readonly remedy: string | null;
  } | null;
}

export const reportOf = (
  laneId: string,
  status: PassReport['status'],
  rest: Partial<PassReport>,
): PassReport => ({
  laneId,
  status,
  counts: emptyCounts(),
  done: [],
  plan: [],
  held: null,
  openOutcomes: 0,
  waiting: 0,
  more: false,
  cut: false,
  backlog: false,
  waitMs: 0,
  degraded: false,
  error: null,
  ...rest,
});

/** A lane that somebody stopped. */
export const pausedReport = (laneId: string): PassReport => reportOf(laneId, 'paused', {});

/** A lane that has half a picture. */
export const untoldReport = (laneId: string): PassReport => reportOf(laneId, 'untold', {});

/** A pass that stands still until its next turn. */
export const cutReport = (laneId: string): PassReport => reportOf(laneId, 'done', { more: true, cut: true });

/** A lane whose call failed as a whole. */
export function failedReport(
  laneId: string,
  error: AdapterError,
  counts: Counts = emptyCounts(),
): PassReport {
  const { kind, message, remedy, retryAfterMs } = error;
  return reportOf(laneId, 'failed', {
    counts,
    waitMs: retryAfterMs ?? 0,
    error: { kind, message, remedy: remedy ?? null },
  });
}
