import assert from 'node:assert/strict';
import type { ConnectionRow, DataKeyRow, PublicKeyRow, StatePort, TenantRow } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import { NOW, rejectsWith } from './sample.ts';

const tenant = (id: string, more: Partial<TenantRow> = {}): TenantRow => ({
  ...{
    id,
    name: `Tenant ${id}`,
    sealedTenantId: new Uint8Array([0, 255, 128, 7]),
    tenantIndex: `index-${id}`,
  },
  createdAt: NOW,
  ...more,
});

const connection = (id: string, more: Partial<ConnectionRow> = {}): ConnectionRow => ({
  ...{ id, tenantId: 't1', contract: 'crm', adapter: '@example/crm', lastOkAt: null, state: 'pending' },
  ...more,
});

const key = (keyName: string, more: Partial<PublicKeyRow> = {}): PublicKeyRow => ({
  ...{ tenantId: 't1', keyName, sha256: 'ab'.repeat(32), notAfter: NOW },
  ...more,
});

const plain = (row: TenantRow | null): unknown => row && { ...row, sealedTenantId: [...row.sealedTenantId] };

export const tenantCases: readonly StateCase[] = [
  {
    id: 'state-140',
    title: 'a tenant reads back by id and by blind index, bytes included',
    async run({ state: { tenants } }) {
      await tenants.putTenant(tenant('t1'));
      await tenants.putTenant(tenant('t2', { sealedTenantId: new Uint8Array(0) }));
      assert.deepEqual(plain(await tenants.tenant('t1')), plain(tenant('t1')));
      assert.deepEqual(
        plain(await tenants.tenantByIndex('index-t2')),
        plain(tenant('t2', { sealedTenantId: new Uint8Array(0) })),
      );
      assert.equal(await tenants.tenant('t3'), null);
      assert.equal(await tenants.tenantByIndex('t1'), null);
      assert.deepEqual(
        (await tenants.tenants()).map((row) => row.id),
        ['t1', 't2'],
      );
    },
  },
  {
    id: 'state-141',
    title: 'puts are upserts by id and safe to repeat; they do not drop what hangs on the row',
    async run({ state: { tenants } }) {
      await tenants.putTenant(tenant('t1'));
      await tenants.putConnection(connection('c1'));
      await tenants.putKey(key('k1'));
      for (let i = 0; i < 2; i++) {
        await tenants.putTenant(tenant('t1', { name: 'New', tenantIndex: 'rotated' }));
        await tenants.putConnection(connection('c1', { state: 'connected', lastOkAt: NOW }));
        await tenants.putKey(key('k1', { notAfter: NOW + 1 }));
      }
      assert.deepEqual(
        plain(await tenants.tenantByIndex('rotated')),
        plain(tenant('t1', { name: 'New', tenantIndex: 'rotated' })),
      );
      assert.deepEqual(await tenants.connections('t1'), [
        connection('c1', { state: 'connected', lastOkAt: NOW }),
      ]);
      assert.deepEqual(await tenants.keys('t1'), [key('k1', { notAfter: NOW + 1 })]);
    },
  },
  {
    id: 'state-142',
    title: 'one blind index belongs to one tenant',
    async run({ state: { tenants } }) {
      await tenants.putTenant(tenant('t1'));
      await rejectsWith('conflict', tenants.putTenant(tenant('t2', { tenantIndex: 'index-t1' })));
      assert.equal(await tenants.tenant('t2'), null);
    },
  },
  {
    id: 'state-143',
    title: 'removing a tenant removes its connections and keys, and no other tenant',
    async run({ state: { tenants } }) {
      for (const id of ['t1', 't2']) {
        await tenants.putTenant(tenant(id));
        await tenants.putConnection(connection(`c-${id}`, { tenantId: id, contract: 'mailbox' }));
        await tenants.putKey(key('k', { tenantId: id }));
      }
      await tenants.removeTenant('t1');
      await tenants.removeTenant('t1');
      assert.equal(await tenants.tenant('t1'), null);
      assert.deepEqual([await tenants.connections('t1'), await tenants.keys('t1')], [[], []]);
      assert.equal((await tenants.connections('t2')).length, 1);
      assert.equal((await tenants.keys('t2')).length, 1);
      await tenants.putTenant(tenant('t1'));
      assert.deepEqual(await tenants.connections('t1'), []);
    },
  },
  {
    id: 'state-144',
    title: 'a connection or key of a tenant that is not there is refused',
    async run({ state: { tenants } }) {
      await rejectsWith('not_found', tenants.putConnection(connection('c', { tenantId: 'nobody' })));
      await rejectsWith('not_found', tenants.putKey(key('k', { tenantId: 'nobody' })));
    },
  },
  {
    id: 'state-145',
    title: 'data keys read back newest first, need no tenant row, and are never replaced',
    async run({ state: { tenants } }) {
      const wrapped = (id: string): Uint8Array => new Uint8Array([0, 255, id.length, 7]);
      const dataKey = (id: string, more: Partial<DataKeyRow> = {}): DataKeyRow => ({
        ...{ id, tenantId: 't1', wrapped: wrapped(id), createdAt: NOW },
        ...more,
      });
      const found = async (tenantId: string) =>
        (await tenants.dataKeys(tenantId)).map((row) => ({ ...row, wrapped: [...row.wrapped] }));
      assert.deepEqual(await found('t1'), []);
      await tenants.putDataKey(dataKey('k1'));
      await tenants.putDataKey(dataKey('k22', { createdAt: NOW + 1 }));
      await tenants.putDataKey(dataKey('k3', { tenantId: 't2' }));
      await tenants.putDataKey(dataKey('k1', { wrapped: new Uint8Array([1]), createdAt: NOW + 9 }));
      const plainKey = (id: string, createdAt: number) => ({
        ...dataKey(id, { createdAt }),
        wrapped: [...wrapped(id)],
      });
      assert.deepEqual(await found('t1'), [plainKey('k22', NOW + 1), plainKey('k1', NOW)]);
    },
  },
  {
    id: 'state-146',
    title: 'removing a tenant removes its data keys, and no other tenant',
    async run({ state: { tenants } }) {
      for (const id of ['t1', 't2']) {
        const row = { id: `key-of-${id}`, tenantId: id, wrapped: new Uint8Array([1]), createdAt: NOW };
        await tenants.putDataKey(row);
      }
      await tenants.removeTenant('t1');
      assert.deepEqual(await tenants.dataKeys('t1'), []);
      assert.equal((await tenants.dataKeys('t2')).length, 1);
    },
  },
  {
    id: 'state-147',
    title: 'the wrapped form of a data key is replaced only while it is what the caller saw',
    async run({ state: { tenants } }) {
      const [old, fresh, other] = [new Uint8Array([1, 0, 255]), new Uint8Array([2]), new Uint8Array([3])];
      await tenants.putDataKey({ id: 'k1', tenantId: 't1', wrapped: old, createdAt: NOW });
      const wrapped = async () => (await tenants.dataKeys('t1')).map((row) => [...row.wrapped]);
      assert.equal(await tenants.rewrapDataKey('k1', { from: other, to: fresh }), false);
      assert.deepEqual(await wrapped(), [[...old]]);
      const raced = await Promise.all([
        tenants.rewrapDataKey('k1', { from: old, to: fresh }),
        tenants.rewrapDataKey('k1', { from: old, to: other }),
      ]);
      assert.deepEqual(raced.filter(Boolean).length, 1);
      assert.deepEqual(await wrapped(), [raced[0] ? [...fresh] : [...other]]);
      assert.equal(await tenants.rewrapDataKey('nobody', { from: old, to: fresh }), false);
    },
  },
  {
    id: 'state-148',
    title: 'what is read about one tenant shows nothing of another, and of nobody there is nothing',
    async run({ state }) {
      for (const id of ['t1', 't2', 't3']) await fill(state, id);
      for (const id of ['t1', 't2', 't3']) {
        const seen = JSON.stringify(await readAll(state, id));
        const marks = ['t1', 't2', 't3'].filter((one) => seen.includes(`mark-of-${one}`));
        assert.deepEqual([id, marks], [id, [id]]);
      }
      const none = Object.values(await readAll(state, 'nobody')).flat();
      assert.deepEqual(
        none.filter((row) => row !== null),
        [],
      );
    },
  },
];

