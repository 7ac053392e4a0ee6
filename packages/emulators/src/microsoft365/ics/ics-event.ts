import { toStoredHtml, toStoredText } from '../calendar/event-body.ts';
import {
  ATTENDEE_TYPES,
  type Attendee,
  type AttendeeType,
  type EventContent,
  type Location,
  NEW_EVENT,
  type ResponseType,
  type ShowAs,
} from '../calendar/event-content.ts';
import {
  type IcsComponent,
  IcsProblem,
  type IcsProperty,
  paramOf,
  propertiesOf,
  propertyOf,
  textOf,
} from './ics-component.ts';
import { readRule } from './ics-rule.ts';
import { type IcsTime, readDuration, readTime, type TimeRules } from './ics-time.ts';

/** A VEVENT in the terms of the calendar. */
export interface IcsEvent {
  readonly line: number;
  readonly uid: string | undefined;
  readonly content: EventContent;
  readonly start: IcsTime;
  /** Undefined where the file names none. */
  readonly organizer: { readonly name: string; readonly address: string } | undefined;
  /** The date or time in the pattern that this one stands for. */
  readonly recurrenceId: IcsTime | undefined;
  readonly excluded: readonly IcsTime[];
}

const addressIn = ({ values }: IcsProperty): string | undefined => {
  const address = String(values[0] ?? '')
    .replace(/^mailto:/i, '')
    .trim();
  return /^[^\s@]+@[^\s@]+$/.test(address) ? address : undefined;
};

const PARTSTAT: Readonly<Record<string, ResponseType>> = {
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  TENTATIVE: 'tentativelyAccepted',
};

function roleOf(property: IcsProperty): AttendeeType {
  const kind = (paramOf(property, 'cutype') ?? '').toUpperCase();
  const role = (paramOf(property, 'role') ?? '').toUpperCase();
  if (kind === 'ROOM' || kind === 'RESOURCE' || role === 'NON-PARTICIPANT') return ATTENDEE_TYPES[2];
  return role === 'OPT-PARTICIPANT' ? ATTENDEE_TYPES[1] : ATTENDEE_TYPES[0];
}

function toAttendee(property: IcsProperty, at: number): Attendee {
  const address = addressIn(property);
  const name = paramOf(property, 'cn') ?? address ?? String(property.values[0] ?? '');
  const response = PARTSTAT[(paramOf(property, 'partstat') ?? '').toUpperCase()];
  return Object.freeze({
    type: roleOf(property),
    emailAddress: Object.freeze({ name, address }),
    status: Object.freeze(response === undefined ? { response: 'none', at: null } : { response, at }),
    proposedNewTime: undefined,
  });
}

function showAsOf(component: IcsComponent): ShowAs {
  const own = textOf(component, 'x-microsoft-cdo-busystatus').toUpperCase();
  const known: Readonly<Record<string, ShowAs>> = {
    FREE: 'free',
    TENTATIVE: 'tentative',
    BUSY: 'busy',
    OOF: 'oof',
  };
  const found = known[own];
  if (found !== undefined) return found;
  if (textOf(component, 'transp').toUpperCase() === 'TRANSPARENT') return 'free';
  return textOf(component, 'status').toUpperCase() === 'TENTATIVE' ? 'tentative' : 'busy';
}

function importanceOf(component: IcsComponent): EventContent['importance'] {
  const priority = Number(propertyOf(component, 'priority')?.values[0] ?? 0);
  if (priority >= 1 && priority <= 4) return 'high';
  return priority >= 6 && priority <= 9 ? 'low' : 'normal';
}

const SENSITIVITY: Readonly<Record<string, EventContent['sensitivity']>> = {
  PRIVATE: 'private',
  CONFIDENTIAL: 'confidential',
};

function placeOf(component: IcsComponent): readonly Location[] {
  const displayName = textOf(component, 'location');
  if (displayName === '') return [];
  const geo = propertyOf(component, 'geo')?.values[0];
  const [latitude, longitude] = Array.isArray(geo) ? geo.map(Number) : [];
  const isPlace = latitude !== undefined && longitude !== undefined && !Number.isNaN(latitude + longitude);
  const coordinates: Location['coordinates'] = isPlace ? { latitude, longitude } : {};
  return [
    Object.freeze({
      displayName,
      address: {},
      coordinates,
      locationUri: undefined,
      locationEmailAddress: undefined,
    }),
  ];
}

