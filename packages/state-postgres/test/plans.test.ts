import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DUE } from '../src/sync/due.ts';
import { INTENT_QUERIES } from '../src/sync/intents.ts';
import { HISTORY_QUERIES } from '../src/sync/journal.ts';
import { LINK_QUERIES } from '../src/sync/links.ts';
import { SUSPECT_QUERIES } from '../src/sync/suspects.ts';
import { COUNTS, PRUNE } from '../src/sync/upkeep.ts';
import { holdLane, LANE, plainLink } from './batch.ts';
import { describeWithServer, emptySchema, openState, serverUrl, sql, startServer } from './server.ts';

await startServer();

let connection: Client | undefined;

async function planOf(text: string): Promise<string> {
  const result = await connection?.query<{ 'QUERY PLAN': string }>(`explain ${text}`);
  return (result?.rows ?? []).map((row) => row['QUERY PLAN']).join('\n');
}

/** Literals where the parameters stand, as the server sees them when it plans one of our statements. */
const bound = (text: string, values: readonly string[]): string =>
  text.replaceAll('$.', '').replace(/\$(\d)/g, (_, digit) => values[Number(digit) - 1] ?? 'null');

const LISTS = "array['1','2']";

const CASES: readonly (readonly [name: string, sql: string, index: RegExp])[] = [
  ['links by id', bound(LINK_QUERIES.id, ['1', LISTS]), /link_\d\d_pkey/],
  ['links by native id, a', bound(LINK_QUERIES.native.a, ['1', LISTS]), /link_\d\d_lane_a_id/],
  ['links by native id, b', bound(LINK_QUERIES.native.b, ['1', LISTS]), /link_\d\d_b_id_lane/],
  ['links of a record in any lane', bound(LINK_QUERIES.known, [LISTS, "'crm'"]), /link_\d\d_b_id_lane/],
  ['suspects of a record in any lane', bound(SUSPECT_QUERIES.known, [LISTS, "'crm'"]), /suspect_b/],
  ['links by stamp', bound(LINK_QUERIES.stamp, ['1', LISTS]), /link_\d\d_lane_b_stamp/],
  ['work', bound(LINK_QUERIES.work, ['1', "'x'", '5', '10']), /link_\d\d_lane_id_parked_until/],
  ['a page of links', bound(LINK_QUERIES.page, ['1', "'x'", '10']), /link_\d\d_pkey/],
  ['all suspects', bound(SUSPECT_QUERIES.all, ['1', "'a'", "'x'", '5']), /suspect_pkey/],
  ['open intents', bound(INTENT_QUERIES.open, ['1']), /intent_open_link|intent_link/],
  ['intents of a link', bound(INTENT_QUERIES.link, ['1', "'x'"]), /intent_link/],
  ['history', bound(HISTORY_QUERIES.lane, ['1', '5', '0']), /history_lane/],
  ['history of a link', bound(HISTORY_QUERIES.link, ['1', '5', '0', "'x'"]), /history_link/],
  ['history of a run', bound(HISTORY_QUERIES.run, ['1', '5', '0', "'x'"]), /history_run/],
  ['counts by status', bound(COUNTS, ['1', '5']), /link_\d\d_lane_status/],
  ['count of dirty links', bound(COUNTS, ['1', '5']), /link_\d\d_lane_id_parked_until/],
  ['prune of tombstones', bound(PRUNE.tombstones, ['5']), /link_\d\d_id_idx/],
  ['prune of intents', bound(PRUNE.intents, ['5']), /intent_closed/],
  ['prune of claims', bound(PRUNE.claims, ['5']), /claim_at/],
  ['values that expire', bound(PRUNE.values, ['5']), /history_values/],
  ['prune of history', bound(PRUNE.history, ['5']), /history_at/],
  ['prune of runs', bound(PRUNE.runs, ['5']), /run_(time|lane)/],
  ['due lanes', bound(DUE, ['5', "'x'", '9', '5']), /lane_due/],
];

const INTENTS = `insert into intent (id, lane, link_id, side, op, store, target_id, fence, patch, sent, source,
    before, incarnation, conflicts, cause, run_id, sent_at, state, closed_at)
  select i::text, i % 50, i::text, 'a', 'update', 's', i::text, 1, '{}', '{}', '{}', '{}', 1, '[]', 'c', 'r', i,
    case when i % 3 = 0 then 'confirmed' else 'open' end, case when i % 3 = 0 then i end
  from generate_series(1, 3000) i`;

const SUSPECTS = `insert into suspect (lane, side, id, why, feed, stamp_known, mono, at, seq)
  select i % 50, case when i % 2 = 0 then 'a' else 'b' end, i::text, 'unknown', 'f', false, '1', 1, i
  from generate_series(1, 3000) i`;

describeWithServer('queries are served by their index', () => {
  beforeAll(async () => {
    const schema = await emptySchema();
    const state = await openState(schema);
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const links = Array.from({ length: 2_000 }, (_, i) => ({ link: plainLink(String(i)) }));
    await state.sync.commitLane({ guard, now: 1, links });
    await state.close();
    const client = new Client({ connectionString: serverUrl() });
    connection = client;
    await client.connect();
    // Whether an index can serve it is asked here; the tables are too small for the planner to need one.
    await client.query(
      `set search_path = "${schema}"; set enable_seqscan = off; set enable_bitmapscan = off`,
    );
    await client.query(`${INTENTS}; ${SUSPECTS}; analyze`);
  });
  afterAll(() => connection?.end());

  it.each(CASES)('%s', async (_name, text, index) => {
    expect(await planOf(text)).toMatch(index);
  });

  it.each(['work', 'page'] as const)(
    '%s touches one partition and comes in order, so a limit stops early',
    async (name) => {
      const plan = await planOf(
        bound(LINK_QUERIES[name], name === 'work' ? ['1', "'x'", '5', '10'] : ['1', "'x'", '10']),
      );
      expect(plan).not.toContain('Sort');
      expect(new Set(plan.match(/on link_\d\d/g)).size).toBe(1);
    },
  );

  it('a link that is put again with other content stays within its page', async () => {
    const state = await openState('emptied');
    const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
    const hot = async (): Promise<number> => {
      const stats =
        "select coalesce(sum(n_tup_hot_upd), 0)::int as n from pg_stat_user_tables where relname like 'link%'";
      return Number((await sql(stats))[0]?.n);
    };
    const before = await hot();
    for (let version = 1; version <= 20; version++) {
      const link = plainLink('1', { updatedAt: version, shownA: { name: `v${version}` } });
      await state.sync.commitLane({ guard, now: 1, links: [{ link }] });
    }
    await state.close();
    await expect.poll(async () => (await hot()) - before, { timeout: 10_000 }).toBeGreaterThanOrEqual(15);
  });
});
