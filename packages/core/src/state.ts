import type { SyncState } from './sync-state.ts';
import type { TenantStore } from './tenant-store.ts';

/** Contract `state@1`: both stores share one database, so they share one adapter and one life. */
export interface StatePort {
  readonly tenants: TenantStore;
  readonly sync: SyncState;
  /** Flushes and releases the database. Safe to call twice. */
  close(): Promise<void>;
}
