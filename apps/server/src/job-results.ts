import type { CheckResult, LaneUndo, PlanApplied, PlanMade, ReachReport, Synced } from '@tidelock/host';
import { toFinding } from './answers.ts';
import { toReach } from './reach-answer.ts';
import { toUndone } from './undo-answer.ts';

const toPlanMade = ({ findings, ...made }: PlanMade) => ({ ...made, findings: findings.map(toFinding) });
const toSynced = ({ findings, ...synced }: Synced) => ({ ...synced, findings: findings.map(toFinding) });

/** What came of a job, in the form that the route which starts it promises. */
export function toResult(value: unknown, kind: string): unknown {
  switch (kind) {
    case 'plan':
      return toPlanMade(value as PlanMade);
    case 'apply':
      return value as PlanApplied;
    case 'sync':
      return toSynced(value as Synced);
    case 'undo':
      return toUndone(value as readonly LaneUndo[]);
    case 'reach':
      return toReach(value as ReachReport);
    case 'doctor':
      return { checks: value as readonly CheckResult[] };
    default:
      return null;
  }
}
