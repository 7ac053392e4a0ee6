import assert from 'node:assert/strict';
import type { PushState, SubscriptionRow } from '@tidelock/core';
import type { StateCase, StateTraits } from './fixture.ts';
import { LANE, laneOf, laneSpec, NOW, OTHER } from './sample.ts';

const noPush = ({ pushes }: StateTraits): string | null =>
  pushes ? null : 'the adapter keeps no subscriptions';

const subscription = (mailboxId: string, more: Partial<SubscriptionRow> = {}): SubscriptionRow => ({
  ...{ tenantId: 't1', mailboxId, kind: 'contact', rev: 1, state: 'live', subscriptionId: `s-${mailboxId}` },
  ...{
    secretHash: 'ab'.repeat(32),
    path: 'p',
    origin: 'https://a.example',
    expiresAt: NOW + 9,
    dueAt: NOW + 5,
  },
  ...{ failures: 0, problem: null },
  ...more,
});

function pushOf(push: PushState | undefined): PushState {
  assert.ok(push, 'the state keeps subscriptions');
  return push;
}

export const pushCases: readonly StateCase[] = [
  {
    id: 'state-181',
    title: 'subscriptions are kept by mailbox and kind, in that order, with every field',
    needs: noPush,
    async run({ state, reopen }) {
      const push = pushOf(state.push);
      const fresh = subscription('m1', {
        ...{ kind: 'event', state: 'creating', subscriptionId: null, expiresAt: null },
        ...{ failures: 3, problem: 'rate_limited' },
      });
      for (const row of [
        subscription('m2'),
        fresh,
        subscription('m1'),
        subscription('m3', { tenantId: 't2' }),
      ])
        assert.equal(await push.putSubscription(row), true);
      const kept = [subscription('m1'), fresh, subscription('m2')];
      assert.deepEqual(await push.subscriptions('t1'), kept);
      const opened = await reopen?.();
      if (opened !== undefined) assert.deepEqual(await opened.push?.subscriptions('t1'), kept);
    },
  },
  {
    id: 'state-182',
    title: 'a subscription is changed or removed only from the revision that the caller saw',
    needs: noPush,
    async run({ state }) {
      const push = pushOf(state.push);
      assert.equal(await push.putSubscription(subscription('m', { rev: 2 })), false);
      await push.putSubscription(subscription('m'));
      assert.equal(await push.putSubscription(subscription('m', { dueAt: NOW })), false);
      const raced = await Promise.all(
        ['x', 'y'].map((path) => push.putSubscription(subscription('m', { rev: 2, path }))),
      );
      assert.equal(raced.filter(Boolean).length, 1);
      const [row] = await push.subscriptions('t1');
      assert.deepEqual([row?.rev, row?.path], [2, raced[0] ? 'x' : 'y']);
      const key = { tenantId: 't1', mailboxId: 'm', kind: 'contact' } as const;
      assert.equal(await push.removeSubscription({ ...key, rev: 1 }), false);
      assert.equal(await push.removeSubscription({ ...key, kind: 'event', rev: 2 }), false);
      assert.equal(await push.removeSubscription({ ...key, rev: 2 }), true);
      assert.equal(await push.removeSubscription({ ...key, rev: 2 }), false);
      assert.deepEqual(await push.subscriptions('t1'), []);
      assert.equal(await push.putSubscription(subscription('m')), true);
    },
  },
  {
    id: 'state-183',
    title:
      'one process at a time keeps the subscriptions of a tenant, until its lease ends or it gives it up',
    needs: noPush,
    async run({ state }) {
      const push = pushOf(state.push);
      const lease = (owner: string, at: number, tenantId = 't1') =>
        push.leaseKeeper({ tenantId, owner, now: at, ttlMs: 1_000 });
      assert.equal(await lease('one', NOW), true);
      assert.equal(await lease('two', NOW + 999), false);
      assert.equal(await lease('two', NOW, 't2'), true);
      assert.equal(await lease('one', NOW + 500), true);
      assert.equal(await lease('two', NOW + 1_000), false);
      assert.equal(await lease('two', NOW + 1_500), true);
      assert.equal(await lease('one', NOW + 1_600), false);
      await push.releaseKeeper({ tenantId: 't1', owner: 'one' });
      assert.equal(await lease('one', NOW + 1_600), false);
      await push.releaseKeeper({ tenantId: 't1', owner: 'two' });
      assert.equal(await lease('one', NOW + 1_600), true);
    },
  },
  {
    id: 'state-184',
    title: 'many lanes are hinted at once, each as by itself, and lanes that there are not are passed over',
    needs: noPush,
    async run({ state }) {
      const push = pushOf(state.push);
      const { sync } = state;
      await sync.saveLanes([laneSpec(LANE), laneSpec(OTHER), laneSpec('lane-3')], NOW);
      const seqs = async () =>
        Promise.all([LANE, OTHER, 'lane-3'].map(async (id) => (await laneOf(sync, id)).dirtySeq));
      const before = await seqs();
      await push.hintLanes([OTHER, 'nobody', LANE], NOW - 5);
      assert.deepEqual(
        (await seqs()).map((seq, i) => seq - (before[i] ?? 0)),
        [1, 1, 0],
      );
      assert.equal((await laneOf(sync)).dueAt, NOW - 5);
      assert.equal((await laneOf(sync, 'lane-3')).dueAt, NOW);
      await push.hintLanes([], NOW);
      await push.hintLanes([LANE], NOW + 50);
      assert.equal((await laneOf(sync)).dueAt, NOW - 5);
    },
  },
  {
    id: 'state-185',
    title: 'removing a tenant removes its subscriptions, and no other tenant',
    needs: noPush,
    async run({ state }) {
      const push = pushOf(state.push);
      for (const tenantId of ['t1', 't2']) await push.putSubscription(subscription('m', { tenantId }));
      await state.tenants.removeTenant('t1');
      assert.deepEqual(await push.subscriptions('t1'), []);
      assert.equal((await push.subscriptions('t2')).length, 1);
    },
  },
  {
    id: 'state-186',
    title: 'each change of a subscription is told by another stamp of its tenant',
    needs: noPush,
    async run({ state }) {
      const push = pushOf(state.push);
      const stamps = new Set<string>();
      const isNew = async (): Promise<boolean> => {
        const stamp = await push.subscriptionsStamp('t1');
        const before = stamps.size;
        assert.equal(await push.subscriptionsStamp('t1'), stamp);
        return stamps.add(stamp).size > before;
      };
      assert.equal(await isNew(), true);
      for (const row of [subscription('m'), subscription('n'), subscription('m', { rev: 2, path: 'x' })]) {
        await push.putSubscription(row);
        assert.equal(await isNew(), true);
      }
      await push.putSubscription(subscription('m', { rev: 2, path: 'y' }));
      await push.putSubscription(subscription('m', { tenantId: 't2' }));
      assert.equal(await isNew(), false);
      const key = { tenantId: 't1', mailboxId: 'm', kind: 'contact' } as const;
      await push.removeSubscription({ ...key, rev: 2 });
      await push.putSubscription(subscription('m', { dueAt: NOW + 1 }));
      assert.equal(await isNew(), true);
    },
  },
];
