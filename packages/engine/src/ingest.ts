import {
  type Change,
  type FeedCommit,
  type FeedRow,
  isAdapterError,
  type Link,
  type Mark,
  type RecordPage,
  type Side,
  type StoreRecord,
} from '@tidelock/core';
import { type Core, log, now, progress, state, stopped, store } from './effect.ts';
import { blockingKeys, featuresOf, shortHash } from './features.ts';
import type { Lane } from './lane.ts';
import { getFields } from './lens.ts';
import { unchanged } from './merge.ts';
import { LEASE } from './policy.ts';

type LaneNotes = FeedCommit['lanes'][number];
type NewSuspect = LaneNotes['suspects'][number];

const UNSEEN_CHUNK = 500;
/** Pages of one feed read in one go; the cursor stays where it is and the next pass goes on. */
const MAX_PAGES = 2_000;

export interface Ingested {
  readonly pages: number;
  readonly changes: number;
  /** The feed repeats itself and was read as a plain listing instead. */
  readonly degraded: boolean;
}

interface Reader {
  readonly feed: FeedRow;
  readonly side: Side;
  readonly lanes: readonly Lane[];
  readonly scopeHash: string;
}

const isKnown = (link: Link): boolean => link.status !== 'tomb';

export function inScope(lane: Lane, side: Side, record: Pick<StoreRecord, 'owner'> | undefined): boolean {
  if (side === 'a' || lane.policy.owners === null || record?.owner === undefined) return true;
  return lane.policy.owners.includes(record.owner);
}

/** A record without a link here: to be verified and matched. Its content, where we have it, gives the blocking keys. */
export function unknownSuspect(
  lane: Lane,
  side: Side,
  at: { id: string; record?: StoreRecord | undefined; mono: string; feed: string; now: number },
): NewSuspect {
  const { record } = at;
  const base = { side, id: at.id, why: 'unknown' as const, feed: at.feed, mono: at.mono, at: at.now };
  if (record === undefined) return base;
  const keys = blockingKeys(featuresOf(lane.mapping, lane.canon, getFields(lane.mapping, side, record)));
  return record.stamp === undefined ? { ...base, keys } : { ...base, keys, stamp: record.stamp };
}

function markOf(
  lane: Lane,
  side: Side,
  link: Link,
  change: Extract<Change, { kind: 'changed' }>,
  gen: number,
): Mark | null {
  const ref = side === 'a' ? link.a : link.b;
  const base = { side, linkId: link.id, version: change.version, mono: change.mono, gen };
  if (
    ref !== null &&
    change.version !== undefined &&
    change.version === ref.version &&
    link.status !== 'out'
  ) {
    return ref.gen < gen ? { ...base, kind: 'clean' } : null;
  }
  const { record } = change;
  const seen = side === 'a' ? link.seenA : link.seenB;
  if (record === undefined || record.mono < seen || link.status !== 'live') return { ...base, kind: 'dirty' };
  const same = unchanged(
    lane.mapping,
    side === 'a' ? link.shownA : link.shownB,
    getFields(lane.mapping, side, record),
  );
  return { ...base, kind: same ? 'clean' : 'dirty' };
}

function noteChange(
  reader: Reader,
  lane: Lane,
  at: { change: Change; link: Link | undefined; gen: number; now: number },
): { mark?: Mark; suspect?: NewSuspect } {
  const { change, link, gen } = at;
  const { side, feed } = reader;
  if (change.kind === 'removed') {
    if (link === undefined) return {};
    const why = change.mergedInto === undefined ? 'removed' : 'merged';
    return {
      suspect: {
        side,
        id: change.id,
        why,
        into: change.mergedInto,
        feed: feed.key,
        mono: change.mono ?? '',
        at: at.now,
      },
    };
  }
  if (link !== undefined) {
    const mark = markOf(lane, side, link, change, gen);
    if (mark?.kind === 'dirty' && change.record !== undefined) lane.cache.put(side, change.record);
    return mark === null ? {} : { mark };
  }
  if (!inScope(lane, side, change.record)) return {};
  if (change.record !== undefined && lane.caps[side].contentInFeed) lane.cache.put(side, change.record);
  return {
    suspect: unknownSuspect(lane, side, {
      id: change.id,
      record: change.record,
      mono: change.mono ?? '',
      feed: feed.key,
      now: at.now,
    }),
  };
}

