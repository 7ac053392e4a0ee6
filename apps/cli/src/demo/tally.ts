import type { PassReport } from '../reports.ts';

type Done = PassReport['done'][number];
export type Side = Done['side'];

/** Writes by kind on one side. */
export interface Writes {
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
}

export interface Tally {
  readonly linked: number;
  readonly conflicts: number;
  readonly reviews: number;
  readonly writes: Readonly<Record<Side, Writes>>;
}

const KIND = { create: 'created', update: 'changed', delete: 'deleted' } as const;

/** What reports say was written and decided, over all lanes. */
export function tallyOf(reports: readonly PassReport[]): Tally {
  const writes = {
    a: { created: 0, changed: 0, deleted: 0 },
    b: { created: 0, changed: 0, deleted: 0 },
  };
  let [linked, conflicts, reviews] = [0, 0, 0];
  for (const { counts, done } of reports) {
    linked += counts.linked;
    conflicts += counts.conflicts;
    reviews += counts.reviews;
    for (const { side, op } of done) writes[side][KIND[op]]++;
  }
  return { linked, conflicts, reviews, writes };
}

/** The same sums for a plan, which has written nothing. */
export function tallyOfPlan(reports: readonly PassReport[]): Tally {
  const planned = reports.map((report) => ({
    ...report,
    done: report.plan.flatMap((item) =>
      item.action === 'create' || item.action === 'update' || item.action === 'delete'
        ? [{ side: item.side, op: item.action } as Done]
        : [],
    ),
    counts: {
      ...report.counts,
      conflicts: report.plan.reduce((sum, item) => sum + item.conflicts.length, 0),
    },
  }));
  return tallyOf(planned);
}

const addWrites = (x: Writes, y: Writes): Writes => ({
  created: x.created + y.created,
  changed: x.changed + y.changed,
  deleted: x.deleted + y.deleted,
});

export const addTally = (x: Tally, y: Tally): Tally => ({
  linked: x.linked + y.linked,
  conflicts: x.conflicts + y.conflicts,
  reviews: x.reviews + y.reviews,
  writes: { a: addWrites(x.writes.a, y.writes.a), b: addWrites(x.writes.b, y.writes.b) },
});

export const writesIn = ({ writes }: Tally): number =>
  [writes.a, writes.b].reduce((sum, side) => sum + side.created + side.changed + side.deleted, 0);
