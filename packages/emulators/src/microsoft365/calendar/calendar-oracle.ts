import { formatDay } from '../calendar-day.ts';
import { requireUser } from '../directory-admin.ts';
import { type Mailbox, settleMailbox } from '../mailbox.ts';
import type { ExtendedProperty } from '../oracle.ts';
import type { World } from '../world.ts';
import { formatWall, UTC, type ZonedTime } from '../zoned-time.ts';
import { calendarRows } from './calendar-store.ts';
import { toPlainText } from './event-body.ts';
import type { EventContent } from './event-content.ts';
import { instancesIn } from './event-instances.ts';
import { eventIdOf } from './event-view.ts';
import type { SentMail } from './sent-mail.ts';
import type { Calendar, EventTombstone, StoredEvent } from './stored-event.ts';

export interface OracleTime {
  /** Wall time in the zone it was written with, `YYYY-MM-DDTHH:mm:ss.0000000`. */
  readonly dateTime: string;
  readonly timeZone: string;
}

export type OracleContent = Omit<EventContent, 'start' | 'end'> & {
  readonly start: OracleTime;
  readonly end: OracleTime;
  /** The body as a reader sees it. */
  readonly text: string;
};

/** A single event or a series with everything the store holds. */
export type OracleEvent = OracleContent & {
  readonly id: string;
  readonly immutableId: string;
  readonly calendarId: string;
  readonly changeKey: string;
  readonly uid: string;
  readonly transactionId: string | undefined;
  readonly organizer: string;
  readonly isOrganizer: boolean;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly extended: readonly ExtendedProperty[];
  /** By the date that the pattern gave, `YYYY-MM-DD`. */
  readonly exceptions: Readonly<Record<string, Partial<OracleContent>>>;
  readonly cancelled: readonly string[];
};

export interface OracleCalendar {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  /** Single events and series. */
  readonly events: number;
}

/** One row of the calendar as a person sees it. */
export interface OracleInstance {
  readonly id: string;
  readonly seriesMasterId: string | undefined;
  /** In the pattern, `YYYY-MM-DD`; undefined for a single event. */
  readonly day: string | undefined;
  readonly isException: boolean;
  readonly subject: string;
  /** Instants, milliseconds since 1970; of all-day events midnights in UTC. */
  readonly start: number;
  readonly end: number;
  readonly isAllDay: boolean;
  readonly isCancelled: boolean;
}

const toTime = ({ wall, timeZone }: ZonedTime): OracleTime => ({ dateTime: formatWall(wall), timeZone });

function toContent<T extends Partial<EventContent>>(content: T): Partial<OracleContent> {
  const { start, end, ...others } = content;
  return {
    ...others,
    ...(start === undefined ? {} : { start: toTime(start) }),
    ...(end === undefined ? {} : { end: toTime(end) }),
    ...(content.body === undefined ? {} : { text: toPlainText(content.body) }),
  };
}

const toOracleEvent = (event: StoredEvent): OracleEvent =>
  Object.freeze({
    ...(toContent(event.content) as OracleContent),
    id: event.id,
    immutableId: event.immutableId,
    calendarId: event.calendar?.id ?? '',
    changeKey: event.changeKey,
    uid: event.uid,
    transactionId: event.transaction?.id,
    organizer: event.organizer.address,
    isOrganizer: event.isOrganizer,
    createdAt: event.createdAt,
    modifiedAt: event.modifiedAt,
    extended: [...event.extended].map(([id, value]) => ({ id, value })),
    exceptions: Object.fromEntries(
      [...event.exceptions].map(([day, changes]) => [formatDay(day), toContent(changes)]),
    ),
    cancelled: [...event.cancelled].sort((a, b) => a - b).map(formatDay),
  });

const openMailbox = (world: World, userId: string): Mailbox => {
  const { mailbox } = requireUser(world, userId);
  settleMailbox(mailbox, world.clock.now());
  return mailbox;
};

const allOf = (calendars: Iterable<Calendar>): StoredEvent[] =>
  Array.from(calendars).flatMap((calendar) => [...calendarRows(calendar)]);

/** The truth of calendars behind the wire, for tests. Everything is a copy. */
export const createCalendarOracle = (world: World) => ({
  /** The default calendar first. */
  calendars: (userId: string): readonly OracleCalendar[] =>
    [...openMailbox(world, userId).calendar.calendars.values()].map(({ id, name, isDefault, live }) => ({
      id,
      name,
      isDefault,
      events: live,
    })),
  /** Single events and series of all calendars, each calendar in creation order. */
  events: (userId: string): readonly OracleEvent[] =>
    allOf(openMailbox(world, userId).calendar.calendars.values()).map(toOracleEvent),
  event(userId: string, id: string): OracleEvent | undefined {
    const event = openMailbox(world, userId).calendar.events.get(id);
    return event === undefined ? undefined : toOracleEvent(event);
  },
  /** What a person sees between two instants (milliseconds since 1970), all calendars, by start. */
  instances(
    userId: string,
    window: { readonly start: number; readonly end: number },
  ): readonly OracleInstance[] {
    const { calendar: store } = openMailbox(world, userId);
    const { ids } = store;
    return allOf(store.calendars.values())
      .flatMap((event) => instancesIn(event, window, UTC))
      .sort((a, b) => a.start - b.start)
      .map(({ event, day, isException, content, start, end }) => ({
        id: eventIdOf({ event, day }, { ids, immutableIds: false }),
        seriesMasterId: day === null ? undefined : event.id,
        day: day === null ? undefined : formatDay(day),
        isException,
        subject: content.subject,
        start,
        end,
        isAllDay: content.isAllDay,
        isCancelled: content.isCancelled,
      }));
  },
  /** E-mails that calendars caused, the oldest first: one for each person that was told. */
  mails: (of: { readonly userId?: string; readonly by?: SentMail['by'] } = {}): readonly SentMail[] =>
    world.mails.filter(
      (mail) =>
        (of.by === undefined || mail.by === of.by) &&
        (of.userId === undefined || mail.userId === requireUser(world, of.userId).id),
    ),
  eventTombstones: (userId: string): readonly EventTombstone[] => [
    ...openMailbox(world, userId).calendar.tombstones,
  ],
  /** Grows with every change in the mailbox's calendars. */
  calendarVersion: (userId: string): number => openMailbox(world, userId).calendar.version,
});
