import type { Change, FeedCommit, FeedRow, Link, Mark, Side, StoreRecord, Suspect } from '@tidelock/core';
import { blockingKeys, featuresOf } from './features.ts';
import type { Heard } from './heard.ts';
import type { Lane } from './lane.ts';
import { getFields } from './lens.ts';
import { seenOn } from './link-plan.ts';
import { unchanged } from './merge.ts';
import { SCOPE_FEED } from './scan.ts';
import { isScoped, outsideOf } from './scope.ts';
import { isSecondLook } from './second-look.ts';

export type LaneNotes = FeedCommit['lanes'][number];
export type NewSuspect = LaneNotes['suspects'][number];

/** One reading of a feed, for all lanes that share it. */
export interface Reader {
  readonly feed: FeedRow;
  readonly side: Side;
  readonly lanes: readonly Lane[];
  readonly scopeHash: string;
  /** A lane's rules are new to this feed, or the lane is: what is frozen is looked at again. */
  readonly moved?: boolean;
  /** Changes that are stored in one transaction, give or take a page. */
  readonly commitChanges?: number | undefined;
  /** Goes along with what this reading tells the one lane that reads. */
  readonly heard?: Heard | null | undefined;
}

/** Feed key of suspects that belong to nobody here: they are linked if they match, and never created elsewhere. */
export const FOREIGN_FEED = '(look-up)';

export function inScope(lane: Lane, side: Side, record: StoreRecord | undefined): boolean {
  return record === undefined || outsideOf(lane, side, record) === null;
}

/** A record without a link here: to be verified and matched. Its content, where we have it, gives the blocking keys. */
export function unknownSuspect(
  lane: Lane,
  side: Side,
  at: { id: string; record?: StoreRecord | undefined; mono: string; feed: string; now: number },
): NewSuspect {
  const { record } = at;
  const feed = inScope(lane, side, record) ? at.feed : FOREIGN_FEED;
  const base = { side, id: at.id, why: 'unknown' as const, feed, mono: at.mono, at: at.now };
  if (record === undefined) return base;
  const keys = blockingKeys(featuresOf(lane.mapping, lane.canon, getFields(lane.mapping, side, record)));
  return record.stamp === undefined ? { ...base, keys } : { ...base, keys, stamp: record.stamp };
}

/** Links that nothing is done about any more. */
const RESTING: ReadonlySet<Link['status']> = new Set(['detached', 'merged', 'tomb']);

interface Reported {
  readonly change: Extract<Change, { kind: 'changed' }>;
  readonly link: Link;
  readonly gen: number;
  /** The feed is being enumerated. */
  readonly scanning: boolean;
  readonly moved: boolean;
}

/** Does the reported content still equal the base? Stale or missing content cannot tell; what was gone is looked at. */
function showsBase(lane: Lane, side: Side, { change, link }: Reported): boolean {
  const { record } = change;
  const [seen, shown] = side === 'a' ? [link.seenA, link.shownA] : [link.seenB, link.shownB];
  const gone = side === 'a' ? link.goneA : link.goneB;
  if (record === undefined || record.mono < seen || link.status !== 'live' || gone) return false;
  return unchanged(lane.mapping, shown, getFields(lane.mapping, side, record));
}

/**
 * Has the record left the lane's rules, or come back? `look`: only a read can tell. Rules can change without the record,
 * so its version says nothing here.
 */
function crossing(
  lane: Lane,
  side: Side,
  { change, link, scanning, moved }: Reported,
): 'look' | 'rests' | null {
  if (RESTING.has(link.status)) return null;
  // A feed that overlaps repeats what the frozen pair was looked at with.
  const repeated =
    !scanning && !moved && change.version !== undefined && change.version === link[side]?.version;
  const frozen = link.status === 'out' && !repeated;
  if (change.record === undefined)
    return frozen || moved || (scanning && isScoped(lane.policy, side)) ? 'look' : null;
  const outside = !inScope(lane, side, change.record);
  if (link.status === 'out' && outside && !moved) return 'rests';
  if (link.status === 'out') return frozen ? 'look' : 'rests';
  return outside ? 'look' : null;
}

