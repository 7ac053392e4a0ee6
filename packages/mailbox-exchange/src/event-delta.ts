import type { CallOptions, Change, ChangePage } from '@tidelock/core';
import { toMono } from './dates.ts';
import { followDelta } from './delta.ts';
import { protocolError } from './errors.ts';
import { versionOf } from './event-map.ts';
import type { EventSession } from './event-read.ts';
import { viewBounds } from './event-window.ts';
import { WireEvent } from './event-wire.ts';
import { calendarPath, toQuery } from './paths.ts';
import { removedId } from './wire.ts';

const OPERATION = 'events.delta';

function firstPage({ mailbox, calendars }: EventSession, feed: string): string {
  const { start, end } = viewBounds(calendars.window);
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

/** One page of the calendar view's delta. The window is frozen into the cursor; a store on another window begins anew. */
export const readEventChanges = (
  session: EventSession,
  given: { feed: string; cursor: string | null },
  options: CallOptions = {},
): Promise<ChangePage> =>
  followDelta(
    session,
    {
      operation: OPERATION,
      first: firstPage(session, given.feed),
      cursor: given.cursor,
      toChanges,
    },
    options,
  );
