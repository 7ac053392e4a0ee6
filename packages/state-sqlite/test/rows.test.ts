import type { Intent } from '@tidelock/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../src/store-here.ts';
import { LANE, laneSpec, plainLink } from './batch.ts';

let store: ReturnType<typeof openStore>;
let guard: { readonly laneId: string; readonly fence: number };

beforeEach(async () => {
  store = openStore(':memory:');
  await store.sync.saveLanes([laneSpec], 1);
  const lease = await store.sync.acquireLane({ laneId: LANE, owner: 'o', now: 1, ttlMs: 1_000_000 });
  guard = { laneId: LANE, fence: lease?.fence ?? 0 };
});
afterEach(() => store.close());

it('a commit that puts a link twice leaves what came last, whether it was there before or not', async () => {
  const known = plainLink('known', { updatedAt: 1 });
  await store.sync.commitLane({ guard, now: 1, links: [{ link: known }] });
  const put = (id: string, updatedAt: number) => ({
    link: plainLink(id, { updatedAt, status: updatedAt === 2 ? 'half' : 'live' }),
  });
  await store.sync.commitLane({
    guard,
    now: 2,
    links: [put('known', 2), put('new', 2), put('known', 3), put('new', 3)],
  });
  const links = await store.sync.links(LANE, { by: 'id', ids: ['known', 'new'] });
  expect(links.map(({ id, status, updatedAt }) => [id, status, updatedAt])).toEqual([
    ['known', 'live', 3],
    ['new', 'live', 3],
  ]);
  expect(await store.sync.counts(LANE, 2)).toMatchObject({ live: 2, half: 0 });
});

it('marks are numbered in the order in which they are named', async () => {
  const links = [
    { link: plainLink('1'), mark: ['b', 'a'] as const },
    { link: plainLink('2'), mark: ['a', 'b'] as const },
    { link: plainLink('3'), mark: ['b'] as const },
  ];
  await store.sync.commitLane({ guard, now: 1, links });
  const found = await store.sync.links(LANE, { by: 'page', after: '', limit: 10 });
  expect(found.map(({ dirtyA, dirtyB }) => [dirtyA, dirtyB])).toEqual([
    [2, 1],
    [3, 4],
    [0, 5],
  ]);
});

const intent = (id: string): Intent => ({
  ...{
    id,
    laneId: LANE,
    linkId: `link-${id}`,
    side: 'b',
    op: 'update',
    store: 'b',
    targetId: `target-${id}`,
  },
  ...{ fence: guard.fence, version: null, patch: {}, sent: {}, source: {}, before: {}, stamp: null },
  ...{
    incarnation: 1,
    conflicts: [],
    cause: 'c',
    origin: { cause: null, mapping: '', rules: {} },
    runId: 'r',
  },
  ...{ sentAt: 1, owner: null, state: 'open', closedAt: null },
});

it('intents that end in one commit end each in its own way', async () => {
  const ids = ['1', '2', '3', '4', '5'];
  await store.sync.openIntents({ guard, now: 1, intents: ids.map(intent), claims: [] });
  const conflict = {
    field: 'name',
    winner: 'a',
    kept: 'x',
    lost: 'y',
    rule: 'r',
    certainty: 'certain',
  } as const;
  const closed = [
    { id: '1', state: 'confirmed' as const, conflicts: [] },
    { id: '2', state: 'void' as const, conflicts: [] },
    { id: '3', state: 'confirmed' as const, conflicts: [conflict] },
    { id: '4', state: 'confirmed' as const, conflicts: [] },
  ];
  await store.sync.commitLane({ guard, now: 7, closed });
  const ends = await Promise.all(ids.map(async (id) => (await store.sync.intentsOf(LANE, `link-${id}`))[0]));
  expect(ends.map((end) => [end?.state, end?.conflicts.length, end?.closedAt])).toEqual([
    ['confirmed', 0, 7],
    ['void', 0, 7],
    ['confirmed', 1, 7],
    ['confirmed', 0, 7],
    ['open', 0, null],
  ]);
});
