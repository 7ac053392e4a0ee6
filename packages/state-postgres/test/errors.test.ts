import type { AdapterError } from '@tidelock/core';
import { expect, it } from 'vitest';
import { adapter, createPostgresState } from '../src/index.ts';
import { FEED, holdFeed, holdLane, LANE, laneSpec, page, plainLink } from './batch.ts';
import { quiet } from './quiet.ts';
import { describeWithServer, emptySchema, openState, serverUrl, sql, startServer } from './server.ts';

await startServer();

async function errorOf(work: Promise<unknown>): Promise<AdapterError> {
  try {
    await work;
  } catch (error) {
    return error as AdapterError;
  }
  throw new Error('it was not refused');
}

/** Everything of an error that a log could show. */
const shown = (error: AdapterError): string =>
  JSON.stringify([error.message, error.remedy, error.code, error.stack, String(error.cause)]);

const open = (url: string) => createPostgresState({ url, schema: 'never', allowOwner: true }, { log: quiet });

it('lists every problem of the options at once, and does not quote them', async () => {
  const options = { url: 'mysql://secret-word', schema: 'No', poolSize: 0, more: 1 } as never;
  const error = await errorOf(createPostgresState(options, { log: quiet }));
  expect(error.kind).toBe('invalid');
  for (const name of ['url', 'schema', 'poolSize', 'more']) expect(error.remedy).toContain(name);
  expect(shown(error)).not.toContain('secret-word');
  expect(adapter.contract).toBe('state@1');
});

it('a URL that cannot be read is refused without its password', async () => {
  const error = await errorOf(open('postgresql://user:hidden%ZZ@[::bad/db'));
  expect(error.kind).toBe('invalid');
  expect(shown(error)).not.toContain('hidden');
});

it('a server that cannot be reached is unavailable, named without user and password', async () => {
  const error = await errorOf(open('postgresql://someone:secret-word@127.0.0.1:9/db'));
  expect([error.kind, error.code]).toEqual(['unavailable', 'ECONNREFUSED']);
  expect(error.message).toContain('127.0.0.1:9/db');
  expect(shown(error)).not.toMatch(/secret-word|someone/);
});

describeWithServer('what the server refuses', () => {
  it('a wrong password is auth, a missing database and missing TLS are invalid, each with a remedy', async () => {
    const cases: readonly (readonly [url: string, kind: string])[] = [
      [serverUrl().replace('test-only', 'secret-word'), 'auth'],
      [serverUrl().replace(/\/postgres$/, '/nobody'), 'invalid'],
      [`${serverUrl()}?sslmode=verify-full`, 'invalid'],
    ];
    for (const [url, kind] of cases) {
      const error = await errorOf(open(url));
      expect(error.kind, url).toBe(kind);
      expect(error.remedy, url).toMatch(/\.$/);
      expect(shown(error)).not.toMatch(/secret-word|test-only/);
    }
    const tls = createPostgresState(
      { url: `${serverUrl()}?sslmode=disable`, ssl: {}, schema: 'never', allowOwner: true },
      { log: quiet },
    );
    expect((await errorOf(tls)).remedy).toContain('ssl.ca');
  });

  it('a user without rights is forbidden', async () => {
    await sql("create role reader login password 'reader'");
    const url = serverUrl().replace('postgres:test-only', 'reader:reader');
    expect(await errorOf(open(url))).toMatchObject({ kind: 'forbidden', code: '42501' });
    expect(await sql("select from pg_namespace where nspname = 'never'")).toEqual([]);
  });

  it('no message holds a value, and a unique clash says that nothing was changed', async () => {
    const state = await openState(await emptySchema());
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const clash = ['1', '2'].map((id) => ({
      link: plainLink(id, {
        b: { id: 'Lovelace', inc: 1, version: 'v', mono: 'm', stamp: null, gen: 1 },
      }),
    }));
    const error = await errorOf(state.sync.commitLane({ guard, now: 1, links: clash }));
    expect([error.kind, error.code]).toEqual(['conflict', 'not-unique']);
    expect(shown(error)).not.toContain('Lovelace');
    const bad = plainLink('3', { updatedAt: 'Grace Hopper' as never });
    const refused = await errorOf(state.sync.commitLane({ guard, now: 1, links: [{ link: bad }] }));
    expect(refused.kind).toBe('invalid');
    expect(shown(refused)).not.toContain('Grace');
    expect(await state.sync.links(LANE, { by: 'page', after: '', limit: 9 })).toEqual([]);
    await state.close();
  });

  it('a mark or an observation of something unknown refuses the page by name', async () => {
    const state = await openState(await emptySchema());
    await holdLane(state, LANE);
    const fence = await holdFeed(state);
    const commit = (laneId: string, linkId: string) => {
      const marks = [{ side: 'a' as const, linkId, kind: 'dirty' as const }];
      return state.sync.commitObservations({
        ...{ feed: FEED, fence, ...page, now: 1 },
        lanes: [{ laneId, marks, suspects: [] }],
      });
    };
    expect(await errorOf(commit(LANE, 'gone'))).toMatchObject({ kind: 'conflict', code: 'unknown-link' });
    expect(await errorOf(commit('nowhere', 'x'))).toMatchObject({ kind: 'not_found', code: 'unknown-lane' });
    await state.close();
  });
});

const KILL = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'tidelock' and pid <> pg_backend_pid()`;

describeWithServer('a connection that breaks', () => {
  it('while idle is replaced, and ends neither the process nor the next call', async () => {
    const warned: string[] = [];
    const log = { ...quiet, warn: (event: string) => void warned.push(event) };
    const schema = await emptySchema();
    const state = await createPostgresState(
      { url: serverUrl(), schema, poolSize: 2, allowOwner: true },
      { log },
    );
    await state.sync.saveLanes([laneSpec(LANE)], 1);
    await sql(KILL);
    await expect.poll(() => warned).toContain('state.connection-lost');
    expect((await state.sync.lanes()).length).toBe(1);
    await state.close();
  });

  it('in the middle of a commit is unavailable, and leaves nothing of it', async () => {
    const schema = await emptySchema();
    const state = await openState(schema, { poolSize: 2 });
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const waiting =
      'select count(*)::int as n from pg_stat_activity where wait_event_type = $1 and state = $2';
    // An open transaction of somebody else holds the lane's row, so that the commit is under way for certain.
    const done = sql(`begin; update "${schema}".lane set label = 'held'; select pg_sleep(30); commit`).catch(
      () => 'ended',
    );
    await expect
      .poll(
        async () =>
          (await sql("select count(*)::int as n from pg_stat_activity where wait_event = 'PgSleep'"))[0]?.n,
      )
      .toBe(1);
    const commit = errorOf(state.sync.commitLane({ guard, now: 1, links: [{ link: plainLink('1') }] }));
    await expect.poll(async () => (await sql(waiting, ['Lock', 'active']))[0]?.n).toBe(1);
    await sql(KILL);
    expect(await commit).toMatchObject({ kind: 'unavailable' });
    await sql("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'");
    expect(await done).toBe('ended');
    expect(await state.sync.links(LANE, { by: 'page', after: '', limit: 9 })).toEqual([]);
    await state.sync.commitLane({ guard, now: 1, links: [{ link: plainLink('1') }] });
    expect((await state.sync.counts(LANE, 1)).live).toBe(1);
    await state.close();
  });

  it('is not opened again after closing', async () => {
    const state = await openState(await emptySchema());
    await state.close();
    expect(await errorOf(state.sync.lanes())).toMatchObject({ kind: 'unavailable', code: 'closed' });
    await state.close();
  });
});
