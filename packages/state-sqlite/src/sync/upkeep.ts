import type { LaneCounts, LinkStatus, SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { int, type Row, text } from '../row.ts';

type Before = Parameters<SyncState['prune']>[0];

/** Small enough that nobody waits long for the event loop, large enough to be quick. */
const CHUNK = 5_000;

const OPEN_INTENT_OF_LINK = `select 1 from intent
  where intent.lane = link.lane and intent.link_id = link.id and state = 'open'`;

/** A tombstone that something was observed about since, or that a write is under way for, is still needed. */
export const PRUNE = {
  intents: `delete from intent where n in
    (select n from intent where state <> 'open' and closed_at < ? order by closed_at limit ${CHUNK})`,
  claims: `delete from claim where (store, key) in (select store, key from claim where at < ?
    and not exists (select 1 from intent where intent.id = claim.intent_id and state = 'open')
    limit ${CHUNK})`,
  tombstones: `delete from link where n in (select n from link
    where status = 'tomb' and updated_at < ? and is_dirty = 0 and not exists (${OPEN_INTENT_OF_LINK})
    limit ${CHUNK})`,
  values: `update history set old = 'null', new = 'null', expired = 1
    where n in (select n from history where expired = 0 and at < ? order by at limit ${CHUNK})`,
  history: `delete from history where n in (select n from history where at < ? order by at limit ${CHUNK})`,
  runs: `delete from run where id in (select old.id from run old where old.started_at < ? and old.ended_at is not null
    and not exists (select 1 from history h where h.lane = old.lane and h.run_id = old.id)
    and exists (select 1 from run later where later.lane = old.lane and later.started_at > old.started_at)
    limit ${CHUNK})`,
} as const;

function pruneOne(db: Database, sql: string, before: number): number {
  let total = 0;
  for (;;) {
    const removed = db.transaction('state.prune', () => Number(db.statement(sql).run(before).changes));
    total += removed;
    if (removed < CHUNK) return total;
  }
}

/**
 * In chunks of their own transactions: an interrupted prune is finished by the next one. At its end the log is folded:
 * that of a large sync would else be written over in the middle of some idle pass.
 */
export function prune(db: Database, before: Before): number {
  const removed =
    pruneOne(db, PRUNE.intents, before.intents) +
    pruneOne(db, PRUNE.claims, before.claims) +
    pruneOne(db, PRUNE.tombstones, before.tombstones) +
    pruneOne(db, PRUNE.history, before.history) +
    (before.runs === undefined ? 0 : pruneOne(db, PRUNE.runs, before.runs));
  pruneOne(db, PRUNE.values, before.values);
  db.fold('state.prune');
  return removed;
}

export const COUNT_QUERIES = {
  dirty:
    'select count(*) as n from link indexed by link_work where lane = ? and is_work = 1 and is_dirty = 1',
  parked: 'select count(*) as n from link where lane = ? and parked_until > 0 and parked_until > ?',
  suspects: 'select count(*) as n from suspect where lane = ?',
  reviews: 'select count(*) as n from review where lane = ? and decision is null',
  openIntents: "select count(*) as n from intent where lane = ? and state = 'open'",
} as const;

export function countLane(db: Database, lane: number, now: number): LaneCounts {
  const rows: Row[] = db.statement('select status, n from link_count where lane = ?').all(lane);
  const status = new Map(rows.map((row) => [text(row, 'status'), int(row, 'n')]));
  const of = (name: LinkStatus): number => status.get(name) ?? 0;
  const count = (sql: string, ...more: number[]): number => {
    const row = db.statement(sql).get(lane, ...more);
    return row === undefined ? 0 : int(row, 'n');
  };
  return {
    live: of('live'),
    half: of('half'),
    out: of('out'),
    tomb: of('tomb'),
    merged: of('merged'),
    detached: of('detached'),
    dirty: count(COUNT_QUERIES.dirty),
    parked: count(COUNT_QUERIES.parked, now),
    suspects: count(COUNT_QUERIES.suspects),
    reviews: count(COUNT_QUERIES.reviews),
    openIntents: count(COUNT_QUERIES.openIntents),
  };
}
