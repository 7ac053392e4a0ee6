import type { Change } from '../change-log.ts';
import { idOf } from '../contact-view.ts';
import { answerDelta, EMPTY_TOKENS, type Item, removedItem } from '../delta.ts';
import type { GraphAnswer } from '../graph-call.ts';
import { invalidQuery, methodNotAllowed } from '../graph-error.ts';
import type { MailboxCall } from '../mailbox-call.ts';
import { readQueryOptions } from '../query-options.ts';
import { touches, type Window } from '../series.ts';
import { appliedHeaders, type CalendarPlace, readView } from './calendar-call.ts';
import { boundsOf, instancesIn, occurrenceContent, originalStartOf } from './event-instances.ts';
import { type EventView, eventIdOf, shownWhole, toGraphEvent, toStub } from './event-view.ts';
import type { StoredEvent } from './stored-event.ts';
import { readWindow } from './view-window.ts';

const packWindow = ({ start, end }: Window): string => `${start} ${end}`;

const unpackWindow = (text: string): Window => {
  const [start = Number.NaN, end = Number.NaN] = text.split(' ').map(Number);
  if (Number.isNaN(start) || Number.isNaN(end)) throw invalidQuery('Badly formed token.');
  return { start, end };
};

/** Exceptions that the pattern puts into the window and somebody moved out of it. */
function movedOut(event: StoredEvent, window: Window, view: EventView): readonly Item[] {
  return [...event.exceptions.keys()].flatMap((day) => {
    const moved = boundsOf(occurrenceContent(event, day), view.zone);
    const at = originalStartOf(event, day, view.zone);
    const wasIn = at >= window.start && at < window.end;
    return wasIn && !touches(moved, window) ? [removedItem(eventIdOf({ event, day }, view))] : [];
  });
}

/** The master with everything of it that touches the window: exceptions whole, other dates as stubs. */
function seriesItems(event: StoredEvent, window: Window, view: EventView): readonly Item[] {
  const instances = instancesIn(event, window, view.zone);
  if (instances.length === 0) return [];
  return [
    toGraphEvent(shownWhole(event), view),
    ...instances.map((instance) =>
      instance.isException ? toGraphEvent(instance, view) : toStub(instance, view),
    ),
  ];
}

/**
 * What a changed event is told with. Outside the window it is a removal, also of what was never told; of a date that was
 * cancelled nothing is said at all. A first round tells no removals.
 */
function itemsIn(
  event: StoredEvent,
  window: Window,
  view: EventView,
): { inside: readonly Item[]; outside: readonly Item[] } {
  const isSeries = event.content.recurrence !== null;
  const inside = isSeries
    ? seriesItems(event, window, view)
    : instancesIn(event, window, view.zone).map((instance) => toGraphEvent(instance, view));
  const gone = inside.length === 0 ? [removedItem(eventIdOf({ event, day: null }, view))] : [];
  return { inside, outside: isSeries ? [...gone, ...movedOut(event, window, view)] : gone };
}

/** `GET .../calendarView/delta`: one calendar, one window that stays in the tokens, no query options. */
export function answerCalendarDelta(request: MailboxCall, place: CalendarPlace): GraphAnswer {
  const { world, call, mailbox } = request;
  if (call.method !== 'GET') throw methodNotAllowed();
  const { calendar } = place;
  const view = readView(request, new Map());
  return answerDelta<StoredEvent>(world, call, {
    mailbox,
    collection: `view ${calendar.id}`,
    odataType: '#microsoft.graph.event',
    context: `${call.url.origin}/v1.0/$metadata#Collection(event)`,
    log: calendar.log,
    readOptions: () => {
      readQueryOptions(call.url, EMPTY_TOKENS);
      return packWindow(readWindow(call.url, world.faults));
    },
    restartQuery: (options = '') => {
      const { start, end } = unpackWindow(options);
      return `startDateTime=${new Date(start).toISOString()}&endDateTime=${new Date(end).toISOString()}&`;
    },
    viewOf: (options = '') => {
      const window = unpackWindow(options);
      return (change: Change<StoredEvent>, { initial }) => {
        const { subject } = change;
        if (change.removed) return initial ? [] : [removedItem(idOf(change, view.immutableIds))];
        if (subject.calendar !== calendar || subject.isHiddenFromDelta) return [];
        const { inside, outside } = itemsIn(subject, window, view);
        return initial ? inside : [...inside, ...outside];
      };
    },
    appliedHeaders: (pageSize) => appliedHeaders(request, pageSize),
  });
}
