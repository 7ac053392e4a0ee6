import {
  type Attendee,
  type EventTime,
  type FieldValue,
  formatWall,
  type People,
  toInstant,
  toWall,
} from '@tidelock/core';
import { splitBody } from './event-body.ts';
import { SENSITIVITIES, SHOW_AS } from './event-catalogue.ts';
import type { WireAttendee, WireEvent } from './event-wire.ts';
import { fromZoneName } from './event-zones.ts';

/** Values of one item by the catalogue's names; absent is unknown, null is blank. */
export type ItemFields = Readonly<Record<string, FieldValue | undefined>>;

const isText = (value: string | null | undefined): value is string =>
  typeof value === 'string' && value !== '';

export const blankToNull = (value: string | null | undefined): string | null | undefined =>
  value === undefined ? undefined : isText(value) ? value : null;

/** The zone in which a series, or a single event, keeps its wall time; null where its name stands for nothing. */
export const zoneOf = (wire: WireEvent): string | null =>
  fromZoneName(wire.recurrence?.range.recurrenceTimeZone ?? wire.originalStartTimeZone);

type WireTime = NonNullable<WireEvent['start']>;

/** Times come in UTC, unless another zone was asked for. */
function instantOf(time: WireTime): number | undefined {
  const zone = fromZoneName(time.timeZone) ?? 'UTC';
  try {
    return toInstant(time.dateTime.slice(0, 19), zone);
  } catch {
    return undefined;
  }
}

const dateOf = (time: WireTime): string => time.dateTime.slice(0, 10);

/** Start and end on the clocks of `zone`; dates of an all-day event are taken as they stand there. */
export function timeOf(wire: WireEvent, zone: string | null): EventTime | undefined {
  const { start, end, isAllDay } = wire;
  if (!start || !end) return undefined;
  if (isAllDay === true) return { kind: 'time', start: dateOf(start), end: dateOf(end), zone: null };
  const [from, to] = [instantOf(start), instantOf(end)];
  if (from === undefined || to === undefined) return undefined;
  const show = (instant: number): string => (zone === null ? formatWall(instant) : toWall(instant, zone));
  return { kind: 'time', start: show(from), end: show(to), zone };
}

const ROLES: Readonly<Record<string, Attendee['role']>> = { optional: 'optional', resource: 'resource' };
const RESPONSES: Readonly<Record<string, Attendee['response']>> = {
  accepted: 'accepted',
  tentativelyaccepted: 'tentative',
  declined: 'declined',
};

function toAttendee(wire: WireAttendee): Attendee | undefined {
  const email = wire.emailAddress?.address?.trim();
  if (email === undefined || email === '') return undefined;
  const name = wire.emailAddress?.name;
  return {
    email,
    ...(isText(name) && name !== email ? { name } : {}),
    role: ROLES[wire.type?.toLowerCase() ?? ''] ?? 'required',
    response: RESPONSES[wire.status?.response?.toLowerCase() ?? ''] ?? 'none',
  };
}

/** Everybody who has an address; the organizer is not among the attendees, and a list of nobody is blank. */
export function peopleOf(wire: WireEvent): People | null | undefined {
  if (wire.attendees === undefined) return undefined;
  const organizer = wire.organizer?.emailAddress?.address?.trim() || null;
  const attendees = (wire.attendees ?? [])
    .flatMap((each) => toAttendee(each) ?? [])
    .filter(({ email }) => email.toLowerCase() !== organizer?.toLowerCase());
  return attendees.length === 0 ? null : { kind: 'people', organizer, attendees };
}

const oneOf = (value: string | null | undefined, among: readonly string[]): string | null | undefined =>
  value === undefined ? undefined : (among.find((each) => each === value) ?? null);

function reminderOf({
  isReminderOn,
  reminderMinutesBeforeStart: minutes,
}: WireEvent): string | null | undefined {
  if (isReminderOn === undefined || minutes === undefined) return undefined;
  return isReminderOn === true && minutes !== null ? String(minutes) : null;
}

function categoriesOf({ categories }: WireEvent): readonly string[] | null | undefined {
  if (categories === undefined) return undefined;
  const kept = (categories ?? []).filter(isText);
  return kept.length === 0 ? null : kept;
}

export const joinUrlOf = (wire: WireEvent): string | null => wire.onlineMeeting?.joinUrl || null;

const bodyOf = (wire: WireEvent): string | null | undefined =>
  wire.body === undefined ? undefined : splitBody(wire.body?.content ?? '', joinUrlOf(wire)).text || null;

/** What an item says of itself, its occurrences apart. `zone`: on whose clocks its times are shown. */
export function fieldsOf(wire: WireEvent, zone: string | null): ItemFields {
  return {
    subject: blankToNull(wire.subject),
    location: wire.location === undefined ? undefined : blankToNull(wire.location?.displayName ?? null),
    body: bodyOf(wire),
    time: timeOf(wire, zone),
    people: peopleOf(wire),
    showAs: oneOf(wire.showAs, SHOW_AS),
    sensitivity: oneOf(wire.sensitivity, SENSITIVITIES),
    categories: categoriesOf(wire),
    reminder: reminderOf(wire),
    webLink: blankToNull(wire.webLink),
    joinUrl: wire.onlineMeeting === undefined ? undefined : joinUrlOf(wire),
  };
}
