import { type Change, type FeedRow, isAdapterError, type RecordPage, type Side } from '@tidelock/core';
import { breathe, type Core, log, mono, now, progress, state, stopped, store } from './effect.ts';
import { shortHash } from './features.ts';
import { type Heard, hear } from './heard.ts';
import type { Lane } from './lane.ts';
import type { Reader } from './observe.ts';
import { notesOn } from './page-notes.ts';
import { LEASE } from './policy.ts';
import { emptyAt, foundEmptyAt, LOOK_AGAIN_MS, type Position, scopeToStore, startOf } from './scan.ts';
import { readStretch, type Stretch } from './stretch.ts';
import { missesLinks, sweep } from './sweep.ts';

const NOTHING_PLANNED = { writes: 0, planned: 0 } as const;

/** Pages of one feed read in one go; the cursor stays where it is and the next pass goes on. */
const MAX_PAGES = 2_000;
/** An enumeration goes on in the next pass after this long, so that it holds up nobody (milliseconds). */
const SCAN_MS = 30_000;

export interface Ingested {
  readonly pages: number;
  readonly changes: number;
  /** The feed repeats itself and was read as a plain listing instead. */
  readonly degraded: boolean;
  /** The feed has more; this reading stopped at its bound or because it was asked to. */
  readonly more: boolean;
}

/** All these feeds were read to their end. */
export const isWhole = (feeds: readonly string[], read: readonly Ingested[]): boolean =>
  read.length === feeds.length && read.every(({ more }) => !more);

/** One page, and where the feed stands with it. */
export function* commitPage(
  reader: Reader,
  at: Position,
  of: { changes?: readonly Change[]; pageHash?: string } = {},
): Core<void> {
  const wall = yield* now();
  const { changes = [] } = of;
  const { gen, scanning, begins, moved } = at;
  const lanes = yield* notesOn({ ...reader, moved }, { changes, gen, scanning, begins, now: wall });
  yield* state('commitObservations', {
    feed: reader.feed.id,
    fence: at.fence,
    cursor: at.cursor,
    gen: at.gen,
    scanning: at.scanning,
    scopeHash: scopeToStore(at, reader.scopeHash),
    pageHash: of.pageHash ?? shortHash(changes.map((change) => change.id).join()),
    lanes,
    now: wall,
  });
  if (reader.heard) hear(reader.heard, lanes);
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
  const { cursor } = reader.feed;
  const begun = { scanning: true, begins: false, moved: false, met: null, doubted: null };
  const at: Position = { cursor, gen: reader.feed.gen + 1, fence, ...begun };
  let page: string | null = null;
  let pages = 0;
  let changes = 0;
  do {
    const listed: RecordPage = yield* store(reader.side, 'list', reader.feed.key, page);
    yield* commitPage(reader, at, { changes: asChanges(listed) });
    pages++;
    changes += listed.records.length;
    page = listed.next;
  } while (page !== null && pages < MAX_PAGES);
  yield* sweep(reader, at);
  yield* commitPage(reader, { ...at, scanning: false });
  yield* log('warn', 'feed.degraded', { side: reader.side, pages });
  return { pages, changes, degraded: true, more: false };
}

/** The other feeds of this side that the lanes read at present. */
function* siblingsOf(reader: Reader): Core<readonly FeedRow[]> {
  const { feed, side, lanes } = reader;
  if (lanes.length === 1 && lanes[0]?.feeds[side].length === 1) return [];
  const ids = new Set(lanes.flatMap((lane) => lane.feeds[side]));
  if (ids.size <= 1) return [];
  const rows = yield* state('feeds', feed.store);
  return rows.filter((row) => row.id !== feed.id && ids.has(row.id));
}

/**
 * The end of an enumeration. One that met nothing where records are known is not believed and read once more, later: a
 * mailbox that was moved, or a connection that sees nothing any more, looks like that.
 */
function* endScan(reader: Reader, at: Position): Core<'swept' | 'ended'> {
  const others = yield* siblingsOf(reader);
  const alone = others.length === 0 && at.doubted === null;
  if (at.met === 0 && alone) {
    // Where nothing was known nothing is missed; what another worker links from here on is not for this reading to judge.
    const doubted = yield* missesLinks(reader, at);
    const wall = yield* now();
    if (doubted) yield* log('warn', 'feed.empty', { side: reader.side });
    // Links that were met before its cursor expired in between have the generation before this one.
    Object.assign(at, doubted ? { cursor: null, gen: at.gen - 1 } : {}, { scanning: false });
    yield* commitPage(reader, at, doubted ? { pageHash: emptyAt(wall) } : {});
    return 'swept';
  }
  const last = others.every((other) => !other.scanning && other.gen >= at.gen);
  if (last) yield* sweep(reader, at);
  yield* commitPage(reader, Object.assign(at, { scanning: false }));
  return last ? 'swept' : 'ended';
}

