import { strongKeys } from './claims.ts';
import type { Pass } from './lane.ts';
import type { PassReport } from './pass-report.ts';
import type { PlanItem, PlannedClaims } from './plan-item.ts';
import type { Work } from './work.ts';

/** Notes what the rows of one pair would claim. */
export function notePlanned({ claimed, lane }: Pass, work: Work, rows: readonly PlanItem[]): void {
  if (claimed === undefined) return;
  for (const { op, side, sent } of work.plan.writes) {
    const row = rows.find((one) => one.action === op && one.side === side);
    if (row === undefined || op !== 'create' || !lane.shared[side]) continue;
    const store = side === 'a' ? lane.spec.storeA : lane.spec.storeB;
    claimed.set(
      row,
      strongKeys(lane, side, sent).map((key) => `${store} ${key}`),
    );
  }
}

/** The pair that comes of it: another lane makes the record, and this one finds it. */
const joined = ({ people: _, ...row }: PlanItem, maker: string): PlanItem => ({
  ...row,
  ...{ action: 'link', side: null, risk: 'link', rule: 'match', emails: 0, withheld: 0 },
  ...{ changes: [], conflicts: [] },
  match: { score: 100, reasons: [`the same record that ${maker} makes`] },
});

/**
 * What several lanes have is made once: in the plan of the first of them, by id, so that equal worlds give equal plans. The others say
 * whose record they will be linked to.
 */
export function plannedOnce(
  reports: readonly PassReport[],
  claimed: PlannedClaims,
  labelOf: (laneId: string) => string,
): readonly PassReport[] {
  const makers = new Map<string, string>();
  const rowsOf = ({ laneId, plan }: PassReport): readonly PlanItem[] =>
    plan.map((row) => {
      const keys = claimed.get(row) ?? [];
      const maker = keys.map((key) => makers.get(key)).find((one) => one !== undefined && one !== laneId);
      if (maker !== undefined) return joined(row, labelOf(maker));
      for (const key of keys) makers.set(key, laneId);
      return row;
    });
  const inOrder = reports.toSorted((x, y) => (x.laneId < y.laneId ? -1 : Number(x.laneId > y.laneId)));
  const plans = new Map(inOrder.map((report) => [report, rowsOf(report)] as const));
  return reports.map((report) => ({ ...report, plan: plans.get(report) ?? report.plan }));
}
