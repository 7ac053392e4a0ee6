import { requireUser } from '../directory-admin.ts';
import { type IcsRefusal, importIcs } from '../ics/ics-import.ts';
import { settleMailbox } from '../mailbox.ts';
import type { World } from '../world.ts';
import type { ZonedTime } from '../zoned-time.ts';
import { CUSTOM_ZONE, UTC } from '../zoned-time.ts';
import { type Addressed, requireCalendar, requireEvent, shownOf } from './calendar-call.ts';
import { addCalendar, addEvent, moveEvent, removeCalendar, reviseEvent } from './calendar-store.ts';
import { addressOf, type Desk } from './desk.ts';
import { type EventWrite, readEventWrite } from './event-input.ts';
import { eventIdOf, type Shown } from './event-view.ts';
import { createEvent, deleteEvent, deleteOccurrence, updateEvent, updateOccurrence } from './event-writes.ts';
import { newUid } from './global-id.ts';
import { type Answer, respond } from './responses.ts';
import { splitSeries } from './series-split.ts';
import type { Calendar, StoredEvent } from './stored-event.ts';

/** A meeting in the shape of a Graph event. */
export type EventInput = Readonly<Record<string, unknown>>;

export interface EventRef {
  readonly id: string;
  readonly immutableId: string;
  readonly changeKey: string;
}

export interface EventOptions {
  /** Default: the default calendar. */
  readonly calendarId?: string;
  /** Written by an old desktop Outlook in a zone of its own making, which has no name. */
  readonly hasCustomZone?: boolean;
}

/** Lines count from 1. */
export interface IcsReport {
  readonly imported: readonly EventRef[];
  readonly refused: readonly IcsRefusal[];
}

interface Place extends Desk {
  readonly calendar: Calendar;
}

const openDesk = (world: World, userId: string): Desk => {
  const user = requireUser(world, userId);
  settleMailbox(user.mailbox, world.clock.now());
  return { world, user, by: 'user', at: world.clock.now() };
};

const openPlace = (world: World, userId: string, calendarId: string | undefined): Place => {
  const desk = openDesk(world, userId);
  const store = desk.user.mailbox.calendar;
  return { ...desk, calendar: calendarId === undefined ? store.main : requireCalendar(store, calendarId) };
};

const toRef = (event: StoredEvent): EventRef => ({
  id: event.id,
  immutableId: event.immutableId,
  changeKey: event.changeKey,
});

const refOf = ({ user }: Desk, { event, day }: Pick<Shown, 'event' | 'day'>): EventRef => {
  const { ids } = user.mailbox.calendar;
  return {
    id: eventIdOf({ event, day }, { ids, immutableIds: false }),
    immutableId: eventIdOf({ event, day }, { ids, immutableIds: true }),
    changeKey: event.changeKey,
  };
};

/** Start, end and pattern keep their truth and lose the name of their zone. */
function inCustomZone(write: EventWrite): EventWrite {
  const { start, end, recurrence } = write.changes;
  const nameless = <T extends ZonedTime | undefined>(time: T): T =>
    time === undefined ? time : { ...time, timeZone: CUSTOM_ZONE };
  const pattern = recurrence ?? null;
  const range = pattern === null ? null : { ...pattern.range, recurrenceTimeZone: CUSTOM_ZONE };
  const again = pattern === null || range === null ? null : { ...pattern, range };
  return {
    ...write,
    changes: {
      ...write.changes,
      ...(start === undefined ? {} : { start: nameless(start) }),
      ...(end === undefined ? {} : { end: nameless(end) }),
      recurrence: again,
    },
  };
}

function create(place: Place, input: EventInput, options: EventOptions): EventRef {
  const read = readEventWrite(input, { before: undefined, isLenient: true });
  const write = options.hasCustomZone === true ? inCustomZone(read) : read;
  return toRef(createEvent(place, place.calendar, { write }));
}

const find = ({ user }: Desk, id: string): Addressed => {
  const store = user.mailbox.calendar;
  return requireEvent(store, id, { calendar: store.main, isFlat: true, path: '' });
};

function update(desk: Desk, id: string, changes: EventInput): EventRef {
  const target = find(desk, id);
  const { event, day } = target;
  const before = shownOf(target, { zone: UTC }).content;
  const write = readEventWrite(changes, { before, isOccurrence: day !== null, isLenient: true });
  if (day === null) updateEvent(desk, event, write);
  else updateOccurrence(desk, { event, day }, write);
  return refOf(desk, target);
}

