import assert from 'node:assert/strict';
import type { FeedRow, StatePort } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import {
  aLink,
  aSuspect,
  desk,
  FEED,
  HUB,
  hold,
  LANE,
  laneOf,
  linkOf,
  mark,
  NOW,
  OTHER,
  observe,
  putLinks,
  rejectsWith,
  suspectOf,
  workIds,
} from './sample.ts';

async function feedOf(state: StatePort): Promise<FeedRow> {
  const [feed] = await state.sync.feeds(HUB);
  assert.ok(feed);
  return feed;
}

export const feedCases: readonly StateCase[] = [
  {
    id: 'state-020',
    title: 'a saved feed starts with a full enumeration, and saving it again keeps its cursor',
    async run({ state }) {
      const feed = { id: FEED, store: HUB, side: 'b' as const, key: 'contacts' };
      await state.sync.saveFeeds([feed, { id: 'x/1', store: 'x', side: 'a', key: '1' }]);
      assert.deepEqual(await state.sync.feeds(HUB), [
        {
          ...feed,
          ...{
            cursor: null,
            gen: 0,
            scanning: false,
            scopeHash: null,
            fence: 0,
            leaseUntil: 0,
            leaseOwner: null,
          },
          pageHash: null,
          scannedAt: null,
          dueAt: 0,
        },
      ]);
      const at = await desk(state);
      await observe(at, { cursor: 'page-2' });
      await state.sync.saveFeeds([feed]);
      assert.equal((await feedOf(state)).cursor, 'page-2');
    },
  },
  {
    id: 'state-021',
    title: 'a feed has one reader; a late release changes nothing, and a released lease stores nothing',
    async run({ state }) {
      const at = await desk(state);
      const { sync, feedFence } = at;
      const second = { feed: FEED, owner: 'second', ttlMs: 1_000 };
      assert.equal(await sync.acquireFeed({ ...second, now: NOW }), null);
      const lease = await sync.acquireFeed({ ...second, now: NOW + 60_000 });
      assert.ok(lease && lease.fence > feedFence);
      await sync.releaseFeed({ feed: FEED, fence: feedFence }).catch(() => undefined);
      assert.equal((await feedOf(state)).leaseOwner, 'second');
      await sync.releaseFeed({ feed: FEED, fence: lease.fence });
      await rejectsWith('conflict', observe({ ...at, feedFence: lease.fence }, { cursor: 'after' }));
      assert.equal((await feedOf(state)).leaseOwner, null);
    },
  },
  {
    id: 'state-022',
    title: 'observations and cursor are one: an old fence stores neither',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      await at.sync.acquireFeed({ feed: FEED, owner: 'reader', now: NOW, ttlMs: 1_000 });
      const before = await feedOf(state);
      await rejectsWith(
        'conflict',
        observe(at, { marks: [mark('1')], suspects: [aSuspect('u')], cursor: 'late' }),
      );
      assert.deepEqual(await feedOf(state), before);
      assert.deepEqual(await workIds(at.sync), []);
      assert.equal(await suspectOf(at.sync, 'b', 'u'), undefined);
    },
  },
  {
    id: 'state-023',
    title: 'a mark on a link that is not there stores nothing, so its page is read again',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      await rejectsWith('conflict', observe(at, { marks: [mark('1'), mark('gone')], cursor: 'c' }));
      assert.equal((await feedOf(state)).cursor, null);
      assert.deepEqual(await workIds(at.sync), []);
    },
  },
  {
    id: 'state-024',
    title: 'a commit keeps everything that the feed said about itself',
    async run({ state }) {
      const at = await desk(state);
      const feed = { cursor: 'c7', gen: 7, scanning: true, scopeHash: 'scope', pageHash: 'page' };
      await at.sync.commitObservations({ feed: FEED, fence: at.feedFence, ...feed, lanes: [], now: NOW });
      const row = await feedOf(state);
      assert.deepEqual({ ...row, ...feed }, row);
    },
  },
  {
    id: 'state-028',
    title: 'the end of an enumeration is dated, and nothing else is',
    async run({ state }) {
      const at = await desk(state);
      const commit = async (scanning: boolean, now: number): Promise<number | null> => {
        const feed = { cursor: 'c', gen: 1, scanning, scopeHash: null, pageHash: null };
        await at.sync.commitObservations({ feed: FEED, fence: at.feedFence, ...feed, lanes: [], now });
        return (await feedOf(state)).scannedAt;
      };
      assert.equal(await commit(false, NOW), null);
      assert.equal(await commit(true, NOW + 1), null);
      assert.equal(await commit(false, NOW + 2), NOW + 2);
      assert.equal(await commit(false, NOW + 3), NOW + 2);
      assert.equal(await commit(true, NOW + 4), NOW + 2);
      await at.sync.resetFeeds(HUB);
      assert.equal((await feedOf(state)).scannedAt, NOW + 2);
    },
  },
  {
    id: 'state-025',
    title: 'an org feed fans out to lanes that others hold, and makes each of them due',
    async run({ state }) {
      const at = await desk(state);
      const { sync } = at;
      await putLinks(at, aLink('1'));
      const guard = await hold(sync, OTHER, 'somebody-else');
      const link = aLink('1', { laneId: OTHER });
      await sync.commitLane({ guard, now: NOW, links: [{ link }] });
      const before = [await laneOf(sync, LANE), await laneOf(sync, OTHER)];
      const lanes = [
        { laneId: LANE, marks: [mark('1')], suspects: [] },
        { laneId: OTHER, marks: [], suspects: [aSuspect('new')] },
      ];
      const feed = { cursor: 'c', gen: 1, scanning: false, scopeHash: null, pageHash: null };
      await sync.commitObservations({ feed: FEED, fence: at.feedFence, ...feed, lanes, now: NOW - 5 });
      for (const was of before) {
        const is = await laneOf(sync, was.id);
        assert.equal(is.dirtySeq > was.dirtySeq, true, `${was.id} was not bumped`);
        assert.equal(is.dueAt, NOW - 5);
        assert.equal(is.leaseOwner, was.leaseOwner);
      }
      assert.deepEqual(await workIds(sync, LANE), ['1']);
      assert.deepEqual(await workIds(sync, OTHER), []);
      assert.equal((await sync.suspects(OTHER, { limit: 9 })).length, 1);
      await sync.commitLane({ guard, now: NOW, links: [{ link: { ...link, updatedAt: NOW + 1 } }] });
    },
  },
  {
    id: 'state-026',
    title: 'a lane that got nothing, or clean marks only, is not bumped: idle passes stay idle',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      const before = await laneOf(at.sync);
      await observe(at, {});
      await observe(at, { marks: [mark('1', { kind: 'clean', gen: 2, version: 'v1' })] });
      assert.equal((await laneOf(at.sync)).dirtySeq, before.dirtySeq);
    },
  },
  {
    id: 'state-027',
    title: 'resetting feeds drops cursors, keeps links and shuts out a reader at work',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      await observe(at, { cursor: 'c9' });
      await at.sync.resetFeeds(HUB);
      await rejectsWith('conflict', observe(at, { cursor: 'c10' }));
      const feed = await feedOf(state);
      assert.deepEqual([feed.cursor, feed.scanning, feed.gen], [null, false, 1]);
      assert.equal((await linkOf(at.sync, '1')).status, 'live');
      const lease = await at.sync.acquireFeed({ feed: FEED, owner: 'next', now: NOW, ttlMs: 10 });
      assert.ok(lease && lease.fence > at.feedFence);
    },
  },
];
