import { defineAdapter, type TenantRow } from '@tidelock/core';
import { createSqliteState, adapter as sqlite } from '@tidelock/state-sqlite';

/** Whoever binds an organisation waits at the last step until another account wants to bind the same one. */
function inPairs(put: (row: TenantRow) => Promise<void>): (row: TenantRow) => Promise<void> {
  const first = new Map<string, { readonly id: string; go(): void }>();
  return async (row) => {
    const waiting = first.get(row.tenantIndex);
    if (waiting !== undefined && waiting.id !== row.id) waiting.go();
    else if (row.sealedTenantId.length > 0)
      await new Promise<void>((go) => void first.set(row.tenantIndex, { id: row.id, go }));
    await put(row);
  };
}

/**
 * SQLite's state, in which two accounts that connect one organisation have both found it free before either of them
 * writes: the race that a unique index decides, met each time and not by luck.
 */
export const adapter = defineAdapter({
  contract: 'state@1',
  name: 'state-in-pairs',
  title: 'SQLite, where one organisation is bound by two at once',
  options: sqlite.options,
  async create(options, context) {
    const state = await createSqliteState(options, context);
    const { tenants } = state;
    return { ...state, tenants: { ...tenants, putTenant: inPairs((row) => tenants.putTenant(row)) } };
  },
});
