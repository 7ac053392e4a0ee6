import { type Approval, createApproval, fatesOf, type LaneFates } from './approval.ts';
import type { PassReport } from './pass-report.ts';
import type { PlanItem } from './plan-item.ts';
import { type SyncOptions, type SyncReport, syncRounds } from './sync.ts';

/** What a pass reports, and what became of each row of the plan. */
export interface ApplyReport extends SyncReport {
  readonly fates: readonly LaneFates[];
}

export interface ApplyOptions extends Omit<SyncOptions, 'round'> {
  /** Rows of an approved plan, by lane. */
  readonly rows: ReadonlyMap<string, readonly PlanItem[]>;
  /** One round over the lanes that have an approval, but those named. */
  readonly round: (
    without: ReadonlySet<string>,
    approvals: ReadonlyMap<string, Approval>,
  ) => Promise<readonly PassReport[]>;
}

/**
 * Rounds that carry out a plan and nothing else, until one has nothing of it left to do. Doing it again, or after a
 * crash, does only what is left.
 */
export async function applyRounds(of: ApplyOptions): Promise<ApplyReport> {
  const approvals = new Map([...of.rows].map(([laneId, rows]) => [laneId, createApproval(rows)] as const));
  const report = await syncRounds({
    ...of,
    round: (without) => {
      for (const [laneId, { beyond }] of approvals) if (!without.has(laneId)) beyond.clear();
      return of.round(without, approvals);
    },
  });
  const ended = report.settled && of.signal?.aborted !== true;
  const fates = [...approvals].map(([laneId, approval]): LaneFates => {
    const lane = report.lanes.find((one) => one.laneId === laneId);
    const finished = ended || (lane?.status === 'done' && !lane.more && of.signal?.aborted !== true);
    return {
      laneId,
      rows: fatesOf(approval, finished && lane !== undefined),
      beyond: approval.beyond.size,
      held: lane?.held ?? null,
    };
  });
  return { ...report, fates };
}
