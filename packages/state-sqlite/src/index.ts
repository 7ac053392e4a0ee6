import { defineAdapter } from '@tidelock/core';
import { SqliteOptionsSchema } from './config.ts';
import { createSqliteState, restoreSqliteState, snapshotSqliteState } from './store.ts';

export type { SqliteOptions } from './config.ts';
export { createSqliteState, createSqliteStateHere } from './store.ts';

export const adapter = defineAdapter({
  contract: 'state@1',
  name: '@tidelock/state-sqlite',
  title: 'Tenants and sync state in one SQLite file',
  options: SqliteOptionsSchema,
  create: createSqliteState,
  snapshot: snapshotSqliteState,
  restore: restoreSqliteState,
});
