import type { GraphAnswer } from '../graph-call.ts';
import { badRequest, methodNotAllowed } from '../graph-error.ts';
import type { MailboxCall } from '../mailbox-call.ts';
import { readQueryOptions } from '../query-options.ts';
import type { Window } from '../series.ts';
import { type CalendarPlace, contextOf, forListing, readView } from './calendar-call.ts';
import { instancesIn } from './event-instances.ts';
import { selectEvents } from './event-query.ts';
import { answerRows, LISTING } from './event-rows.ts';
import type { EventView } from './event-view.ts';
import type { StoredEvent } from './stored-event.ts';
import { mayTouch } from './time-index.ts';
import { readWindow } from './view-window.ts';

/** Occurrences, exceptions and single events that touch the window, by their start; never a master. */
const rowsIn = (events: Iterable<StoredEvent>, window: Window, view: EventView) =>
  Array.from(events)
    .flatMap((event) => instancesIn(event, window, view.zone))
    .sort((a, b) => a.start - b.start);

function readListing(request: MailboxCall) {
  const options = readQueryOptions(request.call.url, LISTING);
  const view = forListing(readView(request, options));
  return { options, view, query: { filter: options.get('filter'), orderby: options.get('orderby') } };
}

const UNSELECTABLE = ['createdDateTime', 'lastModifiedDateTime'];

/** `GET .../calendarView`. */
export function answerCalendarView(request: MailboxCall, place: CalendarPlace): GraphAnswer {
  if (request.call.method !== 'GET') throw methodNotAllowed();
  const { view, query } = readListing(request);
  const window = readWindow(request.call.url, request.world.faults);
  const unselectable = view.select?.find((name) => UNSELECTABLE.includes(name));
  if (unselectable !== undefined)
    throw badRequest(`The property '${unselectable}' does not support $select in a calendar view.`);
  const { calendar } = place;
  const rows = selectEvents(
    {
      store: request.mailbox.calendar,
      calendar,
      name: `view ${window.start} ${window.end} ${view.zone}`,
      rows: (among) => rowsIn(among ?? mayTouch(calendar.times, window), window, view),
    },
    query,
  );
  const context = contextOf(request, place, view.select).replace('/events', '/calendarView');
  return answerRows(request, rows, { context, view });
}

/** `GET .../events/{master}/instances`. */
export function answerInstances(request: MailboxCall, place: CalendarPlace, event: StoredEvent): GraphAnswer {
  const { view, query } = readListing(request);
  const window = readWindow(request.call.url, request.world.faults);
  const rows = selectEvents(
    {
      store: request.mailbox.calendar,
      calendar: event.calendar ?? place.calendar,
      name: `instances ${event.immutableId} ${window.start} ${window.end} ${view.zone}`,
      rows: () => rowsIn(event.content.recurrence === null ? [] : [event], window, view),
    },
    query,
  );
  const key = encodeURIComponent(event.id);
  const context = contextOf(request, place, view.select).replace('/events', `/events('${key}')/instances`);
  return answerRows(request, rows, { context, view });
}
