import { AdapterError, type FeedRow, type SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { instant } from '../database-session.ts';
import { bool, int, intOrNull, type Row, text, textOrNull, word } from '../row.ts';
import { toJson } from '../row-text.ts';
import { toWaves } from './waves.ts';

type FeedMethods = Pick<
  SyncState,
  'saveFeeds' | 'feeds' | 'acquireFeed' | 'releaseFeed' | 'hintFeeds' | 'resetFeeds'
>;

function toFeed(row: Row): FeedRow {
  return {
    id: text(row, 'id'),
    store: text(row, 'store'),
    side: word(row, 'side'),
    key: text(row, 'key'),
    cursor: textOrNull(row, 'cursor'),
    gen: int(row, 'gen'),
    scanning: bool(row, 'scanning'),
    scopeHash: textOrNull(row, 'scope_hash'),
    fence: int(row, 'fence'),
    leaseUntil: int(row, 'lease_until'),
    leaseOwner: textOrNull(row, 'lease_owner'),
    pageHash: textOrNull(row, 'page_hash'),
    scannedAt: intOrNull(row, 'scanned_at'),
    dueAt: int(row, 'due_at'),
  };
}

const SAVE = `insert into $.feed as feed (id, store, side, key)
  select id, store, side, key from jsonb_to_recordset($1::jsonb) as r(id text, store text, side text, key text)
  order by id
  on conflict (id) do update set store = excluded.store, side = excluded.side, key = excluded.key
  where (feed.store, feed.side, feed.key) is distinct from (excluded.store, excluded.side, excluded.key)`;

const ACQUIRE = `with took as (
    update $.feed set fence = fence + 1, lease_owner = $2::text, lease_until = ${instant('$4')} + $3::bigint,
      due_at = $5::bigint
    where id = $1 and (lease_owner is null or lease_owner = $2::text or lease_until <= ${instant('$4')})
    returning fence
  ) select (select fence from took) as fence, exists (select from $.feed where id = $1) as known`;

const RELEASE = `update $.feed set lease_owner = null, lease_until = 0,
    due_at = least(due_at, coalesce($3::bigint, due_at))
  where id = $1 and fence = $2`;

const HINT = 'update $.feed set due_at = least(due_at, $2::bigint) where store = $1';

/** Ends the lease too: a reader at work would else write its cursor over the reset. */
const RESET = `update $.feed set cursor = null, scanning = false, page_hash = null,
  lease_owner = null, lease_until = 0, due_at = 0 where store = $1`;

export function createFeeds(db: Database): FeedMethods {
  return {
    async saveFeeds(feeds) {
      await db.transaction('state.saveFeeds', async (session) => {
        for (const wave of toWaves(feeds, (feed) => feed.id)) {
          await session.run(SAVE, [
            toJson(wave.map(({ id, store, side, key }) => ({ id, store, side, key }))),
          ]);
        }
      });
    },
    async feeds(store) {
      const sql = 'select * from $.feed where store = $1 order by id';
      return (await db.single('state.feeds', (session) => session.all(sql, [store]))).map(toFeed);
    },
    async acquireFeed({ feed, owner, now, ttlMs }) {
      const until = now + ttlMs;
      const [row = {}] = await db.single('state.acquireFeed', (session) =>
        session.all(ACQUIRE, [feed, owner, ttlMs, db.leaseNow(now), until]),
      );
      if (row.known !== true) {
        throw new AdapterError('not_found', 'There is no such feed.', { operation: 'state.acquireFeed' });
      }
      const fence = intOrNull(row, 'fence');
      return fence === null ? null : { fence, until };
    },
    async releaseFeed({ feed, fence, dueAt }) {
      await db.single('state.releaseFeed', (session) => session.run(RELEASE, [feed, fence, dueAt ?? null]));
    },
    async hintFeeds(store, now) {
      await db.single('state.hintFeeds', (session) => session.run(HINT, [store, now]));
    },
    async resetFeeds(store) {
      await db.single('state.resetFeeds', (session) => session.run(RESET, [store]));
    },
  };
}
