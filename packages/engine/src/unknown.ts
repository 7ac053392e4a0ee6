import type { FeedRow, Link, ReadResult, RecordPage, Side, StoreRecord, Suspect } from '@tidelock/core';
import { absent } from './absent.ts';
import { conclude, linksNow } from './conclude.ts';
import { type Core, now, progress, state, store } from './effect.ts';
import type { Lane, Pass } from './lane.ts';
import type { PairDecision } from './match.ts';
import { unknownSuspect } from './observe.ts';
import { lookedAtAnew } from './unpark.ts';

const PAGE = 1_000;
const READ_CHUNK = 500;
/** Above this many records without a known stamp, a listing is cheaper than reads by id. */
const LIST_ABOVE = 100;

/**
 * So long a record of the mailbox that cannot be read may be the copy of any event that another mailbox has (0162). After that it is
 * a trouble of its own, and costs nobody else anything.
 */
const UNREAD_MS = 3_600_000;

export type Unknown = Readonly<Record<Side, Map<string, Suspect>>>;

export interface Loaded {
  /** To be placed now: new records, and those a person has decided about. */
  readonly unknown: Unknown;
  /** Waiting for a person, by side and id; drawn in when a newcomer resembles them. */
  readonly waiting: Map<string, Suspect>;
  /** Records of which something was learned that the state does not hold. */
  learned: number;
}

/** A pair takes it in as soon as its outcome is known: placed by itself it would get a partner of its own. */
const isAwaited = ({ awaited }: Pass, { why, side, id }: Suspect): boolean =>
  why === 'unknown' && awaited.has(side + id);

/** Thousands of rows name the same lane, reason and few feeds: one text each. */
function withSharedTexts(row: Suspect, texts: Map<string, string>): Suspect {
  const one = <T extends string>(text: T): T => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return (known as T | undefined) ?? text;
  };
  return { ...row, laneId: one(row.laneId), why: one(row.why), feed: one(row.feed) };
}

