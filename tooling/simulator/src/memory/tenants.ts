import type {
  AssignmentRow,
  AuditEntry,
  ConnectionRow,
  DataKeyRow,
  ProfileRow,
  PublicKeyRow,
  TenantRow,
  TenantStore,
} from '@tidelock/core';
import { byText, keyOf, refused, unknownRow } from './tables.ts';

type TenantTwin = {
  readonly [M in keyof TenantStore]: (
    ...args: Parameters<TenantStore[M]>
  ) => Awaited<ReturnType<TenantStore[M]>>;
};

type Administration = Pick<
  TenantTwin,
  'putProfile' | 'removeProfile' | 'profiles' | 'putAssignments' | 'assignments' | 'appendAudit' | 'audit'
>;

function createAdministration(): Administration & { forget(tenantId: string): void } {
  const profiles = new Map<string, ProfileRow>();
  const assignments = new Map<string, AssignmentRow>();
  const trail: AuditEntry[] = [];
  const ordered = <T extends { readonly tenantId: string }>(
    rows: ReadonlyMap<string, T>,
    tenantId: string,
  ): T[] =>
    [...rows].sort(([x], [y]) => byText(x, y)).flatMap(([, row]) => (row.tenantId === tenantId ? [row] : []));
  return {
    putProfile: (row) => void profiles.set(keyOf(row.tenantId, row.name), row),
    removeProfile: (tenantId, name) => void profiles.delete(keyOf(tenantId, name)),
    profiles: (tenantId) => ordered(profiles, tenantId),
    putAssignments(rows) {
      for (const row of rows) assignments.set(keyOf(row.tenantId, row.mailboxId), row);
    },
    assignments: (tenantId) => ordered(assignments, tenantId),
    appendAudit(rows) {
      for (const row of rows)
        if (!trail.some(({ id }) => id === row.id)) trail.push({ ...row, seq: trail.length + 1 });
    },
    audit: (tenantId, { since = 0, before = Number.POSITIVE_INFINITY, limit }) =>
      trail
        .filter((row) => row.tenantId === tenantId && row.at >= since && row.seq < before)
        .reverse()
        .slice(0, limit),
    forget(tenantId) {
      for (const map of [profiles, assignments])
        for (const [key, row] of map) if (row.tenantId === tenantId) map.delete(key);
    },
  };
}

export function createMemoryTenants(): TenantTwin {
  const { forget, ...administration } = createAdministration();
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
    ...administration,
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
      forget(id);
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
    rewrapDataKey(id, { from, to }) {
      const row = dataKeys.get(id);
      if (row === undefined || Buffer.compare(row.wrapped, from) !== 0) return false;
      dataKeys.set(id, { ...row, wrapped: to });
      return true;
    },
    dataKeys: (tenantId) =>
      [...dataKeys.values()]
        .filter((row) => row.tenantId === tenantId)
        .sort((x, y) => y.createdAt - x.createdAt || byText(y.id, x.id)),
  };
}
