import { GraphFailure, itemNotFound } from '../graph-error.ts';
import { isPatternDay, neighbours } from '../series.ts';
import { UTC } from '../zoned-time.ts';
import { addEvent, removeEvent, reviseEvent } from './calendar-store.ts';
import { addressOf, type Desk } from './desk.ts';
import { type EventContent, NEW_EVENT } from './event-content.ts';
import type { EventWrite } from './event-input.ts';
import { instanceOn, occurrenceContent, remainingDays } from './event-instances.ts';
import { newUid } from './global-id.ts';
import { announce, callOff, invite } from './meetings.ts';
import { withRoom } from './online-meeting.ts';
import type { Calendar, StoredEvent } from './stored-event.ts';

export interface CreateOptions {
  readonly transaction?: StoredEvent['transaction'];
  /** Default: a new one. */
  readonly uid?: string;
}

/** A new event of which the mailbox is the organizer. */
export function createEvent(
  desk: Desk,
  calendar: Calendar,
  create: { readonly write: EventWrite } & CreateOptions,
): StoredEvent {
  const { world, user, at } = desk;
  const { changes, extended } = create.write;
  const { start, end } = changes;
  if (start === undefined || end === undefined) throw new Error('a new event has a start and an end');
  const event = addEvent(user.mailbox.calendar, calendar, {
    content: withRoom(desk, { ...NEW_EVENT, ...changes, start, end }),
    extended,
    uid: create.uid ?? newUid(world.random, at),
    organizer: Object.freeze(addressOf(user)),
    isOrganizer: true,
    at,
    transaction: create.transaction,
  });
  invite(desk, event);
  return event;
}

const sameTimes = (a: EventContent, b: EventContent): boolean =>
  a.isAllDay === b.isAllDay &&
  a.start.zone === b.start.zone &&
  JSON.stringify([a.start.wall, a.end.wall, a.recurrence?.pattern, a.recurrence?.range.startDate]) ===
    JSON.stringify([b.start.wall, b.end.wall, b.recurrence?.pattern, b.recurrence?.range.startDate]);

/** A series that is rescheduled forgets what was changed of its dates; one that only ends elsewhere keeps what it still has. */
function keptDates(event: StoredEvent, after: EventContent): Pick<StoredEvent, 'exceptions' | 'cancelled'> {
  const { exceptions, cancelled, content } = event;
  const { recurrence } = after;
  if (recurrence === null || content.recurrence === null || !sameTimes(content, after))
    return { exceptions: new Map(), cancelled: new Set() };
  if (recurrence === content.recurrence) return { exceptions, cancelled };
  return {
    exceptions: new Map([...exceptions].filter(([day]) => isPatternDay(recurrence, day))),
    cancelled: new Set([...cancelled].filter((day) => isPatternDay(recurrence, day))),
  };
}

/** What an attendee may write to the copy of a meeting. */
const ATTENDEES_OWN: ReadonlySet<string> = new Set([
  'categories',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'showAs',
  'singleValueExtendedProperties',
]);

function checkOwner(event: StoredEvent, { named }: EventWrite): void {
  const foreign = event.isOrganizer ? undefined : named.find((name) => !ATTENDEES_OWN.has(name));
  if (foreign !== undefined)
    throw new GraphFailure(
      400,
      'ErrorInvalidRequest',
      `Your request can't be completed. You need to be an organizer to set the property '${foreign}'.`,
    );
}

/** A single event or a whole series; its attendees are told. Throws 400. */
export function updateEvent(desk: Desk, event: StoredEvent, write: EventWrite): void {
  checkOwner(event, write);
  const before = event.content;
  const content = withRoom(desk, { ...event.content, ...write.changes });
  reviseEvent(desk.user.mailbox.calendar, event, {
    at: desk.at,
    content,
    extended: write.extended,
    ...keptDates(event, content),
  });
  if (event.isOrganizer) announce(desk, { event, day: null, before, named: write.named });
}

const crossing = (): GraphFailure =>
  new GraphFailure(
    400,
    'ErrorOccurrenceCrossingBoundary',
    'Modified occurrence is crossing or overlapping adjacent occurrence.',
  );

/** A date of a series stays between those before and after it, on a day of its own. */
function checkBoundary(event: StoredEvent, day: number, changes: Partial<EventContent>): void {
  const { recurrence } = event.content;
  const to = changes.start?.wall.day;
  if (recurrence === null || to === undefined) return;
  const { before, after } = neighbours(recurrence, day, (each) => event.cancelled.has(each));
  const dayOf = (each: number): number => occurrenceContent(event, each).start.wall.day;
  if (before !== undefined && to <= dayOf(before)) throw crossing();
  if (after !== undefined && to >= dayOf(after)) throw crossing();
}

/** Makes an exception of one date of a series. Throws 400 and 404. */
export function updateOccurrence(
  desk: Desk,
  target: { readonly event: StoredEvent; readonly day: number },
  write: EventWrite,
): void {
  const { event, day } = target;
  if (write.extended.size > 0)
    throw new GraphFailure(501, 'NotImplemented', 'Extended properties are kept with the series master.');
  checkOwner(event, write);
  const before = occurrenceContent(event, day);
  const { recurrence, ...changes } = write.changes;
  checkBoundary(event, day, changes);
  const exceptions = new Map(event.exceptions).set(
    day,
    Object.freeze({ ...event.exceptions.get(day), ...changes }),
  );
  reviseEvent(desk.user.mailbox.calendar, event, { at: desk.at, exceptions });
  if (event.isOrganizer) announce(desk, { event, day, before, named: write.named });
}

/** The organizer's event is called off with it; an attendee's copy goes silently. */
export function deleteEvent(desk: Desk, event: StoredEvent): void {
  if (event.isOrganizer) callOff(desk, event, null);
  removeEvent(desk.user.mailbox.calendar, event, { at: desk.at, by: desk.by });
}

/** The last date takes the series with it. */
export function deleteOccurrence(desk: Desk, event: StoredEvent, day: number): void {
  if (instanceOn(event, day, UTC) === undefined) throw itemNotFound();
  const cancelled = new Set(event.cancelled).add(day);
  const exceptions = new Map(event.exceptions);
  exceptions.delete(day);
  if (remainingDays({ content: event.content, cancelled, exceptions })?.length === 0) {
    deleteEvent(desk, event);
    return;
  }
  if (event.isOrganizer) callOff(desk, event, day);
  reviseEvent(desk.user.mailbox.calendar, event, { at: desk.at, exceptions, cancelled });
}
