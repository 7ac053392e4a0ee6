import type { StatePort } from '@tidelock/core';

export interface EraseReport {
  /** Data keys that were destroyed. Only backups of the database made before still have them, wrapped. */
  readonly dataKeys: number;
  readonly lanes: number;
}

/**
 * Forgets a tenant: first its data keys, so that whatever happens next, nothing sealed opens again; then everything that was
 * remembered of its mailboxes, and the cursors. The audit trail stays. Records on either side are not touched. Safe to repeat.
 */
export async function eraseTenant(
  { tenants, sync }: StatePort,
  { tenant, now }: { readonly tenant: string; readonly now: number },
): Promise<EraseReport> {
  const dataKeys = (await tenants.dataKeys(tenant)).length;
  await tenants.removeTenant(tenant);
  const lanes = (await sync.lanes()).filter(({ tenantId }) => tenantId === tenant);
  for (const { id } of lanes) await sync.eraseLane(id, now);
  const stores = new Set(lanes.flatMap(({ storeA, storeB }) => [storeA, storeB]));
  for (const store of stores) await sync.resetFeeds(store);
  return { dataKeys, lanes: lanes.length };
}
