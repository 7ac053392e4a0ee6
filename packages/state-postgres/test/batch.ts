import type { HistoryRow, Intent, LaneCommit, LaneSpec, Link, StatePort } from '@tidelock/core';

export const LANE = 'lane-1';
export const OTHER = 'lane-2';
export const FEED = 'hub/contacts';
export const SIZE = 100;

export const laneSpec = (id: string): LaneSpec => ({
  ...{ id, tenantId: 't', storeA: `mailbox-of-${id}`, storeB: 'hub', label: 'l' },
});

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

export const plainIntent = (id: string, more: Partial<Intent> = {}): Intent => ({
  ...{ id, laneId: LANE, linkId: `link-${id}`, side: 'b', op: 'update', store: 'hub', targetId: `t-${id}` },
  ...{ fence: 1, version: null, patch: {}, sent: {}, source: {}, before: {}, stamp: null, incarnation: 1 },
  origin: { cause: null, mapping: '', rules: {} },
  ...{ conflicts: [], cause: 'a>b', runId: 'r', sentAt: 1, owner: null, state: 'open', closedAt: null },
  ...more,
});

export const historyRow = (batch: number, seq: number): HistoryRow => ({
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
    history: numbers.map((i) => historyRow(batch, i)),
  };
}

/** Saves the lanes and the feed, and answers the fence of a lease on `laneId`. */
export async function holdLane({ sync }: StatePort, laneId: string, owner = 'worker'): Promise<number> {
  await sync.saveLanes([laneSpec(LANE), laneSpec(OTHER)], 1);
  const lease = await sync.acquireLane({ laneId, owner, now: 1, ttlMs: 1_000 });
  if (lease === null) throw new Error('the lane is held');
  return lease.fence;
}

export async function holdFeed({ sync }: StatePort): Promise<number> {
  await sync.saveFeeds([{ id: FEED, store: 'hub', side: 'b', key: 'contacts' }]);
  const lease = await sync.acquireFeed({ feed: FEED, owner: 'reader', now: 1, ttlMs: 1_000 });
  if (lease === null) throw new Error('the feed is held');
  return lease.fence;
}

export const page = { cursor: 'c', gen: 1, scanning: false, scopeHash: null, pageHash: null };