function remove(desk: Desk, id: string): EventRef {
  const target = find(desk, id);
  const { event, day } = target;
  const ref = refOf(desk, target);
  if (day === null) deleteEvent(desk, event);
  else deleteOccurrence(desk, event, day);
  return ref;
}

/** The copy carries the extended properties too, and is an event of its own. */
function copy({ world, user, at }: Desk, event: StoredEvent): EventRef {
  const store = user.mailbox.calendar;
  const { content, extended, exceptions, cancelled } = event;
  const copied = addEvent(store, event.calendar ?? store.main, {
    content: { ...content, attendees: [], response: { response: 'organizer', at: null } },
    extended,
    exceptions,
    cancelled,
    uid: newUid(world.random, at),
    organizer: Object.freeze(addressOf(user)),
    isOrganizer: true,
    at,
  });
  return toRef(copied);
}

/** What people do in their calendars in Outlook. Ids may be default or immutable ones, of events or of single dates. */
export const createCalendarAdmin = (world: World) => ({
  createEvent: (userId: string, event: EventInput, options: EventOptions = {}): EventRef =>
    create(openPlace(world, userId, options.calendarId), event, options),
  /** Many at once, in order, as if they had been there for long: attendees have their copies and are not told. */
  seedEvents(userId: string, events: Iterable<EventInput>, options: EventOptions = {}): EventRef[] {
    const place = { ...openPlace(world, userId, options.calendarId), isHistory: true };
    return Array.from(events, (event) => create(place, event, options));
  },
  updateEvent: (userId: string, id: string, changes: EventInput): EventRef =>
    update(openDesk(world, userId), id, changes),
  /** "This and all following": `id` is a date of a series, which ends before it; the answer names the new series. */
  splitSeries(userId: string, id: string, changes: EventInput): EventRef {
    const place = openPlace(world, userId, undefined);
    const { event, day } = find(place, id);
    if (day === null) throw new Error('a series is split at one of its dates: give the id of a date');
    return toRef(splitSeries(place, { event, day }, changes));
  },
  deleteEvent: (userId: string, id: string): EventRef => remove(openDesk(world, userId), id),
  /** Answers an invitation in Outlook. `isSent`: the organizer is told, default true. */
  respond(
    userId: string,
    id: string,
    answer: { readonly response: Answer['response']; readonly isSent?: boolean },
  ): void {
    const desk = openDesk(world, userId);
    respond(desk, find(desk, id), { isSent: true, ...answer, proposedNewTime: undefined });
  },
  /** Takes an iCalendar file into a calendar, as Outlook does: nobody is told. What stays outside is named with its line. */
  importIcs(userId: string, text: string, options: Pick<EventOptions, 'calendarId'> = {}): IcsReport {
    const { calendar, ...desk } = openPlace(world, userId, options.calendarId);
    const { events, refused } = importIcs(desk, calendar, text);
    return { imported: events.map(toRef), refused };
  },
  moveEvent(userId: string, id: string, calendarId: string): EventRef {
    const { user, calendar, at } = openPlace(world, userId, calendarId);
    const { event } = find(openDesk(world, userId), id);
    moveEvent(user.mailbox.calendar, event, { calendar, at });
    return toRef(event);
  },
  copyEvent(userId: string, id: string): EventRef {
    const desk = openDesk(world, userId);
    return copy(desk, find(desk, id).event);
  },
  /** A service touch: a new change key and modification time, the same content. */
  touchEvent(userId: string, id: string): EventRef {
    const desk = openDesk(world, userId);
    const { event } = find(desk, id);
    reviseEvent(desk.user.mailbox.calendar, event, { at: desk.at });
    return toRef(event);
  },
  /** Delta keeps silent about the event from now on, or tells of it again. */
  hideFromDelta(userId: string, id: string, isHidden = true): void {
    find(openDesk(world, userId), id).event.isHiddenFromDelta = isHidden;
  },
  createCalendar: (userId: string, name: string): { id: string } => ({
    id: addCalendar(openDesk(world, userId).user.mailbox.calendar, name).id,
  }),
  deleteCalendar(userId: string, calendarId: string): void {
    const { user, calendar, at } = openPlace(world, userId, calendarId);
    removeCalendar(user.mailbox.calendar, calendar, { at, by: 'user' });
  },
});
