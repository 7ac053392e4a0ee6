import type { Change, FeedCommit, FeedRow, Link, Mark, Side, StoreRecord } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import { blockingKeys, featuresOf } from './features.ts';
import type { Lane } from './lane.ts';
import { getFields } from './lens.ts';
import { unchanged } from './merge.ts';

export type LaneNotes = FeedCommit['lanes'][number];
export type NewSuspect = LaneNotes['suspects'][number];

/** One reading of a feed, for all lanes that share it. */
export interface Reader {
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

/** What one page means for one lane: marks on known links, suspects for the rest. */
export function* notesFor(
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
