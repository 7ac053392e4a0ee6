import type { HistoryRow, LaneCommit, LaneSpec, Link } from '@tidelock/core';

export const LANE = 'lane-1';
export const SIZE = 100;

export const laneSpec: LaneSpec = { id: LANE, tenantId: 't', storeA: 'a', storeB: 'b', label: 'l' };

export const plainLink = (id: string, more: Partial<Link> = {}): Link => ({
  ...{
    laneId: LANE,
    id,
    status: 'live',
    shownA: { name: `Name ${id}` },
    shownB: null,
    goneA: false,
    goneB: false,
  },
  a: { id: `a-${id}`, inc: 1, version: 'v', mono: 'm', stamp: null, gen: 1 },
  b: { id: `b-${id}`, inc: 1, version: 'v', mono: 'm', stamp: `s-${id}`, gen: 1 },
  ...{ quarantine: null, holds: [], updatedAt: 1 },
  ...{ dirtyA: 0, dirtyB: 0, cleanA: 0, cleanB: 0, seenA: '', seenB: '' },
  ...more,
});

const history = (batch: number, seq: number): HistoryRow => ({
  ...{
    runId: `run-${batch}`,
    seq,
    laneId: LANE,
    linkId: `${batch}-${seq}`,
    side: 'a',
    op: 'link',
    field: null,
    ...{ intentId: null, cause: null, mapping: null },
  },
  ...{ old: null, new: null, rule: 'r', at: 1 },
});

/** One commit: links `<batch>-0` to `<batch>-99`, each with a history row. */
export function aBatch(batch: number): Pick<LaneCommit, 'links' | 'history'> {
  const numbers = Array.from({ length: SIZE }, (_, i) => i);
  return {
    links: numbers.map((i) => ({ link: plainLink(`${batch}-${i}`) })),
    history: numbers.map((i) => history(batch, i)),
  };
}
