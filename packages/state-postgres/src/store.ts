import { type AdapterContext, AdapterError, type StatePort } from '@tidelock/core';
import { createAccessStore } from './access/access.ts';
import { type PostgresOptions, PostgresOptionsSchema, type PostgresSettings } from './config.ts';
import { createDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { restorePostgres } from './restore.ts';
import { snapshotPostgres } from './snapshot.ts';
import { createPushState } from './subscriptions.ts';
import { createSyncState } from './sync/sync-state.ts';
import { createTenantStore } from './tenants.ts';

function parse(options: PostgresOptions): PostgresSettings {
  const parsed = PostgresOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new AdapterError('invalid', 'The options of the state adapter are not valid.', {
    operation: 'state.open',
    remedy: parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`)
      .join('; '),
  });
}

/**
 * Connects, and creates or migrates the schema. Throws `AdapterError`: `unavailable` when the server cannot be
 * reached, `auth` for a refused login, `forbidden` without the right to create the schema, `invalid` for a schema that
 * is newer or another program's and for a server that is too old or unsafe.
 */
export async function createPostgresState(
  options: PostgresOptions,
  context: Pick<AdapterContext, 'log'>,
): Promise<StatePort> {
  const db = createDatabase(parse(options), context.log);
  try {
    await migrate(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  context.log.debug('state.opened', { place: db.place, schema: db.schema });
  return {
    tenants: createTenantStore(db),
    sync: createSyncState(db),
    push: createPushState(db),
    access: createAccessStore(db),
    close: () => db.close(),
  };
}

type Context = Pick<AdapterContext, 'log'>;

/** Copies everything into a new file while others work. Throws like `createPostgresState`. */
export const snapshotPostgresState = async (
  options: PostgresOptions,
  _context: Context,
  file: string,
): Promise<void> => snapshotPostgres(parse(options), file);

/** Throws `conflict` where the schema exists already, and `invalid` for a file that is no whole copy. */
export async function restorePostgresState(
  options: PostgresOptions,
  context: Context,
  file: string,
): Promise<void> {
  const db = createDatabase(parse(options), context.log);
  try {
    await restorePostgres(db, file);
  } finally {
    await db.close();
  }
}
