import { defineAdapter } from '@tidelock/core';
import { PostgresOptionsSchema } from './config.ts';
import { createPostgresState, restorePostgresState, snapshotPostgresState } from './store.ts';

export type { PostgresOptions } from './config.ts';
export { createPostgresState } from './store.ts';

export const adapter = defineAdapter({
  contract: 'state@1',
  name: '@tidelock/state-postgres',
  title: 'Tenants and sync state in PostgreSQL',
  options: PostgresOptionsSchema,
  create: createPostgresState,
  snapshot: snapshotPostgresState,
  restore: restorePostgresState,
});
