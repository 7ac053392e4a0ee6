import { formatDay } from '../calendar-day.ts';
import { requireUser } from '../directory-admin.ts';
import { settleMailbox } from '../mailbox.ts';
import type { User, World } from '../world.ts';
import { formatWall, toWall, type Zone, zoneOf } from '../zoned-time.ts';
import { createCalendarAdmin, type EventInput } from './calendar-admin.ts';
import { calendarRows } from './calendar-store.ts';
import { toPlainText } from './event-body.ts';
import { boundsOf, type Instance, instancesIn } from './event-instances.ts';
import { eventIdOf } from './event-view.ts';
import type { Answer } from './responses.ts';
import type { SentMail } from './sent-mail.ts';
import type { StoredEvent } from './stored-event.ts';
import { mayTouch } from './time-index.ts';

const DAY_MS = 86_400_000;
const MOST_ROWS = 500;
const MOST_MAILS = 50;

function showMail({ day, ...mail }: SentMail) {
  return { ...mail, day: day === null ? null : formatDay(day) };
}

/** One date as a person sees it, in the zone of the mailbox. */
function showInstance(user: User, { event, day, content, isException }: Instance, zone: Zone) {
  const { ids } = user.mailbox.calendar;
  const local = (instant: number): string => formatWall(toWall(instant, zone)).slice(0, 16);
  const bounds = boundsOf(content, zone);
  const first = boundsOf(event.content, zone);
  return {
    id: eventIdOf({ event, day }, { ids, immutableIds: false }),
    masterId: day === null ? null : event.id,
    changeKey: event.changeKey,
    calendar: event.calendar?.isDefault === false ? event.calendar.name : '',
    subject: content.subject,
    start: local(bounds.start),
    end: local(bounds.end),
    isAllDay: content.isAllDay,
    location: content.locations[0]?.displayName ?? '',
    text: toPlainText(content.body),
    attendees: content.attendees.map(({ emailAddress, type, status }) => ({
      address: emailAddress.address ?? emailAddress.name,
      type,
      response: status.response,
    })),
    organizer: event.organizer.address,
    isOrganizer: event.isOrganizer,
    response: content.response.response,
    isCancelled: content.isCancelled,
    isSeries: day !== null,
    series: day === null ? null : { start: local(first.start), end: local(first.end) },
    isException,
    isOnline: content.onlineMeeting !== null,
    sensitivity: content.sensitivity,
  };
}

/** What the page shows of a mailbox's calendars; rows only when the version differs from the one the page has. */
export function showCalendar(world: World, query: URLSearchParams) {
  const user = requireUser(world, query.get('user') ?? '');
  settleMailbox(user.mailbox, world.clock.now());
  const version = `${user.mailbox.calendar.version} ${world.mails.length}`;
  if (query.get('since') === version) return { version };
  const zone = zoneOf(user.timeZone);
  const from = Date.parse(
    `${query.get('from') ?? formatDay(Math.floor(world.clock.now() / DAY_MS))}T00:00:00Z`,
  );
  const days = Math.min(62, Math.max(1, Number(query.get('days') ?? 28)));
  const window = { start: from, end: from + days * DAY_MS };
  const events: StoredEvent[] = [...user.mailbox.calendar.calendars.values()].flatMap(({ times }) => [
    ...mayTouch(times, window),
  ]);
  const rows = events.flatMap((event) => instancesIn(event, window, zone)).sort((a, b) => a.start - b.start);
  return {
    version,
    today: formatDay(toWall(world.clock.now(), zone).day),
    timeZone: user.timeZone,
    found: rows.length,
    total: [...user.mailbox.calendar.calendars.values()].reduce(
      (sum, each) => sum + calendarRows(each).length,
      0,
    ),
    rows: rows.slice(0, MOST_ROWS).map((row) => showInstance(user, row, zone)),
    mails: { total: world.mails.length, latest: world.mails.slice(-MOST_MAILS).toReversed().map(showMail) },
  };
}

interface CalendarEdit {
  readonly user: string;
  readonly id?: string;
  readonly event?: EventInput;
  readonly response?: Answer['response'];
}

/** What a person does on the page: creates, changes, answers, deletes. Throws as the service refuses. */
export function editCalendar(world: World, method: string, edit: CalendarEdit): unknown {
  const admin = createCalendarAdmin(world);
  const { user, id = '', event = {}, response } = edit;
  if (response !== undefined) {
    admin.respond(user, id, { response });
    return {};
  }
  if (method === 'POST') return admin.createEvent(user, event);
  return method === 'PATCH' ? admin.updateEvent(user, id, event) : admin.deleteEvent(user, id);
}
