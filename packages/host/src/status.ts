import type { HeldDeletes, LaneCounts, SyncState } from '@tidelock/core';

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
}

/** What the state store remembers of every lane. `now`: milliseconds since the epoch. */
export async function readStatus(state: SyncState, now: number): Promise<readonly LaneStatus[]> {
  const lanes = await state.lanes();
  const rows: LaneStatus[] = [];
  for (const lane of lanes) {
    const counts = await state.counts(lane.id, now);
    rows.push({
      laneId: lane.id,
      label: lane.label,
      counts,
      lastOkAt: lane.lastOkAt,
      lagMs: lane.lastOkAt === null ? null : Math.max(0, now - lane.lastOkAt),
      errorKind: lane.errorKind,
      errorCount: lane.errorCount,
      held: lane.held,
      reviews: counts.reviews,
      openOutcomes: counts.openIntents,
      parked: counts.parked,
    });
  }
  return rows;
}
