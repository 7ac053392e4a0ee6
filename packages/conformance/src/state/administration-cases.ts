import assert from 'node:assert/strict';
import type { AssignmentRow, AuditRow, LanePause, ProfileRow } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import { desk, hold, LANE, laneOf, NOW } from './sample.ts';

const PAUSE: LanePause = {
  ...{ by: 'ann', at: NOW, reason: 'moving house "tonight"', under: null },
  undo: { runId: 'r', target: { since: NOW }, mode: 'hold', deletes: ['l1'], stopped: false },
};

const profile = (name: string, more: Partial<ProfileRow> = {}): ProfileRow => ({
  ...{ tenantId: 't1', name, document: '{"a":1}', at: NOW },
  ...more,
});

const assignment = (mailboxId: string, more: Partial<AssignmentRow> = {}): AssignmentRow => ({
  ...{ tenantId: 't1', mailboxId, address: `${mailboxId}@x.example`, laneId: 'lane', profile: 'sales' },
  ...{ rule: 'default', crmUser: { id: 'u', name: 'Ann', email: null }, matchedBy: 'email = email' },
  ...{ decided: null, blocked: null, removedAt: null, at: NOW },
  ...more,
});

const act = (id: string, more: Partial<AuditRow> = {}): AuditRow => ({
  ...{ id, tenantId: 't1', at: NOW, who: 'ann', act: 'pause', subject: 'ann@x.example', laneId: LANE },
  ...{ before: null, after: { why: ['x', 'ü'] } },
  ...more,
});

export const administrationCases: readonly StateCase[] = [
  {
    id: 'state-171',
    title: 'a paused lane keeps its lease and its backlog, and saving it again keeps it paused',
    async run({ state }) {
      const { sync, guard } = await desk(state);
      await sync.pauseLane(LANE, PAUSE);
      const before = await laneOf(sync);
      await sync.hintLane(LANE, NOW + 1);
      assert.equal((await laneOf(sync)).dirtySeq, before.dirtySeq + 1);
      assert.equal(await sync.renewLane({ guard, now: NOW, ttlMs: 60_000 }), true);
      const rest = { now: NOW, doneSeq: 0, dueAt: NOW, errorKind: null, scopeHash: null };
      await sync.releaseLane({ guard, ...rest });
      await hold(sync, LANE);
      const { id, tenantId, storeA, storeB } = before;
      await sync.saveLanes([{ id, tenantId, storeA, storeB, label: 'Renamed' }], NOW);
      assert.deepEqual((await laneOf(sync)).paused, PAUSE);
    },
  },
  {
    id: 'state-172',
    title: 'profiles are kept by tenant and name, in the order of names, and can be removed',
    async run({ state: { tenants } }) {
      for (const name of ['sales', 'default', 'Board']) await tenants.putProfile(profile(name));
      await tenants.putProfile(profile('sales', { tenantId: 't2' }));
      await tenants.putProfile(profile('sales', { document: '{"a":"2 \\u0000 ü"}', at: NOW + 1 }));
      assert.deepEqual(await tenants.profiles('t1'), [
        profile('Board'),
        profile('default'),
        profile('sales', { document: '{"a":"2 \\u0000 ü"}', at: NOW + 1 }),
      ]);
      await tenants.removeProfile('t1', 'sales');
      await tenants.removeProfile('t1', 'sales');
      assert.deepEqual(
        (await tenants.profiles('t1')).map(({ name }) => name),
        ['Board', 'default'],
      );
      assert.equal((await tenants.profiles('t2')).length, 1);
    },
  },
  {
    id: 'state-173',
    title: 'assignments are upserts by mailbox, in the order of mailboxes, with every field',
    async run({ state: { tenants } }) {
      await tenants.putAssignments([
        assignment('m2'),
        assignment('m1'),
        assignment('m1', { tenantId: 't2' }),
      ]);
      assert.deepEqual(await tenants.assignments('t1'), [assignment('m1'), assignment('m2')]);
      const gone = assignment('m2', {
        ...{ profile: null, rule: 'no rule names it', crmUser: null, matchedBy: null, removedAt: NOW + 5 },
        ...{ decided: { crmUserId: 'u9', by: 'ann', at: NOW }, blocked: 'no CRM user', at: NOW + 5 },
      });
      await tenants.putAssignments([gone]);
      await tenants.putAssignments([]);
      assert.deepEqual(await tenants.assignments('t1'), [assignment('m1'), gone]);
    },
  },
  {
    id: 'state-174',
    title: 'the audit trail reads newest first, pages backwards, and takes the same act once',
    async run({ state: { tenants } }) {
      await tenants.appendAudit([
        act('1'),
        act('2', { at: NOW + 1, laneId: null, before: 'text', after: 7 }),
      ]);
      await tenants.appendAudit([act('3', { at: NOW + 2 }), act('other', { tenantId: 't2' })]);
      await tenants.appendAudit([act('2', { who: 'eve' }), act('4', { at: NOW + 3, after: null })]);
      const all = await tenants.audit('t1', { limit: 9 });
      assert.deepEqual(
        all.map(({ id }) => id),
        ['4', '3', '2', '1'],
      );
      const [, , second] = all;
      assert.deepEqual(second, {
        ...act('2', { at: NOW + 1, laneId: null, before: 'text', after: 7 }),
        seq: second?.seq,
      });
      assert.ok(all.every((row, i) => i === 0 || row.seq < (all[i - 1]?.seq ?? 0)));
      const ids = async (query: { since?: number; before?: number; limit: number }) =>
        (await tenants.audit('t1', query)).map(({ id }) => id);
      assert.deepEqual(await ids({ limit: 2 }), ['4', '3']);
      assert.deepEqual(await ids({ limit: 2, before: all[1]?.seq ?? 0 }), ['2', '1']);
      assert.deepEqual(await ids({ limit: 9, since: NOW + 2 }), ['4', '3']);
    },
  },
  {
    id: 'state-175',
    title: 'removing a tenant removes its profiles and assignments, and no act from the trail',
    async run({ state: { tenants } }) {
      for (const tenantId of ['t1', 't2']) {
        await tenants.putProfile(profile('sales', { tenantId }));
        await tenants.putAssignments([assignment('m', { tenantId })]);
        await tenants.appendAudit([act(tenantId, { tenantId })]);
      }
      await tenants.removeTenant('t1');
      assert.deepEqual([await tenants.profiles('t1'), await tenants.assignments('t1')], [[], []]);
      assert.equal((await tenants.profiles('t2')).length, 1);
      assert.equal((await tenants.assignments('t2')).length, 1);
      assert.equal((await tenants.audit('t1', { limit: 9 })).length, 1);
    },
  },
];
