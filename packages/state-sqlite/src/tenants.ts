import type { ConnectionRow, DataKeyRow, PublicKeyRow, TenantRow, TenantStore } from '@tidelock/core';
import type { Database } from './database.ts';
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

const PUT_TENANT = `insert into tenant (id, name, sealed_tenant_id, tenant_index, created_at) values (?, ?, ?, ?, ?)
  on conflict (id) do update set name = excluded.name, sealed_tenant_id = excluded.sealed_tenant_id,
    tenant_index = excluded.tenant_index, created_at = excluded.created_at`;

const PUT_CONNECTION = `insert into connection (id, tenant_id, contract, adapter, last_ok_at, state)
  values (?, ?, ?, ?, ?, ?)
  on conflict (id) do update set tenant_id = excluded.tenant_id, contract = excluded.contract,
    adapter = excluded.adapter, last_ok_at = excluded.last_ok_at, state = excluded.state`;

const PUT_KEY = `insert into public_key (tenant_id, key_name, sha256, not_after) values (?, ?, ?, ?)
  on conflict (tenant_id, key_name) do update set sha256 = excluded.sha256, not_after = excluded.not_after`;

const PUT_DATA_KEY = `insert into data_key (id, tenant_id, wrapped, created_at) values (?, ?, ?, ?)
  on conflict (id) do nothing`;
const REWRAP = 'update data_key set wrapped = ? where id = ? and wrapped = ?';
const DATA_KEYS = 'select * from data_key where tenant_id = ? order by created_at desc, id desc';

export function createTenantStore(db: Database): TenantStore {
  const one = (sql: string, value: string): TenantRow | null =>
    db.read('state.tenant', () => {
      const row = db.statement(sql).get(value);
      return row === undefined ? null : toTenant(row);
    });
  return {
    ...createAdministration(db),
    async putTenant(row) {
      db.transaction('state.putTenant', () =>
        db.statement(PUT_TENANT).run(row.id, row.name, row.sealedTenantId, row.tenantIndex, row.createdAt),
      );
    },
    async tenant(id) {
      return one('select * from tenant where id = ?', id);
    },
    async tenantByIndex(tenantIndex) {
      return one('select * from tenant where tenant_index = ?', tenantIndex);
    },
    async tenants() {
      return db.read('state.tenants', () =>
        db.statement('select * from tenant order by id').all().map(toTenant),
      );
    },
    async removeTenant(id) {
      db.transaction('state.removeTenant', () => {
        for (const table of ['data_key', 'profile', 'assignment', 'subscription'])
          db.statement(`delete from ${table} where tenant_id = ?`).run(id);
        db.statement('delete from tenant where id = ?').run(id);
      });
    },
    async putConnection(row) {
      const { id, tenantId, contract, adapter, lastOkAt, state } = row;
      db.transaction('state.putConnection', () =>
        db.statement(PUT_CONNECTION).run(id, tenantId, contract, adapter, lastOkAt, state),
      );
    },
    async connections(tenantId) {
      return db.read('state.connections', () =>
        db
          .statement('select * from connection where tenant_id = ? order by id')
          .all(tenantId)
          .map(toConnection),
      );
    },
    async putKey(row) {
      db.transaction('state.putKey', () =>
        db.statement(PUT_KEY).run(row.tenantId, row.keyName, row.sha256, row.notAfter),
      );
    },
    async keys(tenantId) {
      return db.read('state.keys', () =>
        db
          .statement('select * from public_key where tenant_id = ? order by key_name')
          .all(tenantId)
          .map(toKey),
      );
    },
    async putDataKey({ id, tenantId, wrapped, createdAt }) {
      db.transaction('state.putDataKey', () =>
        db.statement(PUT_DATA_KEY).run(id, tenantId, wrapped, createdAt),
      );
    },
    async rewrapDataKey(id, { from, to }) {
      const done = db.transaction('state.rewrapDataKey', () => db.statement(REWRAP).run(to, id, from));
      return Number(done.changes) === 1;
    },
    async dataKeys(tenantId) {
      return db.read('state.dataKeys', () => db.statement(DATA_KEYS).all(tenantId).map(toDataKey));
    },
  };
}