/** One row of everything that is kept by tenant, with a mark in each. */
async function fill({ tenants, push }: StatePort, tenantId: string): Promise<void> {
  const mark = `mark-of-${tenantId}`;
  const at = NOW;
  await tenants.putTenant(tenant(tenantId, { name: mark }));
  await tenants.putConnection(connection(mark, { tenantId }));
  await tenants.putKey(key(mark, { tenantId }));
  await tenants.putDataKey({ id: mark, tenantId, wrapped: new Uint8Array([1]), createdAt: at });
  await tenants.putProfile({ tenantId, name: mark, document: '{}', at });
  await tenants.putAssignments([
    {
      ...{ tenantId, mailboxId: mark, address: `${mark}@x.example`, laneId: mark, profile: mark, rule: mark },
      ...{ crmUser: null, matchedBy: null, decided: null, blocked: null, removedAt: null, at },
    },
  ]);
  const act = { id: mark, tenantId, at, who: mark, act: 'pause', subject: mark, laneId: null };
  await tenants.appendAudit([{ ...act, before: null, after: null }]);
  await push?.putSubscription({
    ...{ tenantId, mailboxId: mark, kind: 'contact', rev: 1, state: 'live', subscriptionId: mark },
    ...{ secretHash: 'ab'.repeat(32), path: mark, origin: 'https://a.example', expiresAt: at, dueAt: at },
    ...{ failures: 0, problem: null },
  });
}

const readAll = async ({ tenants, push }: StatePort, id: string) => ({
  tenant: [await tenants.tenant(id), await tenants.tenantByIndex(`index-${id}`)],
  connections: await tenants.connections(id),
  keys: await tenants.keys(id),
  dataKeys: await tenants.dataKeys(id),
  profiles: await tenants.profiles(id),
  assignments: await tenants.assignments(id),
  audit: await tenants.audit(id, { limit: 10 }),
  subscriptions: (await push?.subscriptions(id)) ?? [],
});
