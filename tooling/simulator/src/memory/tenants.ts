import type { ConnectionRow, DataKeyRow, PublicKeyRow, TenantRow, TenantStore } from '@tidelock/core';
import { byText, keyOf, refused, unknownRow } from './tables.ts';

type TenantTwin = {
  readonly [M in keyof TenantStore]: (
    ...args: Parameters<TenantStore[M]>
  ) => Awaited<ReturnType<TenantStore[M]>>;
};

export function createMemoryTenants(): TenantTwin {
  const tenants = new Map<string, TenantRow>();
  const connections = new Map<string, ConnectionRow>();
  const keys = new Map<string, PublicKeyRow>();
  const dataKeys = new Map<string, DataKeyRow>();
  const byIndex = (index: string): TenantRow | null =>
    [...tenants.values()].find((row) => row.tenantIndex === index) ?? null;
  const known = (tenantId: string): void => {
    if (!tenants.has(tenantId)) throw unknownRow('tenant', 'state.tenants');
  };
  return {
    putTenant(row) {
      const other = byIndex(row.tenantIndex);
      if (other !== null && other.id !== row.id)
        throw refused('Another tenant has this index.', 'state.putTenant');
      tenants.set(row.id, row);
    },
    tenant: (id) => tenants.get(id) ?? null,
    tenantByIndex: byIndex,
    tenants: () => [...tenants.values()].sort((x, y) => byText(x.id, y.id)),
    removeTenant(id) {
      tenants.delete(id);
      for (const map of [connections, keys, dataKeys])
        for (const [key, row] of map) if (row.tenantId === id) map.delete(key);
    },
    putConnection(row) {
      known(row.tenantId);
      connections.set(row.id, row);
    },
    connections: (tenantId) =>
      [...connections.values()].filter((row) => row.tenantId === tenantId).sort((x, y) => byText(x.id, y.id)),
    putKey(row) {
      known(row.tenantId);
      keys.set(keyOf(row.tenantId, row.keyName), row);
    },
    keys: (tenantId) => [...keys.values()].filter((row) => row.tenantId === tenantId),
    putDataKey(row) {
      if (!dataKeys.has(row.id)) dataKeys.set(row.id, row);
    },
    dataKeys: (tenantId) =>
      [...dataKeys.values()]
        .filter((row) => row.tenantId === tenantId)
        .sort((x, y) => y.createdAt - x.createdAt || byText(y.id, x.id)),
  };
}