function* ingestStretch(
  reader: Reader,
  at: Position,
  maxPages: number,
): Core<Stretch & { readonly waits?: boolean }> {
  const stretch = yield* readStretch(reader, at, maxPages);
  const resumed = at.met === null;
  const { changes } = stretch;
  if (at.met !== null) at.met += changes.length;
  // Whatever is met says that the empty enumeration before was wrong; so does what an expired cursor makes read once more.
  if (changes.length > 0) at.doubted = null;
  const same = at.doubted === null ? {} : { pageHash: emptyAt(at.doubted) };
  yield* commitPage(reader, at, { changes, ...same });
  at.begins = false;
  if (stretch.error !== null) throw stretch.error;
  if (stretch.more && reader.lanes.length === 1) yield* breathe(NOTHING_PLANNED);
  if (stretch.more || !at.scanning) return stretch;
  if ((yield* endScan(reader, at)) !== 'swept') return { ...stretch, waits: true };
  // What was changed since an earlier reading began it is reported by the cursor that it ends with.
  return resumed ? { ...stretch, more: true } : stretch;
}

/** How often everything is enumerated: the most eager of the lanes decides. */
function auditMsOf(reader: Reader): number | null {
  const all = reader.lanes.flatMap((lane) => lane.policy.auditMs ?? []);
  return all.length === 0 ? null : Math.min(...all);
}

/** Where to go on; null = an empty enumeration is not to be looked at again yet. */
function* positionOf(reader: Reader, fence: number): Core<Position | null> {
  const { feed, scopeHash } = reader;
  const wall = yield* now();
  const doubted = foundEmptyAt(feed);
  if (doubted !== null && feed.cursor === null && wall - doubted < LOOK_AGAIN_MS) return null;
  const siblings = yield* siblingsOf(reader);
  return startOf(feed, { scopeHash, fence, now: wall, auditMs: auditMsOf(reader), siblings });
}

/**
 * As many changes as the lane's passes plan at once: the cursor stays until those are dealt with. A feed that several lanes
 * share goes on: what is much for one of them is little for the others.
 */
function backlogOf({ lanes }: Reader): number {
  const [only, ...others] = lanes;
  return only === undefined || others.length > 0 ? Number.POSITIVE_INFINITY : only.policy.maxLinks;
}

function* isEnough(
  reader: Reader,
  at: Position,
  of: { readonly total: number; readonly started: number },
): Core<boolean> {
  if (at.scanning) return (yield* mono()) - of.started > SCAN_MS;
  return of.total >= backlogOf(reader);
}

function* ingestPages(reader: Reader, fence: number): Core<Ingested> {
  const started = yield* mono();
  let total = 0;
  const ended = (pages: number, more: boolean): Ingested => ({
    pages,
    changes: total,
    degraded: false,
    more,
  });
  const at = yield* positionOf(reader, fence);
  if (at === null) return ended(0, false);
  let pages = 0;
  while (pages < MAX_PAGES) {
    if (yield* stopped()) return ended(pages, true);
    try {
      const stretch = yield* ingestStretch(reader, at, MAX_PAGES - pages);
      pages += stretch.pages;
      total += stretch.changes.length;
      yield* progress({ phase: 'read', side: reader.side, done: total });
      if (!stretch.more) return ended(pages, stretch.waits === true);
      if (yield* isEnough(reader, at, { total, started })) return ended(pages, true);
    } catch (error) {
      pages++;
      if (!isAdapterError(error) || error.kind !== 'cursor_expired' || pages > MAX_PAGES / 2) throw error;
      yield* log('info', 'feed.cursor-expired', { side: reader.side });
      Object.assign(at, { cursor: null, scanning: true, gen: at.gen + 1, met: 0, begins: true });
    }
  }
  return ended(pages, true);
}

function* readFeed(reader: Reader, fence: number): Core<Ingested> {
  try {
    return yield* ingestPages(reader, fence);
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'protocol' || error.code !== 'endless-pages') throw error;
    return yield* ingestListing(reader, fence);
  }
}

/**
 * When a feed was due before this reading, which is not one of those that keep its pace: whoever does would else find it due at
 * the end of a lease that ended long ago. Somebody who was reading it had not said yet, so it is due now.
 */
export const dueBefore = ({ leaseOwner, dueAt }: FeedRow, now: number): number =>
  leaseOwner === null ? dueAt : now;

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
  readonly commitChanges?: number | undefined;
  /** Milliseconds until the feed is due again, by the changes that were met. Default: it is due when it was before. */
  readonly nextMs?: ((changes: number) => number) | undefined;
  readonly heard?: Heard | null;
}): Core<Ingested | null> {
  const wall = yield* now();
  const lease = yield* state('acquireFeed', {
    feed: of.feed.id,
    owner: of.owner,
    now: wall,
    ttlMs: LEASE.ttl * 10,
  });
  if (lease === null) return null;
  let dueAt = of.nextMs === undefined ? dueBefore(of.feed, wall) : undefined;
  try {
    // Looked at with the lease in hand: since the row was read, somebody may have read on, or dropped the cursor.
    const feed = (yield* state('feeds', of.feed.store)).find((row) => row.id === of.feed.id);
    if (feed === undefined) return null;
    const read = yield* readFeed({ ...of, feed }, lease.fence);
    if (of.nextMs !== undefined) dueAt = (yield* now()) + (read.more ? 0 : of.nextMs(read.changes));
    return read;
  } finally {
    yield* state('releaseFeed', { feed: of.feed.id, fence: lease.fence, dueAt });
  }
}
