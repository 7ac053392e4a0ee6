import type { Microsoft365Emulator } from '@tidelock/emulators';
import type { Population } from './population.ts';

/** The customers are invited to it: whatever changes in it makes Exchange send mail. */
export const HEARING = 'Budget hearing';
/** Nobody is invited to it. */
export const PLANNING = 'Account planning';
const SERIES = 'Press review';
const ANNA = 0;

/** In the shape of a Graph event. */
type EventInput = Readonly<Record<string, unknown>>;

const DAY_MS = 86_400_000;
const TUESDAY = 2;
const ZONE = { windows: 'Eastern Standard Time', iana: 'America/New_York' };
/** The series begins this long before the clocks change, and goes on for as long after. */
const LEAD_DAYS = 21;
const DATES = 8;

export interface Agenda {
  /** One list a user, in the order of the demo's users. */
  readonly calendars: readonly (readonly EventInput[])[];
  /** One date of the series goes to another day, and one is called off: `YYYY-MM-DD`. */
  readonly moved: { readonly from: string; readonly to: string };
  readonly cancelled: string;
}

const dayText = (day: number): string => new Date(day).toISOString().slice(0, 10);

/** The first `weekday` (0 = Sunday) on that day or after it. */
const weekdayFrom = (day: number, weekday: number): number =>
  day + ((weekday - new Date(day).getUTCDay() + 7) % 7) * DAY_MS;

const hourAtNoon = new Intl.DateTimeFormat('en', {
  timeZone: ZONE.iana,
  hour: 'numeric',
  hourCycle: 'h23',
});

/** The next day from `day` on whose noon the clocks show otherwise than the day before. */
function clockChange(day: number): number {
  const shown = (of: number): string => hourAtNoon.format(of + DAY_MS / 2);
  let at = day;
  while (shown(at) === shown(at - DAY_MS)) at += DAY_MS;
  return at;
}

const at = (day: string, time: string) => ({ dateTime: `${day}T${time}:00`, timeZone: ZONE.windows });

const hours = (day: string, from: string, to: string) => ({ start: at(day, from), end: at(day, to) });

function customer({ mailboxes }: Population, email: string) {
  const entry = mailboxes.flat().find((one) => one.email === email);
  const name = [entry?.first, entry?.last].filter((part) => part !== undefined).join(' ');
  return { type: 'required', emailAddress: { address: email, name } };
}

function series(first: number): EventInput {
  const startDate = dayText(first);
  return {
    subject: SERIES,
    ...hours(startDate, '09:00', '09:30'),
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: ['wednesday'], firstDayOfWeek: 'monday' },
      range: { type: 'numbered', startDate, numberOfOccurrences: DATES, recurrenceTimeZone: ZONE.windows },
    },
  };
}

/**
 * What stands in the three calendars around `now` (milliseconds since 1970): meetings with people of the address books, one of
 * them over, a weekly series across the change of the clocks, whole days, and something private.
 */
export function createAgenda(population: Population, now: number): Agenda {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const on = (days: number, weekday: number): string => dayText(weekdayFrom(today + days * DAY_MS, weekday));
  const { cast } = population;
  const first = weekdayFrom(clockChange(today + (LEAD_DAYS + 4) * DAY_MS) - LEAD_DAYS * DAY_MS, TUESDAY + 1);
  const dateOf = (week: number): number => first + week * 7 * DAY_MS;
  const anna: readonly EventInput[] = [
    {
      subject: 'Kick-off with customers',
      ...hours(on(-10, TUESDAY), '14:00', '15:00'),
      attendees: [customer(population, cast.editedInCrm), customer(population, cast.editedInBoth)],
    },
    {
      subject: HEARING,
      ...hours(on(5, TUESDAY), '10:00', '11:30'),
      attendees: [cast.editedInOutlook, cast.editedInCrm, cast.contested].map((email) =>
        customer(population, email),
      ),
    },
    series(first),
    { subject: 'Dentist', ...hours(on(3, 1), '08:00', '08:45'), sensitivity: 'private' },
  ];
  const conference = weekdayFrom(today + 20 * DAY_MS, 4);
  const chloe: readonly EventInput[] = [
    {
      subject: 'Conference, Philadelphia',
      isAllDay: true,
      start: at(dayText(conference), '00:00'),
      end: at(dayText(conference + 2 * DAY_MS), '00:00'),
    },
  ];
  return {
    calendars: [anna, [{ subject: PLANNING, ...hours(on(6, 3), '13:00', '14:00') }], chloe],
    moved: { from: dayText(dateOf(1)), to: dayText(dateOf(1) + DAY_MS) },
    cancelled: dayText(dateOf(5)),
  };
}

/** Everything that calendars of the demo show is inside it. */
export const horizonOf = (now: number) => ({ start: now - 30 * DAY_MS, end: now + 365 * DAY_MS });

/** Writes it into the mailboxes as if it had been there for long: nobody is told. */
export function fillCalendars(
  microsoft365: Microsoft365Emulator,
  mailboxIds: readonly string[],
  { calendars, moved, cancelled }: Agenda,
): void {
  const { admin, oracle, clock } = microsoft365;
  calendars.forEach((events, index) => {
    admin.seedEvents(mailboxIds[index] ?? '', events);
  });
  const id = mailboxIds[ANNA] ?? '';
  const dates = oracle.instances(id, horizonOf(clock.now())).filter(({ subject }) => subject === SERIES);
  const dateOn = (day: string): string => dates.find((one) => one.day === day)?.id ?? '';
  admin.updateEvent(id, dateOn(moved.from), hours(moved.to, '16:00', '16:30'));
  admin.deleteEvent(id, dateOn(cancelled));
}
