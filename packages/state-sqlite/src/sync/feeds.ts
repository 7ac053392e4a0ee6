import type { FeedRow, SyncState } from '@tidelock/core';
import { AdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import { bool, int, intOrNull, type Row, text, textOrNull, word } from '../row.ts';

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

/** As with lanes, what is so already is not written. */
const SAVE = `insert into feed (id, store, side, key) values (?, ?, ?, ?)
  on conflict (id) do update set store = excluded.store, side = excluded.side, key = excluded.key
  where (store, side, key) is not (excluded.store, excluded.side, excluded.key)`;

const ACQUIRE = `update feed set fence = fence + 1, lease_owner = ?1, lease_until = ?2, due_at = ?2
  where id = ?3 and (lease_owner is null or lease_owner = ?1 or lease_until <= ?4) returning fence`;

const RELEASE = `update feed set lease_owner = null, lease_until = 0, due_at = min(due_at, coalesce(?1, due_at))
  where id = ?2 and fence = ?3`;

/** Ends the lease too: a reader at work would else write its cursor over the reset. */
const RESET = `update feed set cursor = null, scanning = 0, page_hash = null,
  lease_owner = null, lease_until = 0, due_at = 0 where store = ?`;

export function createFeeds(db: Database): FeedMethods {
  return {
    async saveFeeds(feeds) {
      db.transaction('state.saveFeeds', () => {
        for (const { id, store, side, key } of feeds) db.statement(SAVE).run(id, store, side, key);
      });
    },
    async feeds(store) {
      return db.read('state.feeds', () =>
        db.statement('select * from feed where store = ? order by id').all(store).map(toFeed),
      );
    },
    async acquireFeed({ feed, owner, now, ttlMs }) {
      return db.transaction('state.acquireFeed', () => {
        const until = now + ttlMs;
        const row = db.statement(ACQUIRE).get(owner, until, feed, now);
        if (row !== undefined) return { fence: int(row, 'fence'), until };
        if (db.statement('select 1 from feed where id = ?').get(feed) !== undefined) return null;
        throw new AdapterError('not_found', 'There is no such feed.', { operation: 'state.acquireFeed' });
      });
    },
    async releaseFeed({ feed, fence, dueAt }) {
      db.transaction('state.releaseFeed', () => db.statement(RELEASE).run(dueAt ?? null, feed, fence));
    },
    async hintFeeds(store, now) {
      db.transaction('state.hintFeeds', () =>
        db.statement('update feed set due_at = min(due_at, ?) where store = ?').run(now, store),
      );
    },
    async resetFeeds(store) {
      db.transaction('state.resetFeeds', () => db.statement(RESET).run(store));
    },
  };
}
