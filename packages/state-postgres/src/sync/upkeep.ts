import type { LaneCounts, SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Session } from '../database-session.ts';
import { int } from '../row.ts';
import { IS_WORK } from './links.ts';

type Before = Parameters<SyncState['prune']>[0];

/** Small enough that nobody waits long for a lock, large enough to be quick. */
const CHUNK = 5_000;

/**
 * Rows that somebody is writing are skipped and met by the next prune. A tombstone that something was observed about
 * since, or that a write is under way for, is still needed.
 */
export const PRUNE = {
  intents: `delete from $.intent where n in (select n from $.intent
    where state <> 'open' and closed_at < $1 order by closed_at limit ${CHUNK} for update skip locked)`,
  claims: `delete from $.claim where (store, key) in (select store, key from $.claim c where c.at < $1
    and not exists (select from $.intent i where i.id = c.intent_id and i.state = 'open')
    limit ${CHUNK} for update of c skip locked)`,
  tombstones: `delete from $.link where (lane, id) in (select lane, id from $.link l
    where l.status = 'tomb' and l.updated_at < $1 and l.dirty_a <= l.clean_a and l.dirty_b <= l.clean_b
    and not exists (select from $.intent i where i.lane = l.lane and i.link_id = l.id and i.state = 'open')
    limit ${CHUNK} for update of l skip locked)`,
  values: `update $.history set old = null, new = null, expired = true where n in (select n from $.history
    where not expired and at < $1 order by at limit ${CHUNK} for update skip locked)`,
  history: `delete from $.history where n in (select n from $.history where at < $1 order by at limit ${CHUNK}
    for update skip locked)`,
  runs: `delete from $.run where id in (select o.id from $.run o where o.started_at < $1 and o.ended_at is not null
    and not exists (select from $.history h where h.lane = o.lane and h.run_id = o.id)
    and exists (select from $.run l where l.lane = o.lane and l.started_at > o.started_at)
    limit ${CHUNK} for update of o skip locked)`,
} as const;

async function pruneOne(db: Database, sql: string, before: number): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await db.transaction('state.prune', (session) => session.run(sql, [before]));
    total += removed;
    if (removed < CHUNK) return total;
  }
}

/** In chunks of their own transactions: an interrupted prune is finished by the next one. */
export async function prune(db: Database, before: Before): Promise<number> {
  const intents = await pruneOne(db, PRUNE.intents, before.intents);
  const claims = await pruneOne(db, PRUNE.claims, before.claims);
  const tombstones = await pruneOne(db, PRUNE.tombstones, before.tombstones);
  const history = await pruneOne(db, PRUNE.history, before.history);
  const runs = before.runs === undefined ? 0 : await pruneOne(db, PRUNE.runs, before.runs);
  await pruneOne(db, PRUNE.values, before.values);
  return intents + claims + tombstones + history + runs;
}

const linksOf = (status: string): string =>
  `(select count(*) from $.link where lane = $1 and status = '${status}') as "${status}"`;

/** One statement, so that the numbers belong to one state of the database. */
export const COUNTS = `select ${['live', 'half', 'out', 'tomb', 'merged', 'detached'].map(linksOf).join(', ')},
  (select count(*) from $.link where lane = $1 and ${IS_WORK} and (dirty_a > clean_a or dirty_b > clean_b)) as dirty,
  (select count(*) from $.link where lane = $1 and parked_until > 0 and parked_until > $2) as parked,
  (select count(*) from $.suspect where lane = $1) as suspects,
  (select count(*) from $.review where lane = $1 and decision is null) as reviews,
  (select count(*) from $.intent where lane = $1 and state = 'open') as "openIntents"`;

export async function countLane(session: Session, lane: number, now: number): Promise<LaneCounts> {
  const [row = {}] = await session.all(COUNTS, [lane, now]);
  return {
    live: int(row, 'live'),
    half: int(row, 'half'),
    out: int(row, 'out'),
    tomb: int(row, 'tomb'),
    merged: int(row, 'merged'),
    detached: int(row, 'detached'),
    dirty: int(row, 'dirty'),
    parked: int(row, 'parked'),
    suspects: int(row, 'suspects'),
    reviews: int(row, 'reviews'),
    openIntents: int(row, 'openIntents'),
  };
}
