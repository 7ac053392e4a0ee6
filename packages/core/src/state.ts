import type { AccessStore } from './access-store.ts';
import type { PushState } from './push-state.ts';
import type { SyncState } from './sync-state.ts';
import type { TenantStore } from './tenant-store.ts';

/** Contract `state@1`: its stores share one database, so they share one adapter and one life. */
export interface StatePort {
  readonly tenants: TenantStore;
  readonly sync: SyncState;
  readonly access: AccessStore;
  /** Absent = it keeps no subscriptions, and every change is found by polling. */
  readonly push?: PushState;
  /** Flushes and releases the database. Safe to call twice. */
  close(): Promise<void>;
}
