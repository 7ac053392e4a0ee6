import assert from 'node:assert/strict';
import type { HistoryRow, RunRow } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import {
  aHistory,
  aLink,
  anIntent,
  aReview,
  desk,
  hold,
  idsOf,
  LANE,
  mark,
  NOW,
  OTHER,
  observe,
  putLinks,
  rejectsWith,
} from './sample.ts';

const aRun = (id: string, more: Partial<RunRow> = {}): RunRow => ({
  ...{ id, laneId: LANE, kind: 'sync', startedAt: NOW, endedAt: null, counts: {}, stopReason: null },
  ...more,
});

const NEVER = { intents: 0, claims: 0, tombstones: 0, values: 0, history: 0 };

export const journalCases: readonly StateCase[] = [
  {
    id: 'state-120',
    title: 'history is answered newest first, by link, by run and by lane',
    async run({ state }) {
      const at = await desk(state);
      const history = [1, 2, 3, 4].map((seq) =>
        aHistory(seq, {
          linkId: `link-${seq % 2}`,
          runId: `run-${seq > 2 ? 2 : 1}`,
          old: { city: 'x' },
          new: `v${seq}`,
        }),
      );
      await at.sync.commitLane({ guard: at.guard, now: NOW, history });
      const newest = history.toReversed();
      assert.deepEqual(await at.sync.history(LANE, { limit: 9 }), newest);
      assert.deepEqual(await at.sync.history(LANE, { limit: 2 }), newest.slice(0, 2));
      const seqs = async (query: { linkId?: string; runId?: string }): Promise<number[]> =>
        (await at.sync.history(LANE, { ...query, limit: 9 })).map((row) => row.seq);
      assert.deepEqual(await seqs({ linkId: 'link-1' }), [3, 1]);
      assert.deepEqual(await seqs({ runId: 'run-2' }), [4, 3]);
      assert.deepEqual(await seqs({ runId: 'run-2', linkId: 'link-0' }), [4]);
      assert.deepEqual(await at.sync.history(OTHER, { limit: 9 }), []);
    },
  },
  {
    id: 'state-176',
    title:
      'deletes are counted by side from an instant on, inclusive, in a lane and in all lanes of its tenant',
    async run({ state }) {
      const { sync, guard } = await desk(state);
      const row = (seq: number, more: Partial<HistoryRow>): HistoryRow =>
        aHistory(seq, { op: 'delete', ...more });
      const history = [
        row(1, { at: NOW - 1, side: 'a' }),
        row(2, { at: NOW, side: 'a' }),
        row(3, { at: NOW + 1, side: 'b' }),
        row(4, { at: NOW + 1, side: 'a', op: 'update' }),
      ];
      await sync.commitLane({ guard, now: NOW, history });
      const other = await hold(sync, OTHER);
      const foreign = [row(1, { at: NOW, side: 'b', laneId: OTHER })];
      await sync.commitLane({ guard: other, now: NOW, history: foreign });
      const since = (laneId: string, [lane = 0, tenant = 0]: readonly number[]) =>
        sync.deletesSince(laneId, { lane, tenant });
      assert.deepEqual(await since(LANE, [NOW, NOW - 1]), { lane: { a: 1, b: 1 }, tenant: 4 });
      assert.deepEqual(await since(LANE, [NOW - 1, NOW + 1]), { lane: { a: 2, b: 1 }, tenant: 1 });
      assert.deepEqual(await since('unknown', [0, 0]), { lane: { a: 0, b: 0 }, tenant: 0 });
    },
  },
  {
    id: 'state-127',
    title: 'history keeps what a row came from, and is answered from an instant on, inclusive',
    async run({ state }) {
      const at = await desk(state);
      const undo = { kind: 'undo', intentId: 'intent-1', runId: 'run-1' } as const;
      const history = [
        aHistory(1),
        aHistory(2, { at: NOW + 1, intentId: null, cause: null, mapping: null }),
        aHistory(3, { at: NOW + 2, rule: 'undo', cause: undo, linkId: 'link-2', runId: 'run-2' }),
      ];
      await at.sync.commitLane({ guard: at.guard, now: NOW, history });
      const newest = history.toReversed();
      assert.deepEqual(await at.sync.history(LANE, { limit: 9 }), newest);
      const from = async (since: number, more: { linkId?: string; runId?: string } = {}) =>
        (await at.sync.history(LANE, { ...more, since, limit: 9 })).map((row) => row.seq);
      assert.deepEqual(await from(NOW + 1), [3, 2]);
      assert.deepEqual(await from(NOW + 3), []);
      assert.deepEqual(await from(NOW + 1, { linkId: 'link-1' }), [2]);
      assert.deepEqual(await from(NOW, { runId: 'run-1' }), [2, 1]);
      assert.deepEqual(await from(NOW + 1, { linkId: 'link-2', runId: 'run-2' }), [3]);
    },
  },
  {
    id: 'state-128',
    title: 'values of history are forgotten before its rows, which say so',
    async run({ state }) {
      const at = await desk(state);
      const { sync } = at;
      const history = [aHistory(1), aHistory(2, { at: NOW + 10, old: 'x' })];
      await sync.commitLane({ guard: at.guard, now: NOW, history });
      assert.equal(await sync.prune({ ...NEVER, values: NOW + 10 }), 0);
      const forgotten = { ...aHistory(1, { old: null, new: null }), expired: true };
      assert.deepEqual(await sync.history(LANE, { limit: 9 }), [history[1], forgotten]);
      assert.equal(await sync.prune({ ...NEVER, values: NOW + 10 }), 0);
      assert.equal(await sync.prune({ ...NEVER, values: NOW + 10, history: NOW + 1 }), 1);
      assert.deepEqual(await sync.history(LANE, { limit: 9 }), [history[1]]);
    },
  },
  {
    id: 'state-121',
    title: 'a review is asked for once: putting it again keeps the decision and refreshes the rest',
    async run({ state }) {
      const at = await desk(state);
      await at.sync.commitLane({
        guard: at.guard,
        now: NOW,
        reviews: [aReview('r1'), aReview('r2', { at: NOW + 1 })],
      });
      assert.equal((await at.sync.counts(LANE, NOW)).reviews, 2);
      const decided = await at.sync.decide('r1', 'link', NOW + 5);
      assert.deepEqual(decided, aReview('r1', { decision: 'link', decidedAt: NOW + 5 }));
      const again = aReview('r1', { reasons: ['New.'], score: null, at: NOW + 9 });
      await at.sync.commitLane({ guard: at.guard, now: NOW, reviews: [again] });
      const kept = aReview('r1', { reasons: ['New.'], score: null, decision: 'link', decidedAt: NOW + 5 });
      assert.deepEqual(await at.sync.reviews(LANE), [kept, aReview('r2', { at: NOW + 1 })]);
      assert.equal((await at.sync.counts(LANE, NOW)).reviews, 1);
    },
  },
  {
    id: 'state-122',
    title: 'reviews by state and by id; deciding what is not there answers null',
    async run({ state }) {
      const at = await desk(state);
      await at.sync.commitLane({
        guard: at.guard,
        now: NOW,
        reviews: ['1', '2', '3'].map((id) => aReview(id)),
      });
      await at.sync.decide('2', 'apart', NOW);
      const ids = async (query?: { open?: boolean; ids?: string[] }): Promise<string[]> =>
        (await at.sync.reviews(LANE, query)).map((review) => review.id);
      assert.deepEqual(await ids(), ['1', '2', '3']);
      assert.deepEqual(await ids({ open: true }), ['1', '3']);
      assert.deepEqual(await ids({ open: false }), ['2']);
      assert.deepEqual(await ids({ ids: ['3', '2', 'x'] }), ['2', '3']);
      assert.deepEqual(await ids({ ids: ['3', '2'], open: true }), ['3']);
      assert.deepEqual(await at.sync.reviews(OTHER), []);
      assert.equal(await at.sync.decide('nothing', 'x', NOW), null);
    },
  },
  {
    id: 'state-123',
    title: 'runs are started, finished and listed newest first',
    async run({ state }) {
      const { sync } = await desk(state);
      await sync.startRun(aRun('1'));
      await sync.startRun(aRun('2', { startedAt: NOW + 1, kind: 'plan' }));
      await sync.startRun(aRun('3', { laneId: OTHER }));
      await sync.finishRun({ id: '1', endedAt: NOW + 2, counts: { writes: 3 }, stopReason: 'brake' });
      const first = aRun('1', { endedAt: NOW + 2, counts: { writes: 3 }, stopReason: 'brake' });
      assert.deepEqual(await sync.runs(LANE, 9), [aRun('2', { startedAt: NOW + 1, kind: 'plan' }), first]);
      assert.equal((await sync.runs(LANE, 1)).length, 1);
      await rejectsWith('not_found', sync.finishRun({ id: 'x', endedAt: 1, counts: {}, stopReason: null }));
    },
  },
  {
    id: 'state-124',
    title: 'prune forgets what is closed and older, answers how many, and never what is still needed',
    async run({ state }) {
      const at = await desk(state);
      const { sync, guard } = at;
      const intents = ['open', 'old', 'new'].map((id) => anIntent(id));
      const claims = ['open', 'old'].map((id) => ({ intentId: id, store: 's', key: id }));
      await sync.openIntents({ guard, now: NOW, intents, claims });
      const closed = (id: string) => [{ id, state: 'confirmed' as const, conflicts: [] }];
      await sync.commitLane({ guard, now: NOW, closed: closed('old'), history: [aHistory(1)] });
      await sync.commitLane({
        guard,
        now: NOW + 10,
        closed: closed('new'),
        history: [aHistory(2, { at: NOW + 10 })],
      });
      const tomb = { status: 'tomb' as const };
      await putLinks(
        at,
        aLink('old', tomb),
        aLink('new', { ...tomb, updatedAt: NOW + 10 }),
        aLink('live'),
        aLink('zombie', tomb),
      );
      await observe(at, { marks: [mark('zombie')] });
      assert.equal(await sync.prune(NEVER), 0);
      const before = NOW + 1;
      assert.equal(
        await sync.prune({
          intents: before,
          claims: before,
          tombstones: before,
          values: before,
          history: before,
        }),
        4,
      );
      assert.deepEqual(await idsOf(sync, { by: 'page', after: '', limit: 9 }), ['live', 'new', 'zombie']);
      assert.deepEqual(
        (await sync.history(LANE, { limit: 9 })).map((row) => row.seq),
        [2],
      );
      assert.deepEqual((await sync.intentsOf(LANE, 'link-of-old')).length, 0);
      assert.deepEqual((await sync.intentsOf(LANE, 'link-of-new')).length, 1);
      assert.deepEqual(
        (await sync.openIntentsOf(LANE)).map((intent) => intent.id),
        ['open'],
      );
      const other = await hold(sync, OTHER);
      const retry = await sync.openIntents({
        ...{ guard: other, now: NOW, intents: ['c1', 'c2'].map((id) => anIntent(id, { laneId: OTHER })) },
        claims: [
          { intentId: 'c1', store: 's', key: 'open' },
          { intentId: 'c2', store: 's', key: 'old' },
        ],
      });
      assert.deepEqual([retry.opened, retry.refused], [['c2'], [{ intentId: 'c1', why: 'claim' }]]);
      assert.equal((await sync.counts(LANE, NOW)).tomb, 2);
    },
  },
  {
    id: 'state-129',
    title:
      'runs that changed nothing are pruned, and the last one of each lane, a running one and one with history are not',
    async run({ state }) {
      const { sync, guard } = await desk(state);
      for (const [id, startedAt] of [
        ['idle', NOW],
        ['named', NOW + 1],
        ['crashed', NOW + 2],
        ['young', NOW + 10],
        ['last', NOW + 20],
      ] as const)
        await sync.startRun(aRun(id, { startedAt }));
      await sync.startRun(aRun('other', { laneId: OTHER }));
      for (const id of ['idle', 'named', 'young', 'last', 'other'])
        await sync.finishRun({ id, endedAt: NOW + 30, counts: {}, stopReason: null });
      await sync.commitLane({ guard, now: NOW, history: [aHistory(1, { runId: 'named' })] });
      assert.equal(await sync.prune(NEVER), 0);
      assert.equal(await sync.prune({ ...NEVER, runs: NOW + 5 }), 1);
      const ids = async (lane: string) => (await sync.runs(lane, 9)).map(({ id }) => id);
      assert.deepEqual(await ids(LANE), ['last', 'young', 'crashed', 'named']);
      assert.equal(await sync.prune({ ...NEVER, runs: NOW + 100 }), 1);
      assert.deepEqual(await ids(LANE), ['last', 'crashed', 'named']);
      assert.deepEqual(await ids(OTHER), ['other']);
    },
  },
  {
    id: 'state-125',
    title: 'what was committed is there after closing and opening again',
    needs: ({ keeps }) => (keeps ? null : 'the fixture cannot reopen its database'),
    async run(fixture) {
      const at = await desk(fixture.state);
      await putLinks(at, aLink('1'));
      await observe(at, { marks: [mark('1')], cursor: 'c5' });
      await at.sync.openIntents({ guard: at.guard, now: NOW, intents: [anIntent('i')], claims: [] });
      const before = [await at.sync.links(LANE, { by: 'page', after: '', limit: 9 }), await at.sync.lanes()];
      const { sync } = (await fixture.reopen?.()) ?? at;
      assert.notEqual(sync, at.sync);
      assert.deepEqual(
        [await sync.links(LANE, { by: 'page', after: '', limit: 9 }), await sync.lanes()],
        before,
      );
      assert.deepEqual(await sync.openIntentsOf(LANE), [anIntent('i')]);
      assert.equal((await sync.feeds('crm-hub'))[0]?.cursor, 'c5');
      await sync.commitLane({ guard: at.guard, now: NOW, links: [{ link: aLink('2') }] });
    },
  },
  {
    id: 'state-126',
    title: 'closing twice is safe, and afterwards every call is refused',
    async run({ state }) {
      await state.close();
      await state.close();
      await assert.rejects(state.sync.lanes());
    },
  },
];
