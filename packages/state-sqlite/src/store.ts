import { resolve } from 'node:path';
import { type AdapterContext, AdapterError, type StatePort } from '@tidelock/core';
import { type SqliteOptions, SqliteOptionsSchema } from './config.ts';
import { MEMORY, openDatabase } from './database.ts';
import { lockFolder } from './folder-lock.ts';
import { createSyncState } from './sync/sync-state.ts';
import { createTenantStore } from './tenants.ts';

function parse(options: SqliteOptions): { readonly file: string } {
  const parsed = SqliteOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new AdapterError('invalid', 'The options of the state adapter are not valid.', {
    operation: 'state.open',
    remedy: parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`)
      .join('; '),
  });
}

/**
 * Opens (and creates or migrates) the database and holds its folder until `close`. Throws `AdapterError`: `conflict`
 * when another process holds the folder, `invalid` for a damaged, foreign or newer file, `forbidden` without the
 * right to write, `unavailable` for a full or failing disk.
 */
export async function createSqliteState(
  options: SqliteOptions,
  context: Pick<AdapterContext, 'dataDir' | 'log'>,
): Promise<StatePort> {
  const name = parse(options).file;
  const file = name === MEMORY ? MEMORY : resolve(context.dataDir, name);
  const lock = file === MEMORY ? null : lockFolder(file);
  try {
    const db = openDatabase(file);
    context.log.debug('state.opened', { memory: file === MEMORY });
    return {
      tenants: createTenantStore(db),
      sync: createSyncState(db),
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
