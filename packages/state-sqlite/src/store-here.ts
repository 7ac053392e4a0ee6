import type { StatePort } from '@tidelock/core';
import { createAccessStore } from './access/access.ts';
import { MEMORY, openDatabase } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { createPushState } from './subscriptions.ts';
import { createRowsState, createSyncState, type RowsState } from './sync/sync-state.ts';
import { createTenantStore } from './tenants.ts';

/** A store, and what a thread needs of it besides: large calls as rows, and `group` of its database. */
export interface GroupingStore extends StatePort {
  readonly rows: RowsState;
  group<T>(work: () => T): T;
}

/** The database of this file in the thread of whoever asks. `createSqliteState` says what it throws. */
export function openStore(file: string): GroupingStore {
  const lock = file === MEMORY ? null : lockFolder(file);
  try {
    const db = openDatabase(file);
    const rows = createRowsState(db);
    return {
      rows,
      tenants: createTenantStore(db),
      sync: createSyncState(db, rows),
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