/** What was refused or withheld is about the records as they were, also where one is back now as it was before that. */
const isParked = ({ quarantine }: Link): boolean => quarantine !== null && !isSecondLook(quarantine);

function markOf(lane: Lane, side: Side, of: Reported): Mark | null {
  const { change, link, gen } = of;
  const ref = side === 'a' ? link.a : link.b;
  const base = { side, linkId: link.id, version: change.version, mono: change.mono, gen };
  const crossed = crossing(lane, side, of);
  if (crossed === 'look') return { ...base, kind: 'dirty' };
  const sameVersion = ref !== null && change.version !== undefined && change.version === ref.version;
  // An enumeration may follow a change of the mapping: an old version can show something new.
  const compared = of.scanning && link.status === 'live' && change.record !== undefined;
  if (sameVersion && !compared) {
    // Only an enumeration asks who was met; one of several feeds may be enumerated while another one is not.
    const counts = of.scanning || lane.feeds[side].length > 1;
    return counts && ref.gen < gen ? { ...base, kind: 'clean' } : null;
  }
  const anew = isParked(link) && !sameVersion;
  const settled = crossed === 'rests' || RESTING.has(link.status) || (!anew && showsBase(lane, side, of));
  return { ...base, kind: settled ? 'clean' : 'dirty' };
}

interface Noted {
  readonly mark?: Mark;
  readonly suspect?: NewSuspect;
}

/** A feed that overlaps says again what was verified at the same instant: the pair is frozen, or waits for its delete. */
function isOldNews(link: Link, side: Side, mono: string): boolean {
  const [seen, gone] = side === 'a' ? [link.seenA, link.goneA] : [link.seenB, link.goneB];
  return mono !== '' && mono <= seen && (gone || link.status === 'out');
}

/**
 * Nothing tells that the record was inside the scope when it was removed, and a changed scope deletes nothing, not even what is
 * proven gone (6.5): it goes on waiting for what the enumeration has asked, by a read that is no older than the removal.
 */
const stillLeft = (link: Link, side: Side, mono: string): Pick<NewSuspect, 'why' | 'feed' | 'mono'> => {
  const seen = seenOn(link, side);
  return { why: 'missing', feed: SCOPE_FEED, mono: mono > seen ? mono : seen };
};

/**
 * Without a link, and not waiting to be placed, there is nothing to verify; only content that was carried earlier must
 * not be used any more. A pair that was unlinked stays unlinked. The link remembers when the removal was reported:
 * reads that are older are stale. `left`: as in `noteKnown`, and not reported otherwise since.
 */
function noteRemoved(
  on: { reader: Reader; lane: Lane; link: Link | undefined; waits: boolean; left: boolean },
  change: Extract<Change, { kind: 'removed' }>,
  at: number,
): Noted {
  const { side, feed } = on.reader;
  const { link } = on;
  on.lane.cache.drop(side, change.id);
  const matters = link === undefined ? on.waits : !RESTING.has(link.status);
  const mono = change.mono ?? '';
  if (!matters || (link !== undefined && isOldNews(link, side, mono))) return {};
  const why = change.mergedInto === undefined ? 'removed' : 'merged';
  const reported = { side, id: change.id, why, into: change.mergedInto, feed: feed.key, mono, at } as const;
  const isLeft = link !== undefined && on.left && why === 'removed';
  const suspect = isLeft ? { ...reported, ...stillLeft(link, side, mono) } : reported;
  return link === undefined || mono === ''
    ? { suspect }
    : { suspect, mark: { side, linkId: link.id, kind: 'clean', mono } };
}

/**
 * `left`: it waits to be looked at because a scope left it out. Whatever reports it since, a later enumeration or the feed that
 * goes on from this one, says that it is inside: also of the very version that we know, as of a record that we made meanwhile.
 */
function noteKnown(reader: Reader, lane: Lane, of: Reported & { left: boolean; now: number }): Noted {
  const { side, feed } = reader;
  const { change, now, left } = of;
  const mark = markOf(lane, side, of);
  if (mark?.kind === 'dirty' && change.record !== undefined) lane.cache.put(side, change.record);
  const suspect = { side, id: change.id, why: 'missing', feed: feed.key, mono: '', at: now } as const;
  return { ...(mark === null ? {} : { mark }), ...(left ? { suspect } : {}) };
}

