import type { StatePort } from '@tidelock/core';
import { type PostgresServer, startPostgres } from '@tidelock-tooling/postgres';
import { Client } from 'pg';
import { afterAll, describe, it } from 'vitest';
import { createPostgresState, type PostgresOptions } from '../src/index.ts';
import { quiet } from './quiet.ts';

async function start(): Promise<PostgresServer | string> {
  try {
    return await startPostgres();
  } catch (error) {
    return error instanceof Error ? error.message : 'the server did not start';
  }
}

let started: PostgresServer | string = 'nobody has asked for it';
let note = '';

/** A server for the test file that asks, until its end. Modules are kept for the next file, so each asks at its head. */
export async function startServer(): Promise<void> {
  const mine = await start();
  started = mine;
  note = typeof mine === 'string' ? ` [skipped: no PostgreSQL could be started: ${mine}]` : '';
  if (typeof mine !== 'string') afterAll(() => mine.stop());
}

/** As vitest's, but a counted skip that says why where there is no PostgreSQL. */
export const describeWithServer = (name: string, body: () => void): void =>
  void describe.skipIf(note !== '')(name + note, body);

export const api = {
  describe,
  it(name: string, fn: (context?: unknown) => Promise<void>): void {
    it.skipIf(note !== '')(name + note, (context) => fn(context));
  },
  skip: (name: string, reason: string) => void it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

export function serverUrl(): string {
  if (typeof started === 'string') throw new Error(started);
  return started.url;
}

let schemas = 0;

/** A schema name that no other test of this server uses. */
export function freshSchema(): string {
  schemas += 1;
  return `test_${schemas}`;
}

/** One statement on a connection of its own. */
export async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

const EMPTY = `do $$ declare t record; begin
  -- The audit trail refuses to be emptied.
  set local session_replication_role = replica;
  for t in select schemaname, tablename from pg_tables where schemaname = 'emptied' and tablename <> 'migration'
    and tablename not like 'link\\_%' loop
    execute format('delete from %I.%I', t.schemaname, t.tablename);
  end loop; end $$`;

/** An empty schema for one test at a time: emptying it again is quicker than making the tables of another one. */
export async function emptySchema(): Promise<string> {
  await sql(EMPTY);
  return 'emptied';
}

export const openState = (schema: string, more: Partial<PostgresOptions> = {}): Promise<StatePort> =>
  createPostgresState(
    { url: serverUrl(), schema, poolSize: 4, leaseClock: 'caller', allowOwner: true, ...more },
    { log: quiet },
  );
