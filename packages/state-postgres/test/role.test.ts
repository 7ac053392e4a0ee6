import { stateCases } from '@tidelock/conformance';
import type { StatePort } from '@tidelock/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresState } from '../src/index.ts';
import { quiet } from './quiet.ts';
import { describeWithServer, freshSchema, openState, serverUrl, sql, startServer } from './server.ts';

await startServer();

const PASSWORD = 'test-only';

const urlOf = (role: string): string => {
  const url = new URL(serverUrl());
  url.username = role;
  url.password = PASSWORD;
  return url.href;
};

const openAs = (role: string, schema: string): Promise<StatePort> =>
  openState(schema, { url: urlOf(role), ownerUrl: serverUrl(), allowOwner: false });

/** One statement as that role. */
async function sqlAs(role: string, text: string): Promise<void> {
  await sql(`set role ${role}; ${text}`);
}

describeWithServer('the role that the program works as', () => {
  beforeAll(async () => {
    await sql(`create role plain login password '${PASSWORD}'; create role mighty login superuser password '${PASSWORD}';
      create role passing login bypassrls password '${PASSWORD}'; create role landlord login password '${PASSWORD}';
      create role tenant_of_landlord login password '${PASSWORD}' in role landlord`);
    await sql('grant create on database postgres to landlord');
  });

  it('is refused as the owner of everything without a word, too, and nothing is made', async () => {
    const schema = freshSchema();
    const refused = { kind: 'invalid', code: 'owning-role', remedy: expect.stringContaining('allowOwner') };
    await expect(openState(schema, { allowOwner: false })).rejects.toMatchObject(refused);
    await expect(openState(schema, { url: urlOf('mighty'), allowOwner: false })).rejects.toMatchObject(
      refused,
    );
    expect(await sql('select from pg_namespace where nspname = $1', [schema])).toEqual([]);
  });

  it('opens by itself what its owner made, and says who has to make what is missing or old', async () => {
    const schema = freshSchema();
    const alone = () => openState(schema, { url: urlOf('plain'), allowOwner: false });
    const needed = (what: string) => ({
      ...{ kind: 'invalid', code: 'owner-needed', message: expect.stringContaining(what) },
      remedy: expect.stringContaining('ownerUrl'),
    });
    await expect(alone()).rejects.toMatchObject(needed('is not there yet'));
    await (await openAs('plain', schema)).close();
    await (await alone()).close();
    await sql(
      `delete from "${schema}".migration where version = (select max(version) from "${schema}".migration)`,
    );
    await expect(alone()).rejects.toMatchObject(needed('has version'));
  });

  it('may be the owner where the operator says so, which the log repeats at each start', async () => {
    const warned: string[] = [];
    const log = { ...quiet, warn: (event: string) => void warned.push(event) };
    const options = { url: serverUrl(), schema: freshSchema(), allowOwner: true };
    await (await createPostgresState(options, { log })).close();
    expect(warned).toEqual(['state.owner-allowed']);
    const both = createPostgresState({ ...options, ownerUrl: serverUrl() }, { log });
    await expect(both).rejects.toMatchObject({
      kind: 'invalid',
      remedy: expect.stringContaining('allowOwner'),
    });
  });

  it.each([
    ['mighty', 'is a superuser'],
    ['passing', 'bypasses row-level security'],
  ])('is refused when it is %s: it %s', async (role, why) => {
    const schema = freshSchema();
    await expect(openAs(role, schema)).rejects.toMatchObject({
      ...{ kind: 'invalid', code: 'owning-role', message: expect.stringContaining(why) },
      remedy: expect.stringContaining('ownerUrl'),
    });
    expect(await sql('select from pg_namespace where nspname = $1', [schema])).toEqual([]);
  });

  it.each(['landlord', 'tenant_of_landlord'])(
    'is refused when it owns the tables, itself or through another: %s',
    async (role) => {
      const schema = freshSchema();
      await (await openState(schema, { url: urlOf('landlord') })).close();
      await expect(openAs(role, schema)).rejects.toMatchObject({
        code: 'owning-role',
        message: expect.stringContaining('owns tables'),
      });
    },
  );

  it('can neither change the trail nor the tables, and starts again at the same version', async () => {
    const schema = freshSchema();
    const state = await openAs('plain', schema);
    const row = { id: '1', tenantId: 't', at: 1, who: 'ann', act: 'pause', subject: 'x', laneId: null };
    await state.tenants.appendAudit([{ ...row, before: null, after: null }]);
    for (const change of [
      `update "${schema}".audit set who = 'eve'`,
      `delete from "${schema}".audit`,
      `truncate "${schema}".audit`,
      `alter table "${schema}".audit disable trigger all`,
      `drop table "${schema}".audit`,
      `create table "${schema}".own (n int)`,
      `update "${schema}".migration set version = 1`,
    ])
      await expect(sqlAs('plain', change)).rejects.toThrow(/permission denied|must be owner/);
    expect((await state.tenants.audit('t', { limit: 2 })).map(({ who }) => who)).toEqual(['ann']);
    await state.close();
    const both = await Promise.all([openAs('plain', schema), openAs('plain', schema)]);
    expect((await both[0].tenants.audit('t', { limit: 2 })).length).toBe(1);
    await Promise.all(both.map((one) => one.close()));
  });

  describe('does what the contract asks for', () => {
    const WANTED = /^state-(0[01]0|02\d|1[0-3]0|171|174|2\d\d)$/;
    const cases = stateCases.filter(({ id }) => WANTED.test(id));
    let schema = '';
    beforeAll(() => {
      schema = freshSchema();
    });
    afterAll(() => expect(cases.length).toBeGreaterThan(12));

    it.each(cases.map((one) => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
      const state = await openAs('plain', schema);
      const close = () => state.close();
      try {
        await one.run({ state, close, dispose: close });
      } finally {
        await state.close();
        schema = freshSchema();
      }
    });
  });
});
