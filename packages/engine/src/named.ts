import type { Change, FeedRow, Side } from '@tidelock/core';
import { type Core, now, state, store } from './effect.ts';
import { commitPage, dueBefore } from './ingest.ts';
import type { Lane } from './lane.ts';
import { LEASE } from './policy.ts';
import { isUnlisted, type Position } from './scan.ts';

/**
 * The feed where it stands, for something that is noted beside it: the cursor covers what it covered before. Null where an
 * enumeration has to tell first what there is.
 */
function standing(feed: FeedRow, scopeHash: string, fence: number): Position | null {
  const { cursor, gen, scanning } = feed;
  const isTold = cursor !== null && gen > 0 && feed.scopeHash !== null && !isUnlisted(feed, scopeHash);
  if (!isTold) return null;
  return { cursor, gen, fence, scanning, moved: false, begins: false, met: null, doubted: null };
}

/**
 * Notes what records show that somebody has named, read by their ids, as their feed will tell it when it comes to them: the cursor
 * stays, and a record that shows the same then is no news. What is not found proves nothing here. Answers how many were noted; null
 * while somebody else reads the feed.
 */
export function* ingestNamed(of: {
  readonly feed: FeedRow;
  readonly side: Side;
  readonly lanes: readonly Lane[];
  readonly scopeHash: string;
  readonly owner: string;
  readonly ids: readonly string[];
}): Core<number | null> {
  const { side, scopeHash, owner } = of;
  const wall = yield* now();
  const lease = yield* state('acquireFeed', { feed: of.feed.id, owner, now: wall, ttlMs: LEASE.ttl * 10 });
  if (lease === null) return null;
  const dueAt = dueBefore(of.feed, wall);
  try {
    const feed = (yield* state('feeds', of.feed.store)).find((row) => row.id === of.feed.id);
    const at = feed === undefined ? null : standing(feed, scopeHash, lease.fence);
    if (feed === undefined || at === null) return 0;
    const found = yield* store(side, 'read', [...new Set(of.ids)]);
    const changes = found.flatMap((read): Change[] => {
      if (read.state !== 'found') return [];
      const { record } = read;
      return [{ kind: 'changed', id: record.id, version: record.version, mono: record.mono, record }];
    });
    if (changes.length > 0) {
      // Lanes that are away at present keep their part of the hash: nothing moves on without them.
      const reader = { ...of, feed, scopeHash: feed.scopeHash ?? scopeHash };
      yield* commitPage(reader, at, { changes, pageHash: feed.pageHash ?? '' });
    }
    return changes.length;
  } finally {
    yield* state('releaseFeed', { feed: of.feed.id, fence: lease.fence, dueAt });
  }
}
