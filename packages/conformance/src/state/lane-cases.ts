import assert from 'node:assert/strict';
import type { Guard } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import {
  aHistory,
  aLink,
  anIntent,
  aReview,
  desk,
  hold,
  LANE,
  laneOf,
  laneSpec,
  NOW,
  OTHER,
  rejectsWith,
  workIds,
} from './sample.ts';

const TTL = 60_000;

export const laneCases: readonly StateCase[] = [
  {
    id: 'state-001',
    title: 'a saved lane is due at once, and saving it again changes its description only',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      const fresh = await laneOf(sync);
      assert.deepEqual(fresh, {
        ...laneSpec(LANE),
        ...{
          fence: 0,
          leaseOwner: null,
          leaseUntil: 0,
          dirtySeq: 0,
          doneSeq: 0,
          dueAt: NOW,
          scopeHash: null,
        },
        ...{ held: null, approved: [], paused: null, lastOkAt: null, errorKind: null, errorCount: 0 },
      });
      await hold(sync, LANE);
      await sync.saveLanes([{ ...laneSpec(LANE), label: 'Renamed' }], NOW + 5);
      const renamed = await laneOf(sync);
      assert.deepEqual(renamed, {
        ...fresh,
        label: 'Renamed',
        fence: 1,
        leaseOwner: 'worker-1',
        leaseUntil: NOW + TTL,
      });
    },
  },
  {
    id: 'state-002',
    title: 'a lane is held by one owner at a time, until its lease ends',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      const first = await sync.acquireLane({ laneId: LANE, owner: 'one', now: NOW, ttlMs: TTL });
      assert.deepEqual(first, { fence: 1, until: NOW + TTL });
      const other = { laneId: LANE, owner: 'two', ttlMs: TTL };
      assert.equal(await sync.acquireLane({ ...other, now: NOW + TTL - 1 }), null);
      assert.deepEqual(await sync.acquireLane({ ...other, now: NOW + TTL }), {
        fence: 2,
        until: NOW + 2 * TTL,
      });
    },
  },
  {
    id: 'state-003',
    title: 'the same owner may acquire again, and the older guard is dead',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      const first = await hold(sync, LANE);
      const second = await hold(sync, LANE);
      assert.ok(second.fence > first.fence);
      assert.equal(await sync.renewLane({ guard: first, now: NOW, ttlMs: TTL }), false);
      assert.equal(await sync.renewLane({ guard: second, now: NOW, ttlMs: TTL }), true);
    },
  },
  {
    id: 'state-004',
    title: 'renewing prolongs the lease; a released or lost lease cannot be renewed',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      const guard = await hold(sync, LANE);
      assert.equal(await sync.renewLane({ guard, now: NOW + 10, ttlMs: TTL }), true);
      assert.equal((await laneOf(sync)).leaseUntil, NOW + 10 + TTL);
      await sync.releaseLane({ guard, now: NOW, doneSeq: 0, dueAt: NOW, errorKind: null, scopeHash: null });
      assert.equal(await sync.renewLane({ guard, now: NOW + 20, ttlMs: TTL }), false);
      assert.equal((await laneOf(sync)).leaseOwner, null);
    },
  },
  {
    id: 'state-005',
    title: 'release notes success or failure and the next due time',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      const failed = {
        now: NOW + 1,
        doneSeq: 0,
        dueAt: NOW + 900,
        errorKind: 'unavailable',
        scopeHash: 's1',
      };
      await sync.releaseLane({ guard: await hold(sync, LANE), ...failed });
      await sync.releaseLane({ guard: await hold(sync, LANE), ...failed });
      const broken = await laneOf(sync);
      assert.deepEqual(
        [broken.errorKind, broken.errorCount, broken.lastOkAt, broken.dueAt, broken.scopeHash],
        ['unavailable', 2, null, NOW + 900, 's1'],
      );
      const guard = await hold(sync, LANE);
      await sync.releaseLane({
        guard,
        now: NOW + 2,
        doneSeq: 0,
        dueAt: NOW + 901,
        errorKind: null,
        scopeHash: 's2',
      });
      const mended = await laneOf(sync);
      assert.deepEqual([mended.errorKind, mended.errorCount, mended.lastOkAt], [null, 0, NOW + 2]);
    },
  },
  {
    id: 'state-006',
    title: 'a hint during a pass is not lost: the lane stays due at release',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      const guard = await hold(sync, LANE);
      const before = (await laneOf(sync)).dirtySeq;
      await sync.hintLane(LANE, NOW + 3);
      assert.ok((await laneOf(sync)).dirtySeq > before);
      const rest = { now: NOW + 5, dueAt: NOW + 900_000, errorKind: null, scopeHash: null };
      await sync.releaseLane({ guard, doneSeq: before, ...rest });
      assert.ok((await laneOf(sync)).dueAt <= NOW + 5);
      const again = await hold(sync, LANE);
      const seen = (await laneOf(sync)).dirtySeq;
      await sync.releaseLane({ guard: again, doneSeq: seen, ...rest });
      const idle = await laneOf(sync);
      assert.equal(idle.dueAt, NOW + 900_000);
      assert.equal(idle.doneSeq, seen);
      await sync.hintLane(LANE, NOW + 7);
      assert.equal((await laneOf(sync)).dueAt, NOW + 7);
    },
  },
  {
    id: 'state-007',
    title: 'a release with an old fence throws conflict and leaves the new holder alone',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      const old = await hold(sync, LANE);
      await hold(sync, LANE);
      const before = await laneOf(sync);
      const release = { now: NOW, doneSeq: 9, dueAt: 0, errorKind: 'x', scopeHash: 'y' };
      await rejectsWith('conflict', sync.releaseLane({ guard: old, ...release }));
      assert.deepEqual(await laneOf(sync), before);
    },
  },
  {
    id: 'state-008',
    title: 'a commit and openIntents with an old or released guard throw conflict without a trace',
    async run({ state }) {
      const at = await desk(state);
      const { sync } = at;
      const attempt = async (guard: Guard): Promise<void> => {
        const link = aLink('ghost', { status: 'half', b: null });
        const rest = { history: [aHistory(1)], reviews: [aReview('r')], held: null };
        await rejectsWith('conflict', sync.commitLane({ guard, now: NOW, links: [{ link }], ...rest }));
        const intents = [anIntent('i')];
        const claims = [{ intentId: 'i', store: 's', key: 'k' }];
        await rejectsWith('conflict', sync.openIntents({ guard, now: NOW, intents, claims }));
        assert.deepEqual(await workIds(sync), []);
        assert.deepEqual(await sync.history(LANE, { limit: 9 }), []);
        assert.deepEqual(await sync.reviews(LANE), []);
        assert.deepEqual(await sync.openIntentsOf(LANE), []);
      };
      const next = await hold(sync, LANE);
      await attempt(at.guard);
      await sync.releaseLane({
        guard: next,
        now: NOW,
        doneSeq: 0,
        dueAt: 0,
        errorKind: null,
        scopeHash: null,
      });
      await attempt(next);
      assert.equal((await sync.lanes()).length, 2);
    },
  },
  {
    id: 'state-009',
    title: 'held deletes and their approval are kept apart from the lease',
    async run({ state }) {
      const { sync, guard } = await desk(state);
      const held = { hash: 'h1', side: 'a' as const, reason: 'too many', count: 2, linkIds: ['x', 'y'] };
      await sync.commitLane({ guard, now: NOW, held });
      await sync.commitLane({ guard, now: NOW });
      await sync.approveHeld(LANE, 'h1', NOW);
      const lane = await laneOf(sync);
      const first = { hash: 'h1', linkIds: ['x', 'y'], at: NOW };
      assert.deepEqual([lane.held, lane.approved], [held, [first]]);
      await sync.commitLane({ guard, now: NOW, held: { ...held, hash: 'h2', side: 'b', linkIds: ['z'] } });
      const later = NOW + 1;
      for (const hash of ['h2', 'h1', 'h3']) await sync.approveHeld(LANE, hash, later);
      const approved = [
        { hash: 'h2', linkIds: ['z'], at: later },
        { ...first, at: later },
        { hash: 'h3', linkIds: [], at: later },
      ];
      assert.deepEqual((await laneOf(sync)).approved, approved);
      await sync.commitLane({ guard, now: NOW, held: null });
      assert.deepEqual((await laneOf(sync)).approved, approved);
      await sync.approveHeld(LANE, null, later);
      const cleared = await laneOf(sync);
      assert.deepEqual([cleared.held, cleared.approved], [null, []]);
      assert.equal((await laneOf(sync, OTHER)).held, null);
    },
  },
  {
    id: 'state-012',
    title: 'a pause outlives leases and saves of the lane, and ends when it is taken back',
    async run({ state }) {
      const { sync, guard } = await desk(state);
      const pause = { by: 'ann', at: NOW, reason: 'A person said "stop".', under: 'config-1' };
      await sync.pauseLane(LANE, pause);
      await sync.commitLane({ guard, now: NOW });
      const release = { now: NOW, doneSeq: 0, dueAt: NOW, errorKind: null, scopeHash: null };
      await sync.releaseLane({ guard, ...release });
      await sync.saveLanes([laneSpec(LANE)], NOW);
      assert.deepEqual((await laneOf(sync)).paused, pause);
      assert.equal((await laneOf(sync, OTHER)).paused, null);
      await sync.pauseLane(LANE, { ...pause, under: null });
      assert.equal((await laneOf(sync)).paused?.under, null);
      await sync.pauseLane(LANE, null);
      assert.equal((await laneOf(sync)).paused, null);
      await rejectsWith('not_found', sync.pauseLane('nobody', pause));
    },
  },
  {
    id: 'state-010',
    title: 'fences never go back, whatever happens to the lane',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE)], NOW);
      let last = 0;
      for (let round = 0; round < 5; round++) {
        const guard = await hold(sync, LANE);
        assert.ok(guard.fence > last);
        last = guard.fence;
        const release = { now: NOW, doneSeq: 0, dueAt: NOW, errorKind: null, scopeHash: null };
        if (round % 2 === 0) await sync.releaseLane({ guard, ...release });
        await sync.saveLanes([laneSpec(LANE)], NOW);
      }
    },
  },
  {
    id: 'state-011',
    title: 'a lane that was never saved cannot be acquired or hinted: not_found',
    async run({ state: { sync } }) {
      await rejectsWith('not_found', sync.acquireLane({ laneId: 'nobody', owner: 'x', now: NOW, ttlMs: 1 }));
      await rejectsWith('not_found', sync.hintLane('nobody', NOW));
    },
  },
  {
    id: 'state-019',
    title:
      'an erased lane has forgotten everything, its holder commits nothing more, and other lanes keep theirs',
    async run({ state: { sync } }) {
      await sync.saveLanes([laneSpec(LANE), laneSpec(OTHER)], NOW);
      const guard = await hold(sync, LANE);
      const other = await hold(sync, OTHER);
      await sync.commitLane({ guard, now: NOW, links: [{ link: aLink('1') }], history: [aHistory(1)] });
      await sync.commitLane({ guard: other, now: NOW, links: [{ link: aLink('2', { laneId: OTHER }) }] });
      await sync.openIntents({ guard, now: NOW, intents: [anIntent('i1')], claims: [] });
      await sync.eraseLane(LANE, NOW + 9);
      assert.deepEqual(await sync.links(LANE, { by: 'page', after: '', limit: 10 }), []);
      assert.deepEqual(await sync.openIntentsOf(LANE), []);
      assert.deepEqual(await sync.history(LANE, { limit: 10 }), []);
      const { live, openIntents, suspects, reviews } = await sync.counts(LANE, NOW);
      assert.deepEqual(
        { live, openIntents, suspects, reviews },
        { live: 0, openIntents: 0, suspects: 0, reviews: 0 },
      );
      await rejectsWith('conflict', sync.commitLane({ guard, now: NOW, links: [{ link: aLink('3') }] }));
      const erased = await laneOf(sync);
      assert.equal(erased.leaseOwner, null);
      assert.equal(erased.dueAt, NOW + 9);
      assert.ok(erased.fence > guard.fence);
      assert.equal((await sync.links(OTHER, { by: 'page', after: '', limit: 10 })).length, 1);
      const again = await hold(sync, LANE);
      await sync.commitLane({ guard: again, now: NOW, links: [{ link: aLink('1') }] });
      assert.equal((await sync.counts(LANE, NOW)).live, 1);
      await rejectsWith('not_found', sync.eraseLane('nobody', NOW));
    },
  },
];
