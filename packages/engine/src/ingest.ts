import {
  type Change,
  type ChangePage,
  type FeedRow,
  isAdapterError,
  type Mark,
  type RecordPage,
  type Side,
} from '@tidelock/core';
import { type Core, log, now, progress, state, stopped, store } from './effect.ts';
import { shortHash } from './features.ts';
import type { Lane } from './lane.ts';
import { type LaneNotes, type NewSuspect, notesFor, type Reader } from './observe.ts';
import { LEASE } from './policy.ts';

const UNSEEN_CHUNK = 500;
/** Pages of one feed read in one go; the cursor stays where it is and the next pass goes on. */
const MAX_PAGES = 2_000;

export interface Ingested {
  readonly pages: number;
  readonly changes: number;
  /** The feed repeats itself and was read as a plain listing instead. */
  readonly degraded: boolean;
  /** The feed has more; this reading stopped at its bound or because it was asked to. */
  readonly more: boolean;
}

/** Where in a feed a reading stands. */
interface Position {
  cursor: string | null;
  gen: number;
  readonly fence: number;
}

function* commitPage(
  reader: Reader,
  page: { changes: readonly Change[]; cursor: string | null; scanning: boolean; gen: number; fence: number },
): Core<void> {
  const at = yield* now();
  const lanes: LaneNotes[] = [];
  for (const lane of reader.lanes)
    lanes.push(
      yield* notesFor(reader, lane, {
        changes: page.changes,
        gen: page.gen,
        scanning: page.scanning,
        now: at,
      }),
    );
  yield* state('commitObservations', {
    feed: reader.feed.id,
    fence: page.fence,
    cursor: page.cursor,
    gen: page.gen,
    scanning: page.scanning,
    scopeHash: reader.scopeHash,
    pageHash: shortHash(page.changes.map((change) => change.id).join()),
    lanes,
    now: at,
  });
}

/** Mark and sweep: links that the finished enumeration did not meet become suspects. Nothing is deleted by this. */
function* sweep(reader: Reader, at: Position): Core<void> {
  for (const lane of reader.lanes) {
    for (;;) {
      const unseen = yield* state('links', lane.spec.id, {
        by: 'unseen',
        side: reader.side,
        gen: at.gen,
        limit: UNSEEN_CHUNK,
      });
      if (unseen.length === 0) break;
      const wall = yield* now();
      const refs = unseen.flatMap((link) => {
        const ref = reader.side === 'a' ? link.a : link.b;
        return ref === null ? [] : [{ link, ref }];
      });
      const suspects = refs.map(
        ({ ref }): NewSuspect => ({
          side: reader.side,
          id: ref.id,
          why: 'missing',
          feed: reader.feed.key,
          mono: '',
          at: wall,
        }),
      );
      const marks = refs.map(
        ({ link }): Mark => ({ side: reader.side, linkId: link.id, kind: 'clean', gen: at.gen }),
      );
      yield* state('commitObservations', {
        feed: reader.feed.id,
        fence: at.fence,
        cursor: at.cursor,
        gen: at.gen,
        scanning: true,
        scopeHash: reader.scopeHash,
        pageHash: null,
        now: wall,
        lanes: [{ laneId: lane.spec.id, marks, suspects }],
      });
    }
  }
}

const asChanges = (page: RecordPage): Change[] =>
  page.records.map((record) => ({
    kind: 'changed',
    id: record.id,
    version: record.version,
    mono: record.mono,
    record,
  }));

/** The way out of a feed that repeats itself: a plain listing, marked and swept; the cursor stays as it was. */
function* ingestListing(reader: Reader, fence: number): Core<Ingested> {
  const gen = reader.feed.gen + 1;
  const { cursor } = reader.feed;
  let page: string | null = null;
  let pages = 0;
  let changes = 0;
  do {
    const listed: RecordPage = yield* store(reader.side, 'list', reader.feed.key, page);
    yield* commitPage(reader, { changes: asChanges(listed), cursor, scanning: true, gen, fence });
    pages++;
    changes += listed.records.length;
    page = listed.next;
  } while (page !== null && pages < MAX_PAGES);
  yield* sweep(reader, { cursor, gen, fence });
  yield* commitPage(reader, { changes: [], cursor, scanning: false, gen, fence });
  yield* log('warn', 'feed.degraded', { side: reader.side, pages });
  return { pages, changes, degraded: true, more: false };
}

/** A feed keeps one hash for each lane that it told everything to, so one that was away is told again. */
function isMoved({ feed, scopeHash }: Pick<Reader, 'feed' | 'scopeHash'>): boolean {
  if (feed.scopeHash === null) return false;
  const told = new Set(feed.scopeHash.split(' '));
  return scopeHash.split(' ').some((hash) => !told.has(hash));
}

function startOf(reader: Reader, fence: number): Position & { scanning: boolean } {
  const { feed } = reader;
  const moved = reader.moved === true;
  const cursor = moved ? null : feed.cursor;
  return {
    cursor,
    gen: cursor === null ? feed.gen + 1 : feed.gen,
    scanning: cursor === null || feed.scanning,
    fence,
  };
}

function* ingestPage(reader: Reader, at: Position & { scanning: boolean }): Core<ChangePage> {
  const page = yield* store(reader.side, 'changes', reader.feed.key, at.cursor);
  at.cursor = page.cursor;
  yield* commitPage(reader, { changes: page.changes, ...at, cursor: page.cursor });
  if (!page.more && at.scanning) {
    yield* sweep(reader, at);
    yield* commitPage(reader, { changes: [], ...at, scanning: false });
  }
  return page;
}

function* ingestPages(reader: Reader, fence: number): Core<Ingested> {
  const at = startOf(reader, fence);
  let total = 0;
  for (let pages = 1; pages <= MAX_PAGES; pages++) {
    if (yield* stopped()) return { pages, changes: total, degraded: false, more: true };
    try {
      const page = yield* ingestPage(reader, at);
      total += page.changes.length;
      yield* progress({ phase: 'read', side: reader.side, done: total });
      if (!page.more) return { pages, changes: total, degraded: false, more: false };
    } catch (error) {
      if (!isAdapterError(error) || error.kind !== 'cursor_expired' || pages > MAX_PAGES / 2) throw error;
      yield* log('info', 'feed.cursor-expired', { side: reader.side });
      Object.assign(at, { cursor: null, scanning: true, gen: at.gen + 1 });
    }
  }
  return { pages: MAX_PAGES, changes: total, degraded: false, more: true };
}

/**
 * Reads one feed to its end for all lanes that share it. A cursor moves only in the transaction that stores what it
 * covers. Any error leaves the last committed cursor. Returns null while somebody else reads the feed.
 */
export function* ingestFeed(of: {
  readonly feed: FeedRow;
  readonly side: Side;
  readonly lanes: readonly Lane[];
  readonly scopeHash: string;
  readonly owner: string;
}): Core<Ingested | null> {
  const wall = yield* now();
  const lease = yield* state('acquireFeed', {
    feed: of.feed.id,
    owner: of.owner,
    now: wall,
    ttlMs: LEASE.ttl * 10,
  });
  if (lease === null) return null;
  const reader: Reader = { ...of, moved: isMoved(of) };
  try {
    return yield* ingestPages(reader, lease.fence);
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'protocol' || error.code !== 'endless-pages') throw error;
    return yield* ingestListing(reader, lease.fence);
  } finally {
    yield* state('releaseFeed', { feed: of.feed.id, fence: lease.fence });
  }
}
