import type { ConnectionRow, DataKeyRow, PublicKeyRow, TenantRow, TenantStore } from '@tidelock/core';
import type { Database } from './database.ts';
import type { Param } from './database-session.ts';
import { bytes, int, intOrNull, type Row, text, word } from './row.ts';
import { createAdministration } from './tenants-administration.ts';

function toTenant(row: Row): TenantRow {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    sealedTenantId: bytes(row, 'sealed_tenant_id'),
    tenantIndex: text(row, 'tenant_index'),
    createdAt: int(row, 'created_at'),
  };
}

function toConnection(row: Row): ConnectionRow {
  return {
    id: text(row, 'id'),
    tenantId: text(row, 'tenant_id'),
    contract: word(row, 'contract'),
    adapter: text(row, 'adapter'),
    lastOkAt: intOrNull(row, 'last_ok_at'),
    state: word(row, 'state'),
  };
}

function toKey(row: Row): PublicKeyRow {
  return {
    tenantId: text(row, 'tenant_id'),
    keyName: text(row, 'key_name'),
    sha256: text(row, 'sha256'),
    notAfter: int(row, 'not_after'),
  };
}

function toDataKey(row: Row): DataKeyRow {
  return {
    id: text(row, 'id'),
    tenantId: text(row, 'tenant_id'),
    wrapped: bytes(row, 'wrapped'),
    createdAt: int(row, 'created_at'),
  };
}

const PUT_TENANT = `insert into $.tenant (id, name, sealed_tenant_id, tenant_index, created_at)
  values ($1, $2, $3, $4, $5)
  on conflict (id) do update set name = excluded.name, sealed_tenant_id = excluded.sealed_tenant_id,
    tenant_index = excluded.tenant_index, created_at = excluded.created_at`;

const PUT_CONNECTION = `insert into $.connection (id, tenant_id, contract, adapter, last_ok_at, state)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (id) do update set tenant_id = excluded.tenant_id, contract = excluded.contract,
    adapter = excluded.adapter, last_ok_at = excluded.last_ok_at, state = excluded.state`;

const PUT_KEY = `insert into $.public_key (tenant_id, key_name, sha256, not_after) values ($1, $2, $3, $4)
  on conflict (tenant_id, key_name) do update set sha256 = excluded.sha256, not_after = excluded.not_after`;

const REMOVE_TENANT = `with keys as (delete from $.data_key where tenant_id = $1),
    rules as (delete from $.profile where tenant_id = $1),
    mailboxes as (delete from $.assignment where tenant_id = $1),
    subscriptions as (delete from $.subscription where tenant_id = $1)
  delete from $.tenant where id = $1`;
const PUT_DATA_KEY = `insert into $.data_key (id, tenant_id, wrapped, created_at) values ($1, $2, $3, $4)
  on conflict (id) do nothing`;
const REWRAP = 'update $.data_key set wrapped = $3 where id = $1 and wrapped = $2 returning id';
const DATA_KEYS = 'select * from $.data_key where tenant_id = $1 order by created_at desc, id desc';

export function createTenantStore(db: Database): TenantStore {
  const all = (operation: string, sql: string, ...params: Param[]): Promise<readonly Row[]> =>
    db.single(operation, (session) => session.all(sql, params));
  const run = async (operation: string, sql: string, ...params: Param[]): Promise<void> => {
    await db.single(operation, (session) => session.run(sql, params));
  };
  const one = async (sql: string, value: string): Promise<TenantRow | null> => {
    const [row] = await all('state.tenant', sql, value);
    return row === undefined ? null : toTenant(row);
  };
  return {
    ...createAdministration(db),
    putTenant: (row) =>
      run(
        'state.putTenant',
        PUT_TENANT,
        ...[row.id, row.name, row.sealedTenantId, row.tenantIndex, row.createdAt],
      ),
    tenant: (id) => one('select * from $.tenant where id = $1', id),
    tenantByIndex: (tenantIndex) => one('select * from $.tenant where tenant_index = $1', tenantIndex),
    async tenants() {
      return (await all('state.tenants', 'select * from $.tenant order by id')).map(toTenant);
    },
    removeTenant: (id) => run('state.removeTenant', REMOVE_TENANT, id),
    putConnection: (row) =>
      run(
        'state.putConnection',
        PUT_CONNECTION,
        ...[row.id, row.tenantId, row.contract, row.adapter, row.lastOkAt, row.state],
      ),
    async connections(tenantId) {
      const sql = 'select * from $.connection where tenant_id = $1 order by id';
      return (await all('state.connections', sql, tenantId)).map(toConnection);
    },
    putKey: (row) => run('state.putKey', PUT_KEY, row.tenantId, row.keyName, row.sha256, row.notAfter),
    async keys(tenantId) {
      const sql = 'select * from $.public_key where tenant_id = $1 order by key_name';
      return (await all('state.keys', sql, tenantId)).map(toKey);
    },
    putDataKey: ({ id, tenantId, wrapped, createdAt }) =>
      run('state.putDataKey', PUT_DATA_KEY, ...[id, tenantId, wrapped, createdAt]),
    async rewrapDataKey(id, { from, to }) {
      return (await all('state.rewrapDataKey', REWRAP, id, from, to)).length === 1;
    },
    async dataKeys(tenantId) {
      return (await all('state.dataKeys', DATA_KEYS, tenantId)).map(toDataKey);
    },
  };
}
