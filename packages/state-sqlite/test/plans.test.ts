import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { CANDIDATES, FILING, KEYED_OF_ALL } from '../src/sync/blocking-keys.ts';
import { DUE } from '../src/sync/due.ts';
import { CLOSE, INTENT_QUERIES } from '../src/sync/intents.ts';
import { HISTORY_QUERIES } from '../src/sync/journal.ts';
import { LOOK_AT_LINKS } from '../src/sync/link-row.ts';
import { LINK_QUERIES } from '../src/sync/links.ts';
import { SUSPECT_QUERIES } from '../src/sync/suspects.ts';
import { COUNT_QUERIES, PRUNE } from '../src/sync/upkeep.ts';

const db = openDatabase(':memory:');
afterAll(() => db.close());

function planOf(sql: string): string[] {
  const numbers = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  const marks = numbers.length > 0 ? Math.max(...numbers) : sql.split('?').length - 1;
  const rows = db.statement(`explain query plan ${sql}`).all(...Array.from({ length: marks }, () => 1));
  return rows.map((row) => String(row.detail));
}

const CASES: readonly (readonly [name: string, sql: string, index: RegExp])[] = [
  ['due lanes', DUE, /SEARCH lane USING INDEX lane_due \(due_at<\?\)/],
  ['links by id', LINK_QUERIES.id, /sqlite_autoindex_link_1 \(lane=\? AND id=\?\)/],
  ['links by native id, a', LINK_QUERIES.native.a, /link_native_a \(lane=\? AND a_id=\?\)/],
  ['links by native id, b', LINK_QUERIES.native.b, /link_native_b \(b_id=\? AND lane=\?\)/],
  ['links of a record in any lane', LINK_QUERIES.known, /link_native_b \(b_id=\?\)/],
  ['suspects of a record in any lane', SUSPECT_QUERIES.known, /suspect_b \(id=\?\)/],
  ['links by stamp, a', LINK_QUERIES.stamp.a, /link_stamp_a \(lane=\? AND a_stamp=\?\)/],
  ['links by stamp, b', LINK_QUERIES.stamp.b, /link_stamp_b \(lane=\? AND b_stamp=\?\)/],
  ['links by a stamp that was sent', LINK_QUERIES.sent, /intent_stamp \(lane=\? AND stamp=\?\)/],
  ['work', LINK_QUERIES.work, /link_work \(lane=\? AND id>\?\)/],
  ['unseen, a', LINK_QUERIES.unseen.a, /link_unseen_a \(lane=\? AND a_gen<\?\)/],
  ['unseen, b', LINK_QUERIES.unseen.b, /link_unseen_b \(lane=\? AND b_gen<\?\)/],
  ['a page of links', LINK_QUERIES.page, /sqlite_autoindex_link_1 \(lane=\? AND id>\?\)/],
  ['all suspects', SUSPECT_QUERIES.all, /PRIMARY KEY \(lane=\? AND \(side,id\)>/],
  ['suspects by reason', SUSPECT_QUERIES.why, /suspect_why \(lane=\? AND why=\? AND \(side,id\)>/],
  ['unknown records', SUSPECT_QUERIES.unknown, /PRIMARY KEY \(lane=\? AND \(side,id\)>/],
  ['candidates', CANDIDATES, /blocking USING PRIMARY KEY \(lane=\? AND side=\? AND key=\?\)/],
  ['records whose keys are to be filed', FILING.records, /keyed_unfiled \(lane=\? AND side=\?\)/],
  ['keys to be filed', FILING.keys, /keyed USING INTEGER PRIMARY KEY/],
  ['records whose keys are filed', FILING.done, /keyed USING INTEGER PRIMARY KEY/],
  ['keys of records', KEYED_OF_ALL, /sqlite_autoindex_keyed_1 \(lane=\? AND side=\? AND id=\?\)/],
  ['links that are put', LOOK_AT_LINKS, /sqlite_autoindex_link_1 \(lane=\? AND id=\?\)/],
  ['intents that are closed', CLOSE, /sqlite_autoindex_intent_1 \(id=\?\)/],
  ['open intents', INTENT_QUERIES.open, /intent_open_link \(lane=\?\)/],
  ['intents of a link', INTENT_QUERIES.link, /intent_link \(lane=\? AND link_id=\?\)/],
  ['history', HISTORY_QUERIES.lane, /history_lane \(lane=\?\)/],
  ['history of a link', HISTORY_QUERIES.link, /history_link \(lane=\? AND link_id=\?\)/],
  ['history of a run', HISTORY_QUERIES.run, /history_run \(lane=\? AND run_id=\?\)/],
  ['history of a link in a run', HISTORY_QUERIES.both, /history_link \(lane=\? AND link_id=\?\)/],
  ['count of dirty links', COUNT_QUERIES.dirty, /link_work \(lane=\?\)/],
  ['count of parked links', COUNT_QUERIES.parked, /COVERING INDEX link_parked/],
  ['count of suspects', COUNT_QUERIES.suspects, /suspect/],
  ['count of reviews', COUNT_QUERIES.reviews, /review_open/],
  ['count of open intents', COUNT_QUERIES.openIntents, /intent_open_link/],
  ['prune of tombstones', PRUNE.tombstones, /link_tomb \(updated_at<\?\)/],
  ['prune of intents', PRUNE.intents, /intent_closed \(closed_at<\?\)/],
  ['prune of claims', PRUNE.claims, /claim_at \(at<\?\)/],
  ['values that expire', PRUNE.values, /history_values \(at<\?\)/],
  ['prune of history', PRUNE.history, /history_at \(at<\?\)/],
  ['prune of runs', PRUNE.runs, /run_time \(started_at<\?\)/],
];

describe('queries are served by their index', () => {
  it.each(CASES)('%s', (_name, sql, index) => {
    const plan = planOf(sql);
    expect(plan.join('\n')).toMatch(index);
    expect(plan.filter((line) => /^SCAN (?!json_each|\(subquery)/.test(line))).toEqual([]);
  });

  it.each(['work', 'page'] as const)('%s comes in order, so a limit stops early', (name) => {
    expect(planOf(LINK_QUERIES[name]).filter((line) => line.includes('TEMP B-TREE'))).toEqual([]);
  });

  // Asked at the end of an enumeration, when few links are left: those of one generation are put in the order of their ids.
  it('unseen links come by generation from their index; only what is left of one is sorted', () => {
    const sorts = planOf(LINK_QUERIES.unseen.b).filter((line) => line.includes('TEMP B-TREE'));
    expect(sorts).toEqual(['USE TEMP B-TREE FOR LAST TERM OF ORDER BY']);
  });
});
