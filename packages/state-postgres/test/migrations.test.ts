import { expect, it } from 'vitest';
import { PostgresOptionsSchema } from '../src/config.ts';
import { createDatabase, type Database } from '../src/database.ts';
import { MIGRATIONS, migrate } from '../src/migrate.ts';
import { holdLane, LANE, plainLink } from './batch.ts';
import { quiet } from './quiet.ts';
import { describeWithServer, freshSchema, openState, serverUrl, sql, startServer } from './server.ts';

await startServer();

const open = (schema: string): Database =>
  createDatabase(PostgresOptionsSchema.parse({ url: serverUrl(), schema, poolSize: 2 }), quiet);

const versions = async (schema: string): Promise<unknown[]> =>
  (await sql(`select version from "${schema}".migration order by version`)).map((row) => row.version);

const next = MIGRATIONS.length + 1;
const addColumn = { version: next, sql: "alter table $.lane add column note text not null default 'new'" };

describeWithServer('migrations', () => {
  it('run once, however many programs start at the same time', async () => {
    const schema = freshSchema();
    const states = await Promise.all([1, 2, 3, 4].map(() => openState(schema, { poolSize: 1 })));
    expect(await versions(schema)).toEqual(MIGRATIONS.map(({ version }) => version));
    await Promise.all(states.map((state) => state.close()));
  });

  it('take an older schema forward with every row intact', async () => {
    const schema = freshSchema();
    const state = await openState(schema);
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    await state.sync.commitLane({ guard, now: 1, links: [{ link: plainLink('1') }] });
    const before = await state.sync.lanes();
    await state.close();
    const db = open(schema);
    await migrate(db, [...MIGRATIONS, addColumn]);
    await migrate(db, [...MIGRATIONS, addColumn]);
    await db.close();
    expect(await versions(schema)).toEqual([...MIGRATIONS.map(({ version }) => version), next]);
    expect((await sql(`select note from "${schema}".lane where id = $1`, [LANE]))[0]?.note).toBe('new');
    const [kept] = await sql(`select count(*)::int as n from "${schema}".link`);
    expect([kept?.n, before.length]).toEqual([1, 2]);
  });

  it('leave the last whole version behind when a step fails, and go on from there', async () => {
    const schema = freshSchema();
    const db = open(schema);
    const broken = { version: next, sql: 'create table $.half (n int); select 1 / 0' };
    await expect(migrate(db, [...MIGRATIONS, broken])).rejects.toMatchObject({
      kind: 'invalid',
      code: '22012',
    });
    expect(await versions(schema)).toEqual(MIGRATIONS.map(({ version }) => version));
    expect(
      await sql('select from pg_tables where schemaname = $1 and tablename = $2', [schema, 'half']),
    ).toEqual([]);
    await migrate(db, [...MIGRATIONS, addColumn]);
    expect((await versions(schema)).at(-1)).toBe(next);
    await db.close();
  });
});

describeWithServer('the audit trail', () => {
  it('refuses to be changed, shortened or emptied', async () => {
    const schema = freshSchema();
    const state = await openState(schema);
    const row = { id: '1', tenantId: 't', at: 1, who: 'ann', act: 'pause', subject: 'x', laneId: null };
    await state.tenants.appendAudit([{ ...row, before: null, after: null }]);
    for (const change of ["update $ set who = 'eve'", 'delete from $', 'truncate $']) {
      await expect(sql(change.replace('$', `"${schema}".audit`))).rejects.toThrow('only grows');
    }
    expect((await state.tenants.audit('t', { limit: 2 })).map(({ who }) => who)).toEqual(['ann']);
    await state.close();
  });
});

describeWithServer('a database that is not for this program', () => {
  it('is refused when its schema is newer, and stays as it is', async () => {
    const schema = freshSchema();
    await (await openState(schema)).close();
    await sql(`insert into "${schema}".migration values (999)`);
    await expect(openState(schema)).rejects.toMatchObject({
      kind: 'invalid',
      code: 'newer-version',
      message: expect.stringContaining('version 999'),
      remedy: expect.stringMatching(/^Start the newer program/),
    });
    expect((await versions(schema)).at(-1)).toBe(999);
  });

  it("is refused when the schema is another program's", async () => {
    const schema = freshSchema();
    await sql(`create schema "${schema}"; create table "${schema}".theirs (n int)`);
    await expect(openState(schema)).rejects.toMatchObject({
      kind: 'invalid',
      remedy: 'Give "schema" another name.',
    });
    expect((await sql('select from pg_tables where schemaname = $1', [schema])).length).toBe(1);
  });

  it('is refused when it loses acknowledged commits, or cannot hold every language', async () => {
    const unsafe = `${serverUrl()}?options=${encodeURIComponent('-c synchronous_commit=off')}`;
    await expect(openState(freshSchema(), { url: unsafe })).rejects.toMatchObject({ code: 'unsafe-commit' });
    await sql("create database latin encoding 'SQL_ASCII' template template0");
    const ascii = serverUrl().replace(/\/postgres$/, '/latin');
    await expect(openState(freshSchema(), { url: ascii })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('SQL_ASCII'),
    });
  });

  it('takes an empty schema that somebody made for it', async () => {
    const schema = freshSchema();
    await sql(`create schema "${schema}"`);
    const state = await openState(schema);
    expect(await state.sync.lanes()).toEqual([]);
    await state.close();
  });
});
