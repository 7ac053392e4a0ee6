import assert from 'node:assert/strict';
import type { SyncState } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import { aSuspect, desk, FEED, HUB, hold, LANE, laneOf, laneSpec, NOW, OTHER, observe } from './sample.ts';

const TTL = 60_000;

const dueIds = async (sync: SyncState, now: number, limit = 10): Promise<string[]> =>
  (await sync.dueLanes({ now, owner: 'asker', limit })).map(({ id }) => id);

const dueAtOf = async (sync: SyncState): Promise<number | undefined> => (await sync.feeds(HUB))[0]?.dueAt;

const rest = { doneSeq: 0, errorKind: null, scopeHash: null };

/** Who is due, and when: what a scheduler asks. */
export const dueCases: readonly StateCase[] = [
  {
    id: 'state-090',
    title: 'lanes are answered by name, each once, and unknown names are passed over',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec('one'), laneSpec('three'), laneSpec('two')], NOW);
      const named = await sync.lanes(['two', 'nobody', 'one', 'two']);
      assert.deepEqual(
        named.map(({ id }) => id),
        ['one', 'two'],
      );
      assert.deepEqual(named[0], await laneOf(sync, 'one'));
      assert.deepEqual(await sync.lanes([]), []);
      assert.equal((await sync.lanes()).length, 3);
    },
  },
  {
    id: 'state-091',
    title: 'due lanes come longest due first, as many as were asked for, and none before its time',
    async run({ state: { sync } }) {
      for (const [id, at] of [
        ['late', NOW + 2],
        ['first', NOW],
        ['then', NOW + 1],
      ] as const)
        await sync.saveLanes([laneSpec(id)], at);
      assert.deepEqual(await dueIds(sync, NOW - 1), []);
      assert.deepEqual(await dueIds(sync, NOW + 1), ['first', 'then']);
      assert.deepEqual(await dueIds(sync, NOW + 9, 2), ['first', 'then']);
      const guard = await hold(sync, 'first');
      await sync.releaseLane({ guard, now: NOW, dueAt: NOW + 5, ...rest });
      assert.deepEqual(await dueIds(sync, NOW + 9), ['then', 'late', 'first']);
      await sync.hintLane('first', NOW);
      const [row] = await sync.dueLanes({ now: NOW, owner: 'asker', limit: 1 });
      assert.deepEqual(row, await laneOf(sync, 'first'));
    },
  },
  {
    id: 'state-092',
    title:
      "a lane that somebody holds is not due for others until the lease ends; one's own lease is no hindrance",
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE), laneSpec(OTHER)], NOW);
      await sync.acquireLane({ laneId: LANE, owner: 'somebody', now: NOW, ttlMs: TTL });
      await sync.acquireLane({ laneId: OTHER, owner: 'asker', now: NOW, ttlMs: TTL });
      assert.deepEqual(await dueIds(sync, NOW + 1), [OTHER]);
      await sync.hintLane(LANE, NOW + 1);
      assert.deepEqual(await dueIds(sync, NOW + TTL - 1), [OTHER]);
      assert.deepEqual((await dueIds(sync, NOW + TTL)).sort(), [LANE, OTHER]);
    },
  },
  {
    id: 'state-093',
    title: 'a lane that rests is due when it was told, or when it is hinted at; paused lanes are told of',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE), laneSpec(OTHER)], NOW);
      await sync.pauseLane(LANE, { by: 'ann', at: NOW, reason: '', under: null });
      assert.deepEqual(await dueIds(sync, NOW), [LANE, OTHER]);
      await sync.hintLane(LANE, NOW);
      await sync.deferLanes([LANE, 'nobody'], NOW + 100);
      assert.deepEqual(await dueIds(sync, NOW + 99), [OTHER]);
      assert.deepEqual(await dueIds(sync, NOW + 100), [OTHER, LANE]);
      await sync.deferLanes([LANE], NOW + 50);
      assert.equal((await laneOf(sync)).dueAt, NOW + 100);
      await sync.hintLane(LANE, NOW + 60);
      assert.deepEqual(await dueIds(sync, NOW + 60), [OTHER, LANE]);
    },
  },
  {
    id: 'state-094',
    title:
      'a feed is due when its reader says, earlier when somebody hinted meanwhile, and when a reader died',
    async run({ state }) {
      const { sync } = state;
      await sync.saveFeeds([{ id: FEED, store: HUB, side: 'b', key: 'contacts' }]);
      assert.equal(await dueAtOf(sync), 0);
      const read = async (now: number) => {
        const lease = await sync.acquireFeed({ feed: FEED, owner: 'reader', now, ttlMs: TTL });
        assert.ok(lease);
        return { feed: FEED, fence: lease.fence };
      };
      const first = await read(NOW);
      assert.equal(await dueAtOf(sync), NOW + TTL);
      await sync.releaseFeed({ ...first, dueAt: NOW + 300 });
      assert.equal(await dueAtOf(sync), NOW + 300);
      const second = await read(NOW + 300);
      await sync.hintFeeds(HUB, NOW + 301);
      await sync.hintFeeds('nobody', NOW + 301);
      await sync.releaseFeed({ ...second, dueAt: NOW + 900 });
      assert.equal(await dueAtOf(sync), NOW + 301);
      const third = await read(NOW + 400);
      await sync.releaseFeed({ ...second, dueAt: NOW });
      await sync.releaseFeed(third);
      assert.equal(await dueAtOf(sync), NOW + 400 + TTL);
      await sync.saveFeeds([{ id: FEED, store: HUB, side: 'b', key: 'contacts' }]);
      assert.equal(await dueAtOf(sync), NOW + 400 + TTL);
      await sync.resetFeeds(HUB);
      assert.equal(await dueAtOf(sync), 0);
    },
  },
  {
    id: 'state-095',
    title: 'observations make the lanes that got something due, and no others',
    async run({ state }) {
      const at = await desk(state);
      const { sync, guard } = at;
      await sync.releaseLane({ guard, now: NOW, dueAt: NOW + 900_000, ...rest });
      await sync.deferLanes([OTHER], NOW + 900_000);
      await observe(at, { cursor: 'nothing' });
      assert.deepEqual(await dueIds(sync, NOW + 800_000), []);
      await observe(at, { cursor: 'somebody', suspects: [aSuspect('b-new')] });
      assert.deepEqual(await dueIds(sync, NOW + 800_000), [LANE]);
    },
  },
  {
    id: 'state-096',
    title: 'a lane that failed waits as long as it was told, whatever was hinted before',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      await sync.hintLane(LANE, NOW);
      const guard = await hold(sync, LANE);
      await sync.hintLane(LANE, NOW + 1);
      const failed = { doneSeq: -1, errorKind: 'rate_limited', scopeHash: null };
      await sync.releaseLane({ guard, now: NOW + 2, dueAt: NOW + 500, ...failed });
      assert.deepEqual(await dueIds(sync, NOW + 499), []);
      assert.deepEqual(await dueIds(sync, NOW + 500), [LANE]);
      const row = await laneOf(sync);
      assert.ok(row.dirtySeq > row.doneSeq);
    },
  },
  {
    id: 'state-097',
    title: 'lanes are counted by how they are: those that are named and known, each once',
    async run({ state }) {
      const { sync, guard } = await desk(state);
      const ids = [LANE, OTHER, 'three', 'four'];
      await sync.saveLanes([...ids, 'not asked for'].map(laneSpec), NOW);
      const sum = (named: readonly string[], before = NOW) => sync.sumLanes({ ids: named, before });
      const none = { paused: 0, held: 0, failing: 0, late: 0, oldestOkAt: null };
      assert.deepEqual(await sum([]), { ...none, lanes: 0, fresh: 0 });
      assert.deepEqual(await sum([...ids, OTHER, 'nobody']), { ...none, lanes: 4, fresh: 4 });
      const held = { hash: 'hash', side: 'b', reason: '', count: 1, linkIds: ['link-1'] } as const;
      await sync.commitLane({ guard, now: NOW, held });
      await sync.releaseLane({ guard, now: NOW + 1, dueAt: NOW, ...rest });
      const other = await hold(sync, OTHER);
      await sync.releaseLane({ guard: other, now: NOW + 2, dueAt: NOW, ...rest });
      const again = await hold(sync, OTHER);
      await sync.releaseLane({ guard: again, now: NOW + 3, dueAt: NOW, ...rest, errorKind: 'auth' });
      const three = await hold(sync, 'three');
      await sync.releaseLane({ guard: three, now: NOW, dueAt: NOW, ...rest, errorKind: 'auth' });
      await sync.pauseLane('three', { by: 'ann', at: NOW, reason: '', under: null });
      const all = { lanes: 4, paused: 1, held: 1, failing: 1, fresh: 1, late: 0, oldestOkAt: NOW + 1 };
      assert.deepEqual(await sum(ids), all);
      assert.deepEqual(await sum(ids, NOW + 2), { ...all, late: 1 });
      assert.deepEqual(await sum(ids, NOW + 3), { ...all, late: 2 });
    },
  },
];
