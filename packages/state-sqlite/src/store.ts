import { resolve } from 'node:path';
import { type AdapterContext, AdapterError, type StatePort } from '@tidelock/core';
import { type SqliteOptions, SqliteOptionsSchema } from './config.ts';
import { MEMORY } from './database.ts';
import { restoreSqlite, snapshotSqlite } from './snapshot.ts';
import { openStore } from './store-here.ts';
import { openInThread } from './store-thread.ts';

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

type Context = Pick<AdapterContext, 'dataDir' | 'log'>;

function fileOf(options: SqliteOptions, { dataDir }: Context): string {
  const name = parse(options).file;
  return name === MEMORY ? MEMORY : resolve(dataDir, name);
}

/**
 * Opens (and creates or migrates) the database and holds its folder until `close`. A file has a thread of its own, so
 * that statements and the disk hold nobody up; `:memory:` stays in the thread of the caller. Throws `AdapterError`:
 * `conflict` when another process holds the folder, `invalid` for a damaged, foreign or newer file, `forbidden` without
 * the right to write, `unavailable` for a full or failing disk.
 */
export async function createSqliteState(options: SqliteOptions, context: Context): Promise<StatePort> {
  const file = fileOf(options, context);
  const state = file === MEMORY ? openStore(file) : await openInThread(file);
  context.log.debug('state.opened', { memory: file === MEMORY });
  return state;
}

/** The same without a thread: for who opens and closes a file over and over, as simulations do. */
export async function createSqliteStateHere(options: SqliteOptions, context: Context): Promise<StatePort> {
  return openStore(fileOf(options, context));
}

function realFile(options: SqliteOptions, context: Context): string {
  const file = fileOf(options, context);
  if (file !== MEMORY) return file;
  throw new AdapterError('unsupported', 'A database in memory cannot be backed up.', {
    operation: 'state.snapshot',
    remedy: 'Give the state adapter a "file".',
  });
}

/** Copies the database into a new file, also while another process has it open. Throws like `createSqliteState`. */
export const snapshotSqliteState = async (
  options: SqliteOptions,
  context: Context,
  file: string,
): Promise<void> => snapshotSqlite(realFile(options, context), file);

/** Throws `conflict` where there is a database already, or where another process holds the folder. */
export const restoreSqliteState = async (
  options: SqliteOptions,
  context: Context,
  file: string,
): Promise<void> => restoreSqlite(realFile(options, context), file);
