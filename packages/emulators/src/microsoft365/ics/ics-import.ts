import { addEvent } from '../calendar/calendar-store.ts';
import { addressOf, type Desk } from '../calendar/desk.ts';
import type { EventContent } from '../calendar/event-content.ts';
import { settleTimes } from '../calendar/event-times.ts';
import { newUid } from '../calendar/global-id.ts';
import type { Calendar, StoredEvent } from '../calendar/stored-event.ts';
import type { DayNumber } from '../calendar-day.ts';
import { GraphFailure } from '../graph-error.ts';
import { isPatternDay } from '../series.ts';
import { toInstant, toWall, zoneOf } from '../zoned-time.ts';
import { type IcsComponent, IcsProblem, readComponents } from './ics-component.ts';
import { type IcsEvent, readEvent } from './ics-event.ts';
import type { IcsTime, TimeRules } from './ics-time.ts';
import { createZoneFinder } from './ics-zone.ts';

/** What of a file could not be taken over, and why. Lines count from 1. */
export interface IcsRefusal {
  readonly line: number;
  readonly reason: string;
}

export interface IcsImport {
  readonly events: readonly StoredEvent[];
  /** Events, and parts of other kinds, that stayed outside; a file that cannot be read stays outside as a whole. */
  readonly refused: readonly IcsRefusal[];
}

/** The date in the pattern that a time of the file names. */
function dayIn(time: IcsTime, master: EventContent): DayNumber {
  if (time.isDate) return time.wall.day;
  return toWall(toInstant(time.time.wall, time.time.zone), master.start.zone).day;
}

const OVERRIDES = [
  'subject',
  'body',
  'importance',
  'sensitivity',
  'showAs',
  'categories',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'locations',
  'attendees',
  'isCancelled',
  'start',
  'end',
] as const;

/** What the date has of its own. */
function overrides(own: EventContent, master: EventContent, day: DayNumber): Partial<EventContent> {
  const length = master.end.wall.day - master.start.wall.day;
  const pattern: EventContent = {
    ...master,
    start: { ...master.start, wall: { day, ms: master.start.wall.ms } },
    end: { ...master.end, wall: { day: day + length, ms: master.end.wall.ms } },
  };
  const changed = OVERRIDES.filter((name) => JSON.stringify(own[name]) !== JSON.stringify(pattern[name]));
  return Object.freeze(Object.fromEntries(changed.map((name) => [name, own[name]])));
}

/** A series with those of its dates that the file changes or leaves out. */
interface Group {
  readonly master: IcsEvent;
  readonly dates: readonly IcsEvent[];
}

/** Dates whose series is not in the file stand for themselves. */
function groupsOf(events: readonly IcsEvent[]): readonly Group[] {
  const masters = new Map<string, { master: IcsEvent; dates: IcsEvent[] }>();
  const alone: Group[] = [];
  for (const event of events) {
    const isSeries = event.uid !== undefined && event.content.recurrence !== null && !masters.has(event.uid);
    if (isSeries && event.uid !== undefined) masters.set(event.uid, { master: event, dates: [] });
  }
  for (const event of events) {
    const series = masters.get(event.uid ?? '');
    if (series?.master === event) continue;
    if (series !== undefined && event.recurrenceId !== undefined) series.dates.push(event);
    else alone.push({ master: event, dates: [] });
  }
  return [...masters.values(), ...alone];
}

function settled(event: IcsEvent): EventContent {
  try {
    return settleTimes(event.content, { raw: undefined, before: event.content });
  } catch (error) {
    if (error instanceof GraphFailure) throw new IcsProblem(event.line, error.message);
    throw error;
  }
}

function datesOf(
  { master, dates }: Group,
  content: EventContent,
): Pick<StoredEvent, 'exceptions' | 'cancelled'> {
  const { recurrence } = content;
  if (recurrence === null) return { exceptions: new Map(), cancelled: new Set() };
  const excluded = master.excluded.map((time) => dayIn(time, content));
  const cancelled = new Set(excluded.filter((day) => isPatternDay(recurrence, day)));
  const exceptions = new Map<DayNumber, Partial<EventContent>>();
  for (const { recurrenceId, content: own, line } of dates) {
    const day = recurrenceId === undefined ? 0 : dayIn(recurrenceId, content);
    if (!isPatternDay(recurrence, day))
      throw new IcsProblem(line, 'RECURRENCE-ID names a time at which the series has no date');
    cancelled.delete(day);
    exceptions.set(day, overrides(own, content, day));
  }
  return { exceptions, cancelled };
}

function store(desk: Desk, calendar: Calendar, group: Group): StoredEvent {
  const { user, world, at } = desk;
  const { uid = newUid(world.random, at), organizer } = group.master;
  const me = addressOf(user);
  const isOrganizer = organizer === undefined || organizer.address.toLowerCase() === me.address.toLowerCase();
  const content = settled(group.master);
  const response = isOrganizer ? content.response : ({ response: 'notResponded', at: null } as const);
  return addEvent(user.mailbox.calendar, calendar, {
    content: { ...content, response },
    extended: new Map(),
    uid,
    organizer: Object.freeze(isOrganizer ? me : organizer),
    isOrganizer,
    at,
    ...datesOf(group, content),
  });
}

const OTHER = new Set(['VTIMEZONE', 'VALARM']);

/** What gathers while a file is taken in. */
interface Intake {
  readonly desk: Desk;
  readonly calendar: Calendar;
  readonly refused: IcsRefusal[];
}

function attempt<T>({ refused }: Intake, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof IcsProblem)) throw error;
    refused.push({ line: error.line, reason: error.reason });
    return undefined;
  }
}

function takeIn(intake: Intake, component: IcsComponent): readonly StoredEvent[] {
  if (component.name !== 'VCALENDAR') {
    intake.refused.push({ line: component.line, reason: `${component.name} is no calendar` });
    return [];
  }
  const { desk, calendar, refused } = intake;
  const { timeZone } = desk.user;
  const rules: Omit<TimeRules, 'isSeries'> = {
    find: createZoneFinder(component),
    floating: { timeZone, zone: zoneOf(timeZone) },
  };
  const others = component.parts.filter(({ name }) => name !== 'VEVENT' && !OTHER.has(name));
  for (const { name, line } of others)
    refused.push({ line, reason: `${name} is no event: only events are taken over` });
  const events = component.parts
    .filter(({ name }) => name === 'VEVENT')
    .map((part) => attempt(intake, () => readEvent(part, rules, desk.at)))
    .filter((event) => event !== undefined);
  const stored = groupsOf(events).map((group) => attempt(intake, () => store(desk, calendar, group)));
  return stored.filter((event) => event !== undefined);
}

/** Takes the events of an iCalendar file into a calendar, as Outlook does: nobody is told. Never throws for what a file holds. */
export function importIcs(desk: Desk, calendar: Calendar, text: string): IcsImport {
  const intake: Intake = { desk, calendar, refused: [] };
  const components = attempt(intake, () => readComponents(text)) ?? [];
  const events = components.flatMap((component) => takeIn(intake, component));
  if (events.length === 0 && intake.refused.length === 0)
    intake.refused.push({ line: components[0]?.line ?? 1, reason: 'the file holds no event' });
  return { events, refused: intake.refused };
}
