import assert from 'node:assert/strict';
import {
  type Guard,
  type HistoryRow,
  type Intent,
  isAdapterError,
  type LaneRow,
  type LaneSpec,
  type Link,
  type LinkQuery,
  type Mark,
  type Review,
  type Side,
  type SideRef,
  type StatePort,
  type Suspect,
  type SyncState,
} from '@tidelock/core';

export const NOW = 1_800_000_000_000;
export const LANE = 'lane-1';
export const OTHER = 'lane-2';
export const HUB = 'crm-hub';
export const FEED = `${HUB}/contacts`;

export const laneSpec = (id: string): LaneSpec => ({
  id,
  tenantId: 'tenant-1',
  storeA: `mailbox-of-${id}`,
  storeB: HUB,
  label: `Lane ${id}`,
});

export const sideRef = (id: string, more: Partial<SideRef> = {}): SideRef => ({
  id,
  inc: 1,
  version: 'v1',
  mono: '2026-01-01T00:00:00Z',
  stamp: null,
  gen: 1,
  ...more,
});

/** A clean live pair `a-<id>` and `b-<id>`. */
export const aLink = (id: string, more: Partial<Link> = {}): Link => ({
  laneId: LANE,
  id,
  status: 'live',
  a: sideRef(`a-${id}`),
  b: sideRef(`b-${id}`),
  shownA: { name: 'Ada', phones: ['+1 555 0100'], address: { city: 'Turin' }, note: null },
  shownB: { name: 'Ada' },
  goneA: false,
  goneB: false,
  quarantine: null,
  holds: [],
  updatedAt: NOW,
  dirtyA: 0,
  dirtyB: 0,
  cleanA: 0,
  cleanB: 0,
  seenA: '',
  seenB: '',
  ...more,
});

export const anIntent = (id: string, more: Partial<Intent> = {}): Intent => ({
  id,
  laneId: LANE,
  linkId: `link-of-${id}`,
  side: 'b',
  op: 'update',
  store: HUB,
  targetId: `target-of-${id}`,
  fence: 1,
  version: 'v1',
  patch: { Name: 'Ada' },
  sent: { name: 'Ada' },
  source: { name: 'Ada ' },
  before: { name: null },
  stamp: null,
  incarnation: 1,
  conflicts: [],
  cause: 'a>b',
  origin: {
    cause: { kind: 'record', side: 'a', version: 'v7', mono: '2026-01-02T00:00:00Z', modifiedAt: NOW - 5 },
    mapping: 'm1',
    rules: { name: 'a>b' },
  },
  runId: 'run-1',
  sentAt: NOW,
  owner: null,
  state: 'open',
  closedAt: null,
  ...more,
});

export const aReview = (id: string, more: Partial<Review> = {}): Review => ({
  id,
  laneId: LANE,
  kind: 'match',
  linkId: null,
  aIds: ['a-1'],
  bIds: ['b-1', 'b-2'],
  score: 0.75,
  reasons: ['Same name, another e-mail.'],
  decision: null,
  decidedAt: null,
  at: NOW,
  ...more,
});

export const aHistory = (seq: number, more: Partial<HistoryRow> = {}): HistoryRow => ({
  runId: 'run-1',
  seq,
  laneId: LANE,
  linkId: 'link-1',
  side: 'a',
  op: 'update',
  field: 'name',
  old: null,
  new: ['x', 'y'],
  rule: 'a>b',
  intentId: 'intent-1',
  cause: { kind: 'record', side: 'b', version: 'v7', mono: '2026-01-02T00:00:00Z', modifiedAt: null },
  mapping: 'm1',
  at: NOW,
  ...more,
});

type NewSuspect = Omit<Suspect, 'seq' | 'laneId'>;

export const aSuspect = (id: string, more: Partial<NewSuspect> = {}): NewSuspect => ({
  side: 'b',
  id,
  why: 'unknown',
  feed: 'contacts',
  mono: '1',
  at: NOW,
  ...more,
});

export const mark = (linkId: string, more: Partial<Mark> = {}): Mark => ({
  side: 'b',
  linkId,
  kind: 'dirty',
  ...more,
});

/** A lane held by "worker-1", and a feed held by "reader". */
export interface Desk {
  readonly sync: SyncState;
  readonly guard: Guard;
  readonly feedFence: number;
}

export async function hold(sync: SyncState, laneId: string, owner = 'worker-1'): Promise<Guard> {
  const lease = await sync.acquireLane({ laneId, owner, now: NOW, ttlMs: 60_000 });
  assert.ok(lease, `lane ${laneId} could not be acquired`);
  return { laneId, fence: lease.fence };
}

export async function holdFeed(sync: SyncState, owner = 'reader'): Promise<number> {
  const lease = await sync.acquireFeed({ feed: FEED, owner, now: NOW, ttlMs: 60_000 });
  assert.ok(lease, 'the feed could not be acquired');
  return lease.fence;
}

export async function desk(state: StatePort): Promise<Desk> {
  const { sync } = state;
  await sync.saveLanes([laneSpec(LANE), laneSpec(OTHER)], NOW);
  await sync.saveFeeds([{ id: FEED, store: HUB, side: 'b', key: 'contacts' }]);
  return { sync, guard: await hold(sync, LANE), feedFence: await holdFeed(sync) };
}

export async function putLinks(at: Desk, ...links: readonly Link[]): Promise<void> {
  await at.sync.commitLane({ guard: at.guard, now: NOW, links: links.map((link) => ({ link })) });
}

export interface Observed {
  readonly laneId?: string;
  readonly marks?: readonly Mark[];
  readonly suspects?: readonly NewSuspect[];
  readonly cursor?: string;
  readonly now?: number;
}

export async function observe(at: Desk, observed: Observed): Promise<void> {
  const { laneId = LANE, marks = [], suspects = [], cursor = 'cursor-1', now = NOW } = observed;
  await at.sync.commitObservations({
    feed: FEED,
    fence: at.feedFence,
    cursor,
    gen: 1,
    scanning: false,
    scopeHash: null,
    pageHash: null,
    lanes: [{ laneId, marks, suspects }],
    now,
  });
}

export async function linkOf(sync: SyncState, id: string, laneId = LANE): Promise<Link> {
  const [link] = await sync.links(laneId, { by: 'id', ids: [id] });
  assert.ok(link, `link ${id} is missing`);
  return link;
}

export async function idsOf(sync: SyncState, query: LinkQuery, laneId = LANE): Promise<string[]> {
  return (await sync.links(laneId, query)).map((link) => link.id);
}

export const workIds = (sync: SyncState, laneId = LANE): Promise<string[]> =>
  idsOf(sync, { by: 'work', now: NOW, limit: 1_000 }, laneId);

export async function laneOf(sync: SyncState, id = LANE): Promise<LaneRow> {
  const row = (await sync.lanes()).find((lane) => lane.id === id);
  assert.ok(row, `lane ${id} is missing`);
  return row;
}

export async function suspectOf(sync: SyncState, side: Side, id: string): Promise<Suspect | undefined> {
  const rows = await sync.suspects(LANE, { limit: 1_000 });
  return rows.find((row) => row.side === side && row.id === id);
}

export async function rejectsWith(kind: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isAdapterError(error), `expected an AdapterError, got ${String(error)}`);
    assert.equal(error.kind, kind);
    return true;
  });
}
