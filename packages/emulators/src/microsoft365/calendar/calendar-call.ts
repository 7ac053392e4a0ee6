import { readExpandedIds } from '../contact-view.ts';
import { badRequest, itemNotFound, malformedId } from '../graph-error.ts';
import { isOwnId, splitOccurrenceId } from '../item-id.ts';
import type { MailboxCall } from '../mailbox-call.ts';
import { type QueryOptions, readSelect } from '../query-options.ts';
import { UTC, zoneOf } from '../zoned-time.ts';
import type { CalendarStore } from './calendar-store.ts';
import { instanceOn } from './event-instances.ts';
import { type EventView, SELECTABLE, type Shown, shownWhole } from './event-view.ts';
import type { Calendar, StoredEvent } from './stored-event.ts';

/** `isFlat`: `/users/{id}/events`, which lists the default calendar but addresses known ids of every one. */
export interface CalendarPlace {
  readonly calendar: Calendar;
  readonly isFlat: boolean;
  /** The path between the user and the collection, as contexts write it. */
  readonly path: string;
}

export function requireCalendar(store: CalendarStore, key: string): Calendar {
  if (key.toLowerCase() === 'calendar') return store.main;
  const calendar = store.calendars.get(key);
  if (calendar !== undefined) return calendar;
  throw isOwnId(store.ids, key) ? itemNotFound() : malformedId();
}

/** What an id names: an event or master, or a date of a series. */
export interface Addressed {
  readonly event: StoredEvent;
  readonly day: number | null;
}

/** By default or immutable id; in the place's calendar, or anywhere where that is flat. */
export function requireEvent(store: CalendarStore, id: string, place: CalendarPlace): Addressed {
  const split = splitOccurrenceId(store.ids, id);
  const { masterId, day } = split ?? { masterId: id, day: null };
  const event = store.events.get(masterId);
  if (event !== undefined && (place.isFlat || event.calendar === place.calendar)) {
    if (day === null || instanceOn(event, day, UTC) !== undefined) return { event, day };
    throw itemNotFound();
  }
  throw isOwnId(store.ids, masterId) ? itemNotFound() : malformedId();
}

/** What is shown of it in a view. */
export function shownOf({ event, day }: Addressed, view: Pick<EventView, 'zone'>): Shown {
  if (day === null) return shownWhole(event);
  const instance = instanceOn(event, day, view.zone);
  if (instance === undefined) throw itemNotFound();
  return instance;
}

/** `$expand` may name several; commas inside parentheses do not part them. */
const expandParts = (text: string): readonly string[] =>
  text.match(/(?:[^,(]|\([^)]*(?:\([^)]*\)[^)]*)*\))+/g) ?? [];

function readExpand(options: QueryOptions): Pick<EventView, 'extended' | 'hasExceptions'> {
  const extended = new Map<string, string>();
  let hasExceptions = false;
  for (const part of expandParts(options.get('expand') ?? '')) {
    const asked = readExpandedIds(part);
    for (const [key, id] of asked ?? []) extended.set(key, id);
    if (asked !== undefined) continue;
    if (!/^\s*exceptionOccurrences\b/i.test(part))
      throw badRequest(
        `Parsing OData Select and Expand failed: '${part.trim()}' cannot be expanded on an event.`,
      );
    hasExceptions = true;
  }
  return { extended, hasExceptions };
}

/** How the request's headers and options want events to be shown. Throws 400, also for an unknown zone. */
export function readView({ call, mailbox }: MailboxCall, options: QueryOptions): EventView {
  const { immutableIds, timeZone, textBodies } = call.preferences;
  return {
    ids: mailbox.calendar.ids,
    immutableIds,
    timeZone: timeZone ?? 'UTC',
    zone: timeZone === undefined ? UTC : zoneOf(timeZone),
    isText: textBodies === true,
    select: readSelect(options, SELECTABLE, 'event'),
    ...readExpand(options),
  };
}

/** What only the reading of one master tells, in no listing. */
export function forListing(view: EventView): EventView {
  if (view.hasExceptions)
    throw badRequest(
      'The property exceptionOccurrences can only be expanded when a series master is read by its id.',
    );
  const select = view.select?.filter((name) => name !== 'cancelledOccurrences');
  return { ...view, select };
}

/** The header that names the preferences which were followed. */
export function appliedHeaders({ call }: MailboxCall, pageSize?: number): Record<string, string> {
  const { timeZone, textBodies, maxPageSize } = call.preferences;
  const applied = [
    ...(timeZone === undefined ? [] : [`outlook.timezone="${timeZone}"`]),
    ...(textBodies === undefined ? [] : [`outlook.body-content-type="${textBodies ? 'text' : 'html'}"`]),
    ...(maxPageSize === undefined || pageSize === undefined ? [] : [`odata.maxpagesize=${pageSize}`]),
  ];
  return applied.length === 0 ? {} : { 'Preference-Applied': applied.join(', ') };
}

export const contextOf = (
  { call, user }: MailboxCall,
  place: CalendarPlace,
  select?: readonly string[],
): string =>
  `${call.url.origin}/v1.0/$metadata#users('${user.id}')${place.path}/events${select === undefined ? '' : `(${select.join(',')})`}`;