function* notesFor(
  reader: Reader,
  lane: Lane,
  at: { changes: readonly Change[]; gen: number; now: number },
): Core<LaneNotes> {
  const latest = new Map(at.changes.map((change) => [change.id, change]));
  const links = yield* state('links', lane.spec.id, {
    by: 'native',
    side: reader.side,
    ids: [...latest.keys()],
  });
  const known = new Map<string, Link>();
  for (const link of links) {
    const id = (reader.side === 'a' ? link.a : link.b)?.id;
    if (id !== undefined && isKnown(link)) known.set(id, link);
  }
  const marks: Mark[] = [];
  const suspects: NewSuspect[] = [];
  for (const change of latest.values()) {
    const note = noteChange(reader, lane, { change, link: known.get(change.id), gen: at.gen, now: at.now });
    if (note.mark) marks.push(note.mark);
    if (note.suspect) suspects.push(note.suspect);
  }
  return { laneId: lane.spec.id, marks, suspects };
}

function* commitPage(
  reader: Reader,
  page: { changes: readonly Change[]; cursor: string | null; scanning: boolean; gen: number; fence: number },
): Core<void> {
  const at = yield* now();
  const lanes: LaneNotes[] = [];
  for (const lane of reader.lanes)
    lanes.push(yield* notesFor(reader, lane, { changes: page.changes, gen: page.gen, now: at }));
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
function* sweep(reader: Reader, gen: number, cursor: string | null, fence: number): Core<void> {
  for (const lane of reader.lanes) {
    for (;;) {
      const unseen = yield* state('links', lane.spec.id, {
        by: 'unseen',
        side: reader.side,
        gen,
        limit: UNSEEN_CHUNK,
      });
      if (unseen.length === 0) break;
      const at = yield* now();
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
          at,
        }),
      );
      const marks = refs.map(
        ({ link }): Mark => ({ side: reader.side, linkId: link.id, kind: 'clean', gen }),
      );
      yield* state('commitObservations', {
        feed: reader.feed.id,
        fence,
        cursor,
        gen,
        scanning: true,
        scopeHash: reader.scopeHash,
        pageHash: null,
        now: at,
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
  yield* sweep(reader, gen, cursor, fence);
  yield* commitPage(reader, { changes: [], cursor, scanning: false, gen, fence });
  yield* log('warn', 'feed.degraded', { side: reader.side, pages });
  return { pages, changes, degraded: true };
}

function* ingestPages(reader: Reader, fence: number): Core<Ingested> {
  let { cursor, gen, scanning } = reader.feed;
  if (cursor !== null && reader.feed.scopeHash !== null && reader.feed.scopeHash !== reader.scopeHash)
    cursor = null;
  if (cursor === null) {
    gen += 1;
    scanning = true;
  }
  let total = 0;
  for (let pages = 1; pages <= MAX_PAGES; pages++) {
    if (yield* stopped()) return { pages, changes: total, degraded: false };
    try {
      const page = yield* store(reader.side, 'changes', reader.feed.key, cursor);
      const done = !page.more && scanning;
      yield* commitPage(reader, { changes: page.changes, cursor: page.cursor, scanning, gen, fence });
      cursor = page.cursor;
      total += page.changes.length;
      if (done) {
        yield* sweep(reader, gen, cursor, fence);
        yield* commitPage(reader, { changes: [], cursor, scanning: false, gen, fence });
      }
      yield* progress({ phase: 'read', side: reader.side, done: total });
      if (!page.more) return { pages, changes: total, degraded: false };
    } catch (error) {
      if (!isAdapterError(error) || error.kind !== 'cursor_expired' || pages > MAX_PAGES / 2) throw error;
      yield* log('info', 'feed.cursor-expired', { side: reader.side });
      cursor = null;
      scanning = true;
      gen += 1;
    }
  }
  return { pages: MAX_PAGES, changes: total, degraded: false };
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
  const reader: Reader = of;
  try {
    return yield* ingestPages(reader, lease.fence);
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'protocol' || error.code !== 'endless-pages') throw error;
    return yield* ingestListing(reader, lease.fence);
  } finally {
    yield* state('releaseFeed', { feed: of.feed.id, fence: lease.fence });
  }
}
