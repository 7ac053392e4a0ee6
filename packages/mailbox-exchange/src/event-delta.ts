import type { CallOptions, Change, ChangePage } from '@tidelock/core';
import { toMono } from './dates.ts';
import { followDelta } from './delta.ts';
import { protocolError } from './errors.ts';
import { compareWithView } from './event-comparison.ts';
import { versionOf } from './event-map.ts';
import { halvesOf, type Part } from './event-parts.ts';
import { decodePlace, encodePlace, type Place, startPlace } from './event-place.ts';
import type { EventSession } from './event-read.ts';
import { WireEvent } from './event-wire.ts';
import { calendarPath, toQuery } from './paths.ts';
import { removedId } from './wire.ts';

const OPERATION = 'events.delta';

function firstPage({ mailbox }: EventSession, feed: string, { start, end }: Part): string {
  const query = toQuery({ startDateTime: start, endDateTime: end });
  return `${calendarPath(mailbox, feed)}/calendarView/delta${query}`;
}

/** A master, or any of its occurrences, stands for the whole series. They share one version; only a read tells the rest. */
function seriesChange(wire: WireEvent): Change {
  const version = versionOf(wire);
  const id = wire.seriesMasterId ?? wire.id;
  return { kind: 'changed', id, ...(version === undefined ? {} : { version }) };
}

function singleChange(wire: WireEvent): Change {
  const version = versionOf(wire);
  const mono = toMono(wire.lastModifiedDateTime);
  return {
    kind: 'changed',
    id: wire.id,
    ...(version === undefined ? {} : { version }),
    ...(mono === undefined ? {} : { mono }),
  };
}

/** The entries of a page: a series once, whatever of it is told. */
function toChanges(items: readonly unknown[]): readonly Change[] {
  const series = new Set<string>();
  return items.flatMap((item): Change[] => {
    const removed = removedId(item);
    if (removed !== undefined) return [{ kind: 'removed', id: removed }];
    const { data: wire } = WireEvent.safeParse(item);
    if (wire === undefined) throw protocolError(OPERATION, 'an entry has no id', 'item');
    const isSingle = !wire.seriesMasterId && (wire.type ?? 'singleInstance') === 'singleInstance';
    if (isSingle) return [singleChange(wire)];
    const change = seriesChange(wire);
    if (series.has(change.id)) return [];
    series.add(change.id);
    return [change];
  });
}

interface Reading {
  readonly feed: string;
  readonly place: Place;
}

/** One page of the delta of the part that the place stands in. */
async function followPart(
  session: EventSession,
  { feed, place }: Reading,
  options: CallOptions,
): Promise<Read> {
  const { parts, at, views } = place;
  const part = parts[at];
  if (part === undefined) throw protocolError(OPERATION, 'a cursor stands behind its window', 'cursor');
  const first = firstPage(session, feed, part);
  const others = (...own: Place['parts']): Place['parts'] => parts.toSpliced(at, 1, ...own);
  let page: ChangePage;
  try {
    page = await followDelta(session, { operation: OPERATION, first, cursor: part.walk, toChanges }, options);
  } catch (error) {
    // What was enumerated to the end once has a link of its own, which is not given up for one bad answer.
    if (views === null) throw error;
    const halves = halvesOf(part, error).map((half) => ({ ...half, walk: null }));
    return { changes: [], place: { ...place, parts: others(...halves) } };
  }
  const next = { ...place, parts: others({ ...part, walk: page.cursor }), at: page.more ? at : at + 1 };
  return { changes: page.changes, place: next };
}

interface Read {
  readonly changes: readonly Change[];
  readonly place: Place;
}

const isBehind = ({ at, parts }: Place): boolean => at >= parts.length;

/** An enumeration: every part's delta, then the view. */
async function enumerate(
  session: EventSession,
  of: Reading & { readonly told: Set<string> },
  options: CallOptions,
): Promise<Read & { readonly ended: boolean }> {
  const read = isBehind(of.place)
    ? await compareWithView(session, of, options)
    : await followPart(session, of, options);
  for (const { id, kind } of read.changes) if (kind === 'changed') of.told.add(id);
  return { ...read, ended: read.place.views === null };
}

/** Reads the feeds of one opened mailbox. */
export type ReadFeed = (feed: string, cursor: string | null, options?: CallOptions) => Promise<ChangePage>;

/**
 * Pages of a calendar's changes. The window is frozen into the cursor; a store on another window begins anew. An enumeration
 * is the delta of every part of the window and then a look at the plain view, because delta may leave out what is there.
 */
export function createEventFeed(session: EventSession): ReadFeed {
  const toldBy = new Map<string, Set<string>>();
  const follow = async (reading: Reading, options: CallOptions): Promise<ChangePage> => {
    const { changes, place } = await followPart(session, reading, options);
    const ended = isBehind(place);
    return { changes, cursor: encodePlace(ended ? { ...place, at: 0 } : place), more: !ended };
  };
  return async (feed, cursor, options = {}) => {
    const place = cursor === null ? startPlace(session.calendars.window) : decodePlace(cursor, OPERATION);
    if (place.views === null) return await follow({ feed, place }, options);
    if (cursor === null) toldBy.delete(feed);
    const told = toldBy.get(feed) ?? new Set<string>();
    toldBy.set(feed, told);
    const read = await enumerate(session, { feed, place, told }, options);
    if (read.ended) toldBy.delete(feed);
    return { changes: read.changes, cursor: encodePlace(read.place), more: !read.ended };
  };
}
