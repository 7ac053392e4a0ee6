import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AdapterError } from '@tidelock/core/errors';
import { createPrivateFile } from './database.ts';
import { toAdapterError } from './errors.ts';

export interface FolderLock {
  release(): void;
}

/**
 * One process per data folder. The lock is an exclusive transaction that stays open on a database file of its own:
 * the operating system ends it with the process, however that dies, so there is never a stale lock to clear.
 * It does not hold across machines on network file systems without working POSIX locks.
 */
export function lockFolder(databaseFile: string): FolderLock {
  const folder = dirname(databaseFile);
  const file = join(folder, 'tidelock.lock');
  let raw: DatabaseSync | undefined;
  try {
    createPrivateFile(file);
    raw = new DatabaseSync(file);
    raw.exec('pragma busy_timeout = 0');
    raw.exec('begin exclusive');
  } catch (error) {
    raw?.close();
    throw toLockError(error, { folder, file });
  }
  const held = raw;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}

function toLockError(error: unknown, at: { folder: string; file: string }): AdapterError {
  const mapped = toAdapterError(error, { operation: 'state.lock', file: at.file });
  if (mapped.code !== 'SQLITE_5') return mapped;
  return new AdapterError('conflict', `The data folder ${at.folder} is in use by another Tidelock process.`, {
    operation: 'state.lock',
    code: 'folder-in-use',
    remedy: 'Stop the other process, or give this one a data folder of its own.',
  });
}
