import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteState } from '../src/index.ts';
import { HEAD, migrate } from '../src/migrate.ts';
import { LANE, plainLink } from './batch.ts';
import { quiet } from './quiet.ts';

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'state-migrate-'));
  file = join(dataDir, 'tidelock.db');
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Rows as version 1 wrote them: in SQL, so that they do not follow the code. */
const ROWS_OF_VERSION_1 = `
insert into tenant values ('t1', 'Tenant', x'00ff', 'index-1', 5);
insert into connection values ('c1', 't1', 'crm', '@example/crm', null, 'pending');
insert into public_key values ('t1', 'k', 'ab', 9);
insert into lane (id, tenant_id, store_a, store_b, label, due_at, fence, dirty_seq)
  values ('${LANE}', 't1', 'a', 'b', 'l', 7, 3, 4);
insert into feed (id, store, side, key, cursor, gen) values ('b/x', 'b', 'b', 'x', 'cursor', 2);
insert into link (lane, id, status, a_id, a_inc, a_version, a_mono, a_stamp, a_gen, shown_a, gone_a, dirty_a, clean_a,
  seen_a, b_id, b_inc, b_version, b_mono, b_stamp, b_gen, shown_b, gone_b, dirty_b, clean_b, seen_b, quarantine,
  parked_until, holds, updated_at)
  select 1, 'link-' || value, case when value < 3 then 'live' else 'tomb' end,
    'a-link-' || value, 1, 'v', 'm', null, 1, '{"name":"Name link-' || value || '"}', 0, 0, 0, '',
    'b-link-' || value, 1, 'v', 'm', 's-link-' || value, 1, null, 0, 0, 0, '', null, 0, '[]', 1
  from (select 0 as value union select 1 union select 2 union select 3);
insert into suspect values (1, 'b', 'u', 'unknown', 'x', null, null, 1, '["k"]', 'm', 5, 1);
insert into blocking values (1, 'b', 'k', 'u');
insert into review values ('r', 1, 'match', null, '["a"]', '[]', 0.5, '["why"]', null, null, 5);
insert into run values ('run', 1, 'sync', 5, null, '{}', null);
insert into history (lane, run_id, seq, link_id, side, op, field, old, new, rule, at)
  values (1, 'run', 0, 'link-0', 'b', 'update', 'city', '"x"', '"y"', 'a>b', 5);
insert into intent (id, lane, link_id, side, op, store, target_id, fence, patch, sent, source, before, incarnation,
  conflicts, cause, run_id, sent_at, state)
  values ('i', 1, 'link-0', 'b', 'update', 's', 't', 3, '{}', '{}', '{}', '{}', 0, '[]', 'changed', 'run', 5, 'open');`;

describe('migrations', () => {
  it('take a database of version 1 to the newest with every row intact', async () => {
    const raw = new DatabaseSync(file);
    migrate(raw, { file, to: 1 });
    raw.exec(ROWS_OF_VERSION_1);
    expect(raw.prepare('pragma user_version').get()?.user_version).toBe(1);
    raw.close();

    const { sync, tenants, close } = await createSqliteState({}, { dataDir, log: quiet });
    const links = await sync.links(LANE, { by: 'page', after: '', limit: 9 });
    const expected = [0, 1, 2, 3].map((i) => plainLink(`link-${i}`, i < 3 ? {} : { status: 'tomb' }));
    expect(links).toEqual(expected);
    expect(await sync.counts(LANE, 1)).toMatchObject({ live: 3, tomb: 1, half: 0, suspects: 1, reviews: 1 });
    expect((await sync.lanes())[0]).toMatchObject({
      id: LANE,
      fence: 3,
      dirtySeq: 4,
      dueAt: 7,
      paused: null,
    });
    expect((await sync.feeds('b'))[0]).toMatchObject({ cursor: 'cursor', gen: 2 });
    expect(await sync.candidates(LANE, 'b', ['k'], 5)).toEqual(new Map([['k', ['u']]]));
    expect((await sync.runs(LANE, 5)).length).toBe(1);
    const [change] = await sync.history(LANE, { limit: 5 });
    expect(change).toMatchObject({ old: 'x', new: 'y', intentId: null, cause: null, mapping: null });
    expect(change?.expired).toBeUndefined();
    expect((await sync.openIntentsOf(LANE))[0]?.origin).toEqual({ cause: null, mapping: '', rules: {} });
    expect((await tenants.tenantByIndex('index-1'))?.name).toBe('Tenant');
    expect([(await tenants.connections('t1')).length, (await tenants.keys('t1')).length]).toEqual([1, 1]);
    await close();
  });

  it('leave an audit trail that refuses to be changed or shortened', async () => {
    const { tenants, close } = await createSqliteState({}, { dataDir, log: quiet });
    const row = { id: '1', tenantId: 't', at: 1, who: 'ann', act: 'pause', subject: 'x', laneId: null };
    await tenants.appendAudit([{ ...row, before: null, after: null }]);
    await close();
    const raw = new DatabaseSync(file);
    for (const change of ["update audit set who = 'eve'", 'delete from audit'])
      expect(() => raw.exec(change)).toThrow('only grows');
    expect(raw.prepare('select who from audit').all()).toEqual([{ who: 'ann' }]);
    raw.close();
  });

  it('number their files in order and end at the version they say', () => {
    const raw = new DatabaseSync(file);
    migrate(raw, { file });
    expect(raw.prepare('pragma user_version').get()?.user_version).toBe(HEAD);
    const before = raw.prepare('select sql from sqlite_schema order by name').all();
    migrate(raw, { file });
    expect(raw.prepare('select sql from sqlite_schema order by name').all()).toEqual(before);
    raw.close();
  });
});