/** Everything not linked yet, and not awaited by a pair. Ids, keys, stamps; no content. */
export function* loadUnknown(pass: Pass, decided: ReadonlyMap<string, PairDecision>): Core<Loaded> {
  const unknown: Unknown = { a: new Map(), b: new Map() };
  const waiting = new Map<string, Suspect>();
  const ripe = new Set([...decided.keys()].flatMap((key) => key.split('\u0000')));
  const query = { why: ['unknown', 'review'] as const, limit: PAGE };
  const texts = new Map<string, string>();
  let after: { side: Side; id: string } | undefined;
  for (;;) {
    const rows = yield* state(
      'suspects',
      pass.lane.spec.id,
      after === undefined ? query : { ...query, after },
    );
    for (const found of rows.filter((row) => !isAwaited(pass, row))) {
      const row = withSharedTexts(found, texts);
      if (row.why === 'unknown' || ripe.has(row.id)) unknown[row.side].set(row.id, row);
      else waiting.set(row.side + row.id, row);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return { unknown, waiting, learned: 0 };
    after = { side: last.side, id: last.id };
  }
}

const LINK_CHUNK = 500;

/** No link at all: a first sync, in which nothing can stand in one. */
function* isEmpty(pass: Pass): Core<boolean> {
  if ((pass.sketch?.links.size ?? 0) > 0) return false;
  return (yield* linksNow(pass, { by: 'page', after: '', limit: 1 })).length === 0;
}

/**
 * A pair that names a record which a feed has reported before: what is older says nothing about it (W0). A report lets go what is
 * parked (0142), also one that came with the suspicion.
 */
function reported(
  put: Link,
  side: Side,
  at: { known: (id: string) => Suspect | undefined; wall: number },
): Link {
  const link = lookedAtAnew(put, at.wall);
  const ref = link[side];
  const { mono = '' } = at.known(ref?.id ?? '') ?? {};
  return ref === null || mono <= ref.mono ? link : { ...link, [side]: { ...ref, mono } };
}

/**
 * A record can be reported before the write that made it is confirmed. Once it stands in a link it is no unknown any
 * more: its side is looked at, and the suspicion is settled.
 */
export function* settleLinked(pass: Pass, { unknown, waiting }: Loaded): Core<void> {
  if (yield* isEmpty(pass)) return;
  for (const side of ['a', 'b'] as const) {
    const drawn = [...waiting.values()].filter((suspect) => suspect.side === side);
    const ids = [...unknown[side].keys(), ...drawn.map((suspect) => suspect.id)];
    for (let start = 0; start < ids.length; start += LINK_CHUNK) {
      const links = yield* linksNow(pass, {
        by: 'native',
        side,
        ids: ids.slice(start, start + LINK_CHUNK),
      });
      const active = links.filter((link) => link.status !== 'tomb');
      if (active.length === 0) continue;
      const known = (id: string): Suspect | undefined => unknown[side].get(id) ?? waiting.get(side + id);
      const at = { known, wall: yield* now() };
      const puts = active.map((link) => ({ link: reported(link, side, at), mark: [side] }));
      const settled = active.flatMap((link) => known(link[side]?.id ?? '') ?? []);
      for (const { id } of settled) {
        unknown[side].delete(id);
        waiting.delete(side + id);
      }
      yield* conclude(pass, { links: puts, settled });
    }
  }
}

const incomplete = (suspect: Suspect): boolean => suspect.stamp === undefined || suspect.keys === undefined;

/** Keys of the very content that the feed carried are known already; only the stamp is news. */
function learnedOf(lane: Lane, of: { suspect: Suspect; record: StoreRecord; now: number }): Suspect {
  const { suspect, record, now } = of;
  const stamp = record.stamp ?? null;
  if (suspect.keys !== undefined && suspect.mono === record.mono && suspect.mono !== '')
    return { ...suspect, stamp, at: now };
  const { side, feed, laneId, seq } = suspect;
  const { id, mono } = record;
  const note = unknownSuspect(lane, side, { id, record: { ...record, stamp }, mono, feed, now });
  return { ...note, laneId, seq };
}

/**
 * In a pass that places all of them, a stamp that was learned is stored with the place of its record. Keys are not: it is by
 * those in the state that the record of the other side is found, also one that this very pass has learned of.
 */
const isStoredLater = ({ sketch, approval }: Pass, keys: Suspect['keys'], known: Suspect): boolean =>
  sketch === null && approval === null && keys !== undefined && keys === known.keys;

/** What a pass learned of records that it did not place: they need not be listed or read again. */
export function* keepLearned(pass: Pass, loaded: Loaded): Core<void> {
  if (loaded.learned === 0) return;
  loaded.learned = 0;
  const { a, b } = loaded.unknown;
  const left = [...a.values(), ...b.values()].filter((suspect) => !incomplete(suspect));
  for (let start = 0; start < left.length; start += PAGE)
    yield* state('commitLane', {
      guard: pass.guard,
      now: yield* now(),
      suspects: left.slice(start, start + PAGE),
    });
}

/** Answers how many of them are incomplete no more. */
function* learn(
  pass: Pass,
  side: Side,
  at: { loaded: Loaded; records: readonly StoreRecord[]; gone: readonly string[] },
): Core<number> {
  const mine = at.loaded.unknown[side];
  const wall = yield* now();
  const learned: Suspect[] = [];
  let completed = 0;
  for (const record of at.records) {
    const suspect = mine.get(record.id);
    if (suspect === undefined || !incomplete(suspect)) continue;
    // Older than what the feed has shown: nobody would report the rest again.
    if (record.mono < suspect.mono) {
      pass.more = true;
      continue;
    }
    const known = learnedOf(pass.lane, { suspect, record, now: wall });
    if (isStoredLater(pass, suspect.keys, known)) at.loaded.learned++;
    else learned.push(known);
    mine.set(record.id, known);
    completed += Number(!incomplete(known));
    if (record.mono !== suspect.mono || !pass.lane.cache.has(side, record.id))
      pass.lane.cache.put(side, record);
  }
  const gone = at.gone.flatMap((id) => mine.get(id) ?? []);
  for (const suspect of gone) mine.delete(suspect.id);
  const { settled, doubted } = absent(pass, gone, wall);
  const suspects = [...learned, ...doubted];
  if (suspects.length + settled.length > 0)
    yield* state('commitLane', { guard: pass.guard, now: wall, suspects, settled });
  return completed + gone.length;
}

/** Splits read results into what can be learned; `out` records without content and failed reads stay unknown. */
function sortReads(reads: readonly ReadResult[]): { records: StoreRecord[]; gone: string[] } {
  const records = reads.flatMap((read) => (read.state === 'found' ? [read.record] : []));
  const gone = reads.flatMap((read) =>
    read.state === 'gone' || read.state === 'merged' || read.state === 'out' ? [read.id] : [],
  );
  return { records, gone };
}

/**
 * Completes unknown records with what feeds do not carry (the stamp, or all content): by plain listing when there
 * are many, by id when there are few. What a listing did not meet is read by id, so absence is never concluded.
 */
export function* completeUnknown(
  pass: Pass,
  side: Side,
  at: { readonly loaded: Loaded; readonly feeds: readonly FeedRow[] },
): Core<void> {
  const { loaded, feeds } = at;
  const { unknown } = loaded;
  const missing = (): Suspect[] => [...unknown[side].values()].filter(incomplete);
  let left = missing().length;
  if (left > LIST_ABOVE) {
    for (const feed of feeds) {
      let page: string | null = null;
      do {
        const listed: RecordPage = yield* store(side, 'list', feed.key, page);
        left -= yield* learn(pass, side, { loaded, records: listed.records, gone: [] });
        const total = unknown[side].size;
        yield* progress({ phase: 'match', side, done: total - left, total });
        page = listed.next;
      } while (page !== null);
    }
  }
  const rest = missing();
  for (let start = 0; start < rest.length; start += READ_CHUNK) {
    const reads = yield* store(
      side,
      'read',
      rest.slice(start, start + READ_CHUNK).map((suspect) => suspect.id),
    );
    yield* learn(pass, side, { loaded, ...sortReads(reads) });
  }
  const unread = missing();
  // A read that told nothing is no verdict: without its stamp a record may be our own.
  for (const { id } of unread) unknown[side].delete(id);
  if (side === 'a' && unread.length > 0) {
    const since = (yield* now()) - UNREAD_MS;
    pass.mailboxRead &&= unread.every(({ at: notedAt }) => notedAt < since);
  }
}
