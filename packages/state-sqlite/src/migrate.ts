import type { DatabaseSync } from 'node:sqlite';
import { AdapterError } from '@tidelock/core/errors';
import { tables } from './migrations/0001-tables.ts';
import { linkCounts } from './migrations/0002-link-counts.ts';
import { origins } from './migrations/0003-origins.ts';
import { administration } from './migrations/0004-administration.ts';
import { narrowKeys } from './migrations/0005-narrow-keys.ts';
import { scannedAt } from './migrations/0006-scanned-at.ts';
import { sentStamps } from './migrations/0007-sent-stamps.ts';
import { steadyIndexes } from './migrations/0008-steady-indexes.ts';
import { keysFiledLater } from './migrations/0009-keys-filed-later.ts';
import { containers } from './migrations/0010-containers.ts';
import { closedRecords } from './migrations/0011-closed-records.ts';
import { due } from './migrations/0012-due.ts';
import { subscriptions } from './migrations/0013-subscriptions.ts';
import { access } from './migrations/0014-access.ts';
import { runTimes } from './migrations/0015-run-times.ts';
import { knownRecords } from './migrations/0016-known-records.ts';

/** Forward only. A migration that was released is never edited: the next one mends it. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: tables },
  { version: 2, sql: linkCounts },
  { version: 3, sql: origins },
  { version: 4, sql: administration },
  { version: 5, sql: narrowKeys },
  { version: 6, sql: scannedAt },
  { version: 7, sql: sentStamps },
  { version: 8, sql: steadyIndexes },
  { version: 9, sql: keysFiledLater },
  { version: 10, sql: containers },
  { version: 11, sql: closedRecords },
  { version: 12, sql: due },
  { version: 13, sql: subscriptions },
  { version: 14, sql: access },
  { version: 15, sql: runTimes },
  { version: 16, sql: knownRecords },
];

export const HEAD = MIGRATIONS.length;

/** "TDLK": tells our files from other programs' SQLite files. */
const APPLICATION_ID = 0x54_44_4c_4b;

function pragma(raw: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(raw.prepare(`pragma ${name}`).get()?.[name]);
}

/** Changes nothing: a file that is not ours, or newer than this program, stays as it is. */
export function checkOrigin(raw: DatabaseSync, file: string): void {
  const id = pragma(raw, 'application_id');
  const objects = raw.prepare('select count(*) as n from sqlite_schema').get();
  const empty = id === 0 && pragma(raw, 'user_version') === 0 && objects?.n === 0;
  if (!empty && id !== APPLICATION_ID)
    throw new AdapterError('invalid', `The file ${file} is a SQLite database of another program.`, {
      operation: 'state.migrate',
      remedy: 'Point "file" at another name, or move that database away.',
    });
  const present = pragma(raw, 'user_version');
  if (present > HEAD) {
    throw new AdapterError(
      'invalid',
      `The database ${file} has version ${present}; this program knows versions up to ${HEAD}.`,
      {
        operation: 'state.migrate',
        code: 'newer-version',
        remedy: 'Start the newer program that wrote it, or restore a backup made before the upgrade.',
      },
    );
  }
}

/** Each step and its version number are one transaction, so an interrupted migration goes on where it stopped. */
export function migrate(raw: DatabaseSync, at: { readonly file: string; readonly to?: number }): void {
  checkOrigin(raw, at.file);
  const present = pragma(raw, 'user_version');
  const target = at.to ?? HEAD;
  for (const step of MIGRATIONS) {
    if (step.version <= present || step.version > target) continue;
    raw.exec('begin immediate');
    try {
      raw.exec(step.sql);
      raw.exec(`pragma application_id = ${APPLICATION_ID}`);
      raw.exec(`pragma user_version = ${step.version}`);
      raw.exec('commit');
    } catch (error) {
      if (raw.isTransaction) raw.exec('rollback');
      throw error;
    }
  }
}
