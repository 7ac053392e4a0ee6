import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AdapterError } from '@tidelock/core';
import type { Database } from './database.ts';
import type { Session } from './database-session.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { bool, text } from './row.ts';
import { FORMAT, PAGE } from './snapshot.ts';

const OPERATION = 'state.restore';

const damaged = (): AdapterError =>
  new AdapterError('invalid', 'The file is no whole copy of a PostgreSQL state.', {
    operation: OPERATION,
    code: 'damaged',
    remedy: 'Take another backup. Nothing was changed.',
  });

const tooNew = (version: number): AdapterError =>
  new AdapterError(
    'invalid',
    `The copy has version ${version}; this program knows up to ${MIGRATIONS.length}.`,
    {
      operation: OPERATION,
      code: 'newer-version',
      remedy: 'Restore it with the program that made it, or a newer one.',
    },
  );

const occupied = (db: Database): AdapterError =>
  new AdapterError('conflict', `The schema ${db.schema} of ${db.place} exists already.`, {
    operation: OPERATION,
    code: 'not-empty',
    remedy: 'Give "schema" another name, or drop that one if nobody needs it.',
  });

/** Lines as [kind, rest]. */
async function* linesOf(file: string): AsyncGenerator<readonly [string, string]> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) yield [line.slice(0, 2), line.slice(2)];
}

/** Version of the schema that the rows are of. */
async function readHead(file: string): Promise<number> {
  for await (const [kind, rest] of linesOf(file)) {
    const [format, version] = rest.split(' ');
    const known = Number(version);
    if (kind !== 'h ' || format !== FORMAT || !Number.isInteger(known) || known < 1) break;
    if (known > MIGRATIONS.length) throw tooNew(known);
    return known;
  }
  throw damaged();
}

/** Numbers that the server gives out itself are kept, and it goes on behind the last of them. */
async function insert(session: Session, table: string, rows: readonly string[]): Promise<void> {
  await session.run(
    `insert into $."${table}" overriding system value
      select * from json_populate_recordset(null::$."${table}", $1::json)`,
    [`[${rows.join(',')}]`],
  );
}

const NUMBERED = `select c.relname::text as name from pg_class c join pg_namespace s on s.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'n' and a.attidentity = 'a' where s.nspname = $1`;

async function goOnNumbering(session: Session, schema: string): Promise<void> {
  for (const row of await session.all(NUMBERED, [schema])) {
    const name = text(row, 'name');
    await session.all(
      `select setval(pg_get_serial_sequence('"${schema}"."${name}"', 'n'), coalesce(max(n), 0) + 1, false) from $."${name}"`,
    );
  }
}

interface Loading {
  readonly session: Session;
  table: string | null;
  rows: string[];
  /** Rows put in. */
  count: number;
  isWhole: boolean;
}

async function flush(on: Loading): Promise<void> {
  if (on.table !== null && on.rows.length > 0) await insert(on.session, on.table, on.rows);
  on.count += on.rows.length;
  on.rows = [];
}

const TAKE: Readonly<Record<string, (on: Loading, rest: string) => Promise<void>>> = {
  async 'h '() {},
  async 'r '(on, rest) {
    if (on.table === null) throw damaged();
    on.rows.push(rest);
    if (on.rows.length === PAGE) await flush(on);
  },
  async 't '(on, rest) {
    await flush(on);
    if (!/^[a-z_]{1,63}$/.test(rest)) throw damaged();
    on.table = rest;
  },
  async 'e '(on, rest) {
    await flush(on);
    if (Number(rest) !== on.count) throw damaged();
    on.isWhole = true;
  },
};

async function load(session: Session, file: string): Promise<void> {
  const on: Loading = { session, table: null, rows: [], count: 0, isWhole: false };
  for await (const [kind, rest] of linesOf(file)) {
    const take = TAKE[kind];
    if (take === undefined || on.isWhole) throw damaged();
    await take(on, rest);
  }
  if (!on.isWhole) throw damaged();
}

const PRESENT = 'select exists (select from pg_namespace where nspname = $1) as present';

/** All or nothing: where something goes wrong, the schema is gone again. */
export async function restorePostgres(db: Database, file: string): Promise<void> {
  const version = await readHead(file);
  const [row = {}] = await db.single(OPERATION, (session) => session.all(PRESENT, [db.schema]));
  if (bool(row, 'present')) throw occupied(db);
  try {
    await migrate(db, MIGRATIONS.slice(0, version));
    await db.transaction(OPERATION, async (session) => {
      // A large state takes longer than any statement of a sync may.
      await session.run("set local statement_timeout = '0'");
      await session.run("set local idle_in_transaction_session_timeout = '0'");
      await load(session, file);
      await goOnNumbering(session, db.schema);
    });
    await migrate(db);
  } catch (error) {
    await db.single(OPERATION, (session) => session.run(`drop schema if exists "${db.schema}" cascade`));
    throw error;
  }
}
