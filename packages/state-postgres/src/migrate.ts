import { AdapterError } from '@tidelock/core';
import type { Database } from './database.ts';
import type { Session } from './database-session.ts';
import { tables } from './migrations/0001-tables.ts';
import { origins } from './migrations/0002-origins.ts';
import { administration } from './migrations/0003-administration.ts';
import { scannedAt } from './migrations/0004-scanned-at.ts';
import { sentStamps } from './migrations/0005-sent-stamps.ts';
import { containers } from './migrations/0006-containers.ts';
import { closedRecords } from './migrations/0007-closed-records.ts';
import { due } from './migrations/0008-due.ts';
import { subscriptions } from './migrations/0009-subscriptions.ts';
import { access } from './migrations/0010-access.ts';
import { runTimes } from './migrations/0011-run-times.ts';
import { knownRecords } from './migrations/0012-known-records.ts';
import { bool, int, text } from './row.ts';

/** Forward only. A migration that was released is never edited: the next one mends it. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: tables },
  { version: 2, sql: origins },
  { version: 3, sql: administration },
  { version: 4, sql: scannedAt },
  { version: 5, sql: sentStamps },
  { version: 6, sql: containers },
  { version: 7, sql: closedRecords },
  { version: 8, sql: due },
  { version: 9, sql: subscriptions },
  { version: 10, sql: access },
  { version: 11, sql: runTimes },
  { version: 12, sql: knownRecords },
];

const OPERATION = 'state.migrate';
const OLDEST_SERVER = 150_000;

const SERVER = `select current_setting('server_version_num')::bigint as version,
  current_setting('server_encoding') as encoding, current_setting('synchronous_commit') as commits`;

const ORIGIN = `select exists (select from pg_namespace where nspname = $1) as present,
  exists (select from pg_class c join pg_namespace s on s.oid = c.relnamespace
    where s.nspname = $1 and c.relname = 'migration' and c.relkind = 'r') as ours,
  exists (select from pg_class c join pg_namespace s on s.oid = c.relnamespace
    where s.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')) as filled`;

function refuse(message: string, remedy: string, code?: string): AdapterError {
  return new AdapterError('invalid', message, { operation: OPERATION, remedy, code });
}

/** What a write relies on: MERGE, whole Unicode, and commits that are on disk when they are acknowledged. */
async function checkServer(session: Session, place: string): Promise<void> {
  const [row = {}] = await session.all(SERVER);
  if (int(row, 'version') < OLDEST_SERVER) {
    throw refuse(`The server of ${place} is older than PostgreSQL 15.`, 'Use PostgreSQL 15 or later.');
  }
  if (text(row, 'encoding') !== 'UTF8') {
    throw refuse(
      `The database ${place} has encoding ${text(row, 'encoding')}.`,
      "Create a database with encoding UTF8 (create database ... encoding 'UTF8' template template0) and use that.",
    );
  }
  if (text(row, 'commits') === 'off') {
    throw refuse(
      `The database ${place} acknowledges commits that a crash can lose (synchronous_commit is off).`,
      'Switch it on for the user of "url": alter role ... set synchronous_commit = on.',
      'unsafe-commit',
    );
  }
}

/** Version of the schema, 0 where there is nothing yet. Changes nothing. */
async function presentVersion(
  session: Session,
  db: Database,
): Promise<{ version: number; present: boolean }> {
  const [origin = {}] = await session.all(ORIGIN, [db.schema]);
  const present = bool(origin, 'present');
  if (!bool(origin, 'ours')) {
    if (!bool(origin, 'filled')) return { version: 0, present };
    throw refuse(
      `The schema ${db.schema} of ${db.place} holds tables of another program.`,
      'Give "schema" another name.',
    );
  }
  const [row = {}] = await session.all(
    'select coalesce(max(version), 0)::bigint as version from $.migration',
  );
  return { version: int(row, 'version'), present };
}

function checkAge(version: number, head: number, db: Database): void {
  if (version <= head) return;
  throw refuse(
    `The schema ${db.schema} of ${db.place} has version ${version}; this program knows versions up to ${head}.`,
    'Start the newer program that wrote it, or restore a backup made before the upgrade.',
    'newer-version',
  );
}

/** The refusal of a role that would come to own what it works on. */
export const ownerNeeded = (db: Database, why: string): AdapterError =>
  refuse(
    `The schema ${db.schema} of ${db.place} ${why}, which only the role that owns it may change.`,
    'Give that role\'s connection as "ownerUrl"; where the database has one role only, set allowOwner: true.',
    'owner-needed',
  );

/** Throws where the schema is not there as this program needs it. Changes nothing. */
export async function requireMigrated(db: Database): Promise<void> {
  const head = MIGRATIONS.length;
  await db.single(OPERATION, (session) => checkServer(session, db.place));
  const { version } = await db.single(OPERATION, (session) => presentVersion(session, db));
  checkAge(version, head, db);
  if (version === 0) throw ownerNeeded(db, 'is not there yet');
  if (version < head) throw ownerNeeded(db, `has version ${version} where this program needs ${head}`);
}

/** Programs that start at once take turns. */
export const LOCK = "select pg_advisory_xact_lock(hashtextextended('tidelock.migrate.' || $1, 0))";

/** One step and its number in one transaction. Programs that start at once take turns. */
async function migrateOnce(db: Database, migrations: readonly Migration[]): Promise<boolean> {
  return db.transaction(OPERATION, async (session) => {
    await session.all(LOCK, [db.schema]);
    const { version, present } = await presentVersion(session, db);
    checkAge(version, migrations.length, db);
    const next = migrations.find((step) => step.version > version);
    if (next === undefined) return false;
    if (!present) await session.run(`create schema "${db.schema}"`);
    if (version === 0) await session.run('create table $.migration (version integer primary key)');
    await session.run(next.sql);
    await session.run('insert into $.migration (version) values ($1)', [next.version]);
    return true;
  });
}

/** Brings the schema to the newest version. A newer one, or another program's, is refused and left as it is. */
export async function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await db.single(OPERATION, (session) => checkServer(session, db.place));
  const { version } = await db.single(OPERATION, (session) => presentVersion(session, db));
  checkAge(version, migrations.length, db);
  if (version === migrations.length) return;
  while (await migrateOnce(db, migrations));
}
