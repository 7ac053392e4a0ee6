import type { StatePort } from '@tidelock/core';
import { createAccessStore } from './access/access.ts';
import { MEMORY, openDatabase } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { createPushState } from './subscriptions.ts';
import { createSyncState } from './sync/sync-state.ts';
import { createTenantStore } from './tenants.ts';

/** A store, and `group` of its database. */
export interface GroupingStore extends StatePort {
  group<T>(work: () => T): T;
}

/** The database of this file in the thread of whoever asks. `createSqliteState` says what it throws. */
export function openStore(file: string): GroupingStore {
  const lock = file === MEMORY ? null : lockFolder(file);
  try {
    const db = openDatabase(file);
    return {
      tenants: createTenantStore(db),
      sync: createSyncState(db),
      push: createPushState(db),
      access: createAccessStore(db),
      group: (work) => db.group('state.commit', work),
      async close() {
        db.close();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}
