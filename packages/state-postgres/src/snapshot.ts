import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Client } from 'pg';
import type { PostgresSettings } from './config.ts';
import { placeOf, toPoolConfig } from './database.ts';
import { toAdapterError } from './errors.ts';

/** What the first line says, with the version of the schema behind it. */
export const FORMAT = 'tidelock-postgres-state';
/** Rows of one fetch, and of one insert. */
export const PAGE = 1_000;

/** Partitioned tables without their parts; tables that others refer to come first. */
const TABLES = `with recursive
  own as (select c.oid, c.relname from pg_class c join pg_namespace s on s.oid = c.relnamespace
    where s.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migration'),
  refers as (select distinct conrelid as child, confrelid as parent from pg_constraint
    where contype = 'f' and conrelid <> confrelid),
  depth as (select oid, relname, 0 as level from own
    union all select own.oid, own.relname, depth.level + 1 from depth
      join refers on refers.parent = depth.oid join own on own.oid = refers.child)
  select relname::text as name from depth group by relname order by max(level), relname`;

type Write = (kind: 'h' | 't' | 'r' | 'e', rest: string) => Promise<void>;

async function copyTable(client: Client, name: string, write: Write): Promise<number> {
  const rows = `declare copied no scroll cursor for select row_to_json(t)::text as line from ${name} t`;
  await client.query(rows);
  let count = 0;
  for (let page = PAGE; page === PAGE; count += page) {
    const { rows: found } = await client.query<{ line: string }>(`fetch ${PAGE} from copied`);
    for (const { line } of found) await write('r', line);
    page = found.length;
  }
  await client.query('close copied');
  return count;
}

async function copyAll(client: Client, schema: string, write: Write): Promise<void> {
  await client.query('begin isolation level repeatable read read only');
  const found = await client.query<{ version: number }>(
    `select max(version)::int as version from "${schema}".migration`,
  );
  await write('h', `${FORMAT} ${found.rows[0]?.version ?? 0}`);
  const { rows: tables } = await client.query<{ name: string }>(TABLES, [schema]);
  let count = 0;
  for (const { name } of tables) {
    await write('t', name);
    count += await copyTable(client, `"${schema}"."${name}"`, write);
  }
  await write('e', String(count));
  await client.query('commit');
}

/**
 * One reading of everything, a row a line: PostgreSQL writes each as JSON, and reads it again, by itself, so that no type
 * is translated here. The first letter says what a line is: head, table, row, end with the number of rows.
 */
export async function snapshotPostgres(settings: PostgresSettings, to: string): Promise<void> {
  const config = toPoolConfig(settings);
  const client = new Client({ ...config, query_timeout: undefined, statement_timeout: 0 });
  const out = createWriteStream(to, { flags: 'wx', mode: 0o600 });
  const done = finished(out);
  const write: Write = async (kind, rest) => {
    if (!out.write(`${kind} ${rest}\n`)) await once(out, 'drain');
  };
  try {
    await client.connect();
    await copyAll(client, settings.schema, write);
    out.end();
    await done;
  } catch (error) {
    done.catch(() => undefined);
    out.destroy();
    throw toAdapterError(error, { operation: 'state.snapshot', place: placeOf(config) });
  } finally {
    await client.end().catch(() => undefined);
  }
}