/** The first alarm that goes off before the event begins, in minutes. */
function reminderOf(
  component: IcsComponent,
): Pick<EventContent, 'isReminderOn' | 'reminderMinutesBeforeStart'> {
  for (const alarm of component.parts.filter(({ name }) => name === 'VALARM')) {
    const trigger = propertyOf(alarm, 'trigger');
    const isBefore = trigger?.type === 'duration' && /^-?P/.test(String(trigger.values[0]));
    if (trigger === undefined || !isBefore || paramOf(trigger, 'related')?.toUpperCase() === 'END') continue;
    const positive = { ...trigger, values: [String(trigger.values[0]).replace(/^-/, '')] };
    const { days, ms } = readDuration(positive);
    const minutes = days * 1440 + Math.floor(ms / 60_000);
    if (String(trigger.values[0]).startsWith('-') || minutes === 0)
      return { isReminderOn: true, reminderMinutesBeforeStart: minutes };
  }
  return { isReminderOn: false, reminderMinutesBeforeStart: 15 };
}

function bodyOf(component: IcsComponent): string {
  const rich = propertiesOf(component, 'x-alt-desc').find((each) =>
    /html/i.test(paramOf(each, 'fmttype') ?? ''),
  );
  const html = rich?.values[0];
  if (typeof html === 'string')
    return toStoredHtml(html.replaceAll('\\n', '\n').replace(/\\([,;\\])/g, '$1'));
  return toStoredText(textOf(component, 'description'));
}

function endOf(component: IcsComponent, start: IcsTime, rules: TimeRules): EventContent['end'] {
  const end = propertyOf(component, 'dtend');
  if (end !== undefined) {
    const read = readTime(end, end.values[0], rules);
    if (read.isDate !== start.isDate)
      throw new IcsProblem(end.line, 'DTEND is a date where DTSTART is a time, or the other way round');
    const isSame = read.isDate && read.wall.day === start.wall.day;
    return isSame ? { ...read.time, wall: { day: read.wall.day + 1, ms: 0 } } : read.time;
  }
  const duration = propertyOf(component, 'duration');
  const none = { days: start.isDate ? 1 : 0, ms: 0 };
  const { days, ms } = duration === undefined ? none : readDuration(duration);
  const { day, ms: from } = start.wall;
  const over = Math.floor((from + ms) / 86_400_000);
  return { ...start.time, wall: { day: day + days + over, ms: from + ms - over * 86_400_000 } };
}

function recurrenceOf(component: IcsComponent, start: IcsTime): EventContent['recurrence'] {
  const [rule, second] = propertiesOf(component, 'rrule');
  const extra = ['rdate', 'exrule'].flatMap((name) => [...propertiesOf(component, name)]);
  const more = second ?? extra.find(({ values }) => values.some((value) => /\d/.test(String(value))));
  if (more !== undefined)
    throw new IcsProblem(
      more.line,
      `${more.name.toUpperCase()} cannot be kept in an Exchange calendar: a series has one pattern`,
    );
  return rule === undefined ? null : readRule(rule, start);
}

const timesOf = (component: IcsComponent, name: string, rules: TimeRules): readonly IcsTime[] =>
  propertiesOf(component, name).flatMap((property) =>
    property.values.map((value) => readTime(property, value, rules)),
  );

function organizerOf(component: IcsComponent): IcsEvent['organizer'] {
  const property = propertyOf(component, 'organizer');
  const address = property === undefined ? undefined : addressIn(property);
  if (property === undefined || address === undefined) return undefined;
  return Object.freeze({ name: paramOf(property, 'cn') ?? address, address });
}

/** `at`: when it is imported, milliseconds since 1970. Throws IcsProblem. */
export function readEvent(component: IcsComponent, of: Omit<TimeRules, 'isSeries'>, at: number): IcsEvent {
  const rules: TimeRules = { ...of, isSeries: propertyOf(component, 'rrule') !== undefined };
  const from = propertyOf(component, 'dtstart');
  if (from === undefined) throw new IcsProblem(component.line, 'the event has no DTSTART');
  const start = readTime(from, from.values[0], rules);
  const recurrence = recurrenceOf(component, start);
  const content: EventContent = {
    ...NEW_EVENT,
    ...reminderOf(component),
    subject: textOf(component, 'summary'),
    body: bodyOf(component),
    start: start.time,
    end: endOf(component, start, rules),
    isAllDay: start.isDate,
    recurrence,
    importance: importanceOf(component),
    sensitivity: SENSITIVITY[textOf(component, 'class').toUpperCase()] ?? 'normal',
    showAs: showAsOf(component),
    categories: [
      ...new Set(propertiesOf(component, 'categories').flatMap(({ values }) => values.map(String))),
    ],
    locations: placeOf(component),
    attendees: propertiesOf(component, 'attendee').map((property) => toAttendee(property, at)),
    isCancelled: textOf(component, 'status').toUpperCase() === 'CANCELLED',
  };
  const [recurrenceId] = timesOf(component, 'recurrence-id', rules);
  return {
    line: component.line,
    uid: textOf(component, 'uid') || undefined,
    content,
    start,
    organizer: organizerOf(component),
    recurrenceId,
    excluded: timesOf(component, 'exdate', rules),
  };
}
