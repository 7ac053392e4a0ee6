import { type AdapterContext, AdapterError, type StatePort } from '@tidelock/core';
import { createAccessStore } from './access/access.ts';
import { type PostgresOptions, PostgresOptionsSchema, type PostgresSettings } from './config.ts';
import { createDatabase, type Database } from './database.ts';
import { migrate, ownerNeeded, requireMigrated } from './migrate.ts';
import { grantRole, requirePlainRole } from './migrate-role.ts';
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

type Context = Pick<AdapterContext, 'log'>;

/** The schema as this program needs it, by the role that owns it; the other one is given what it needs, and no more. */
async function prepare(db: Database, settings: PostgresSettings, { log }: Context): Promise<void> {
  if (settings.allowOwner) {
    log.warn('state.owner-allowed', { place: db.place, schema: db.schema });
    return migrate(db);
  }
  await requirePlainRole(db);
  if (settings.ownerUrl === undefined) return requireMigrated(db);
  const owner = createDatabase({ ...settings, url: settings.ownerUrl, poolSize: 1 }, log);
  try {
    await migrate(owner);
    await grantRole(owner, db);
  } finally {
    await owner.close();
  }
}

/**
 * Connects, and creates or migrates the schema. Throws `AdapterError`: `unavailable` when the server cannot be
 * reached, `auth` for a refused login, `forbidden` without the right to create the schema, `invalid` for a schema that
 * is newer or another program's, for a server that is too old or unsafe, for a role that is not held to what it needs, and for a schema that its owner has to
 * make first.
 */
export async function createPostgresState(options: PostgresOptions, context: Context): Promise<StatePort> {
  const settings = parse(options);
  const db = createDatabase(settings, context.log);
  try {
    await prepare(db, settings, context);
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

/** Copies everything into a new file while others work. Throws like `createPostgresState`. */
export const snapshotPostgresState = async (
  options: PostgresOptions,
  _context: Context,
  file: string,
): Promise<void> => snapshotPostgres(parse(options), file);

/** Throws `conflict` where the schema exists already, and `invalid` for a file that is no whole copy or without its owner. */
export async function restorePostgresState(
  options: PostgresOptions,
  context: Context,
  file: string,
): Promise<void> {
  const settings = parse(options);
  const db = createDatabase({ ...settings, url: settings.ownerUrl ?? settings.url }, context.log);
  try {
    if (settings.ownerUrl === undefined && !settings.allowOwner) throw ownerNeeded(db, 'is to be restored');
    await restorePostgres(db, file);
  } finally {
    await db.close();
  }
}