/** `isDoubted`: reported as removed as well, before or after; what the feed carried of it proves nothing, so it is read. */
function noteUnknown(
  reader: Reader,
  lane: Lane,
  of: { change: Extract<Change, { kind: 'changed' }>; isDoubted: boolean; now: number },
): Noted {
  const { side, feed } = reader;
  const { id } = of.change;
  const record = of.isDoubted ? undefined : of.change.record;
  // Of a CRM only a part is this lane's, and what is asked for is looked up; a mailbox is small enough to match it all.
  if (side === 'b' && !inScope(lane, side, record)) return {};
  if (record !== undefined && lane.caps[side].contentInFeed) lane.cache.put(side, record);
  const mono = of.change.mono ?? '';
  return { suspect: unknownSuspect(lane, side, { id, record, mono, feed: feed.key, now: of.now }) };
}

/** A feed that overlaps reports the same again: that is no news about a record a person is asked about. */
function isNews(change: Change, reviewed: ReadonlyMap<string, Suspect>): boolean {
  const mono = reviewed.get(change.id)?.mono;
  return mono === undefined || (change.mono ?? '') === '' || (change.mono ?? '') > mono;
}

/**
 * A person is asked about a record that was only looked up, and now a feed of this lane reports it: it is one of ours, and
 * gets a place whatever the answer is.
 */
function noteOwned(
  { side, feed }: Reader,
  lane: Lane,
  of: { change: Extract<Change, { kind: 'changed' }>; asked: Suspect | undefined },
): Noted[] {
  const { change, asked } = of;
  if (asked?.feed !== FOREIGN_FEED || !inScope(lane, side, change.record)) return [];
  const { laneId: _, seq: __, ...suspect } = asked;
  return [{ suspect: { ...suspect, feed: feed.key } }];
}

/** What was reported of one record, the last of each kind. What is stored at once can hold both, in any order. */
export interface Reports {
  changed: Extract<Change, { kind: 'changed' }> | null;
  removed: Extract<Change, { kind: 'removed' }> | null;
}

/** What a lane knows of the records of a page, by id. */
export interface Knowledge {
  readonly links: ReadonlyMap<string, Link>;
  /** A person is asked about them. */
  readonly reviewed: ReadonlyMap<string, Suspect>;
  /** They wait to be placed by the lane itself. */
  readonly unplaced: ReadonlySet<string>;
  /** They wait to be looked at because a scope left them out. */
  readonly left: ReadonlySet<string>;
}

/** What one page means for one lane: marks on known links, suspects for the rest. Pure, but that contents are kept or dropped. */
export function notesOf(
  reader: Reader,
  lane: Lane,
  at: {
    readonly reports: ReadonlyMap<string, Reports>;
    readonly known: Knowledge;
    readonly gen: number;
    readonly scanning: boolean;
    readonly now: number;
  },
): LaneNotes {
  const moved = reader.moved === true;
  const { links, reviewed, unplaced, left } = at.known;
  const notes = [...at.reports].flatMap(([id, { changed, removed }]): Noted[] => {
    const link = links.get(id);
    const waits = reviewed.has(id) || unplaced.has(id);
    const on = { reader, lane, link, waits, left: changed === null && left.has(id) };
    const gone = removed === null ? [] : [noteRemoved(on, removed, at.now)];
    if (changed === null) return gone;
    if (link !== undefined)
      return [noteKnown(reader, lane, { ...at, change: changed, link, moved, left: left.has(id) }), ...gone];
    const isDoubted = removed !== null;
    return isNews(changed, reviewed)
      ? [noteUnknown(reader, lane, { change: changed, isDoubted, now: at.now })]
      : [...noteOwned(reader, lane, { change: changed, asked: reviewed.get(id) }), ...gone];
  });
  const marks = notes.flatMap((note) => note.mark ?? []);
  return { laneId: lane.spec.id, marks, suspects: notes.flatMap((note) => note.suspect ?? []) };
}
