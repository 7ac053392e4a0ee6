import { existsSync, renameSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { AdapterError } from '@tidelock/core/errors';
import { createPrivateFile } from './database.ts';
import { toAdapterError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { checkOrigin } from './migrate.ts';

/** Pages: the whole database in one step, so that nobody who writes meanwhile makes it begin again. */
const AT_ONCE = 2 ** 31 - 1;

function requireSound(file: string): void {
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    checkOrigin(copy, file);
    const found = copy.prepare('pragma quick_check(1)').get()?.quick_check;
    if (found === 'ok') return;
  } finally {
    copy.close();
  }
  throw new AdapterError('invalid', `The database ${file} is damaged.`, {
    operation: 'state.snapshot',
    code: 'damaged',
    remedy: 'Take the last backup that was sound, and look after the disk.',
  });
}

/** Reads what is committed, beside whoever has the database open and without stopping anybody. */
export async function snapshotSqlite(file: string, to: string): Promise<void> {
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(file, { readOnly: true });
    checkOrigin(source, file);
    createPrivateFile(to);
    await backup(source, to, { rate: AT_ONCE });
    requireSound(to);
  } catch (error) {
    throw toAdapterError(error, { operation: 'state.snapshot', file });
  } finally {
    source?.close();
  }
}

function refuseOverwriting(file: string): void {
  if (!existsSync(file)) return;
  throw new AdapterError('conflict', `There is a database already: ${file}.`, {
    operation: 'state.restore',
    code: 'not-empty',
    remedy: 'Move it away (with its -wal and -shm), or restore into another data folder.',
  });
}

/** The copy appears under its name whole or not at all. It is brought to this program's version when it is opened. */
export async function restoreSqlite(file: string, from: string): Promise<void> {
  const half = `${file}.restoring`;
  const lock = lockFolder(file);
  try {
    refuseOverwriting(file);
    requireSound(from);
    rmSync(half, { force: true });
    createPrivateFile(half);
    await copyFile(from, half);
    renameSync(half, file);
  } catch (error) {
    rmSync(half, { force: true });
    throw toAdapterError(error, { operation: 'state.restore', file });
  } finally {
    lock.release();
  }
}
