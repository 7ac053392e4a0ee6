import {
  type Attendee,
  boundsOf,
  canonicalRecurrence,
  canonicalZone,
  type EventTime,
  type EventValue,
  type Exception,
  type FieldType,
  type FieldValue,
  isAllDay,
  OCCURRENCE_FIELDS,
  type OccurrenceField,
  type Occurrences,
  type People,
  type Recurrence,
} from '@tidelock/core';
import { toOrderedJson } from './ordered-json.ts';

/** How the fields of an exception are compared. */
export const CHILD_TYPES: Readonly<Record<OccurrenceField, FieldType>> = {
  time: 'time',
  subject: 'text',
  location: 'text',
  body: 'html',
  people: 'people',
  showAs: 'choice',
  sensitivity: 'choice',
  categories: 'set',
  reminder: 'minutes',
};

/** Cleans and keys values of other types: children have values of all of them. */
export interface ChildCanon {
  clean(type: FieldType, value: FieldValue | undefined): FieldValue;
  key(type: FieldType, value: FieldValue): string;
}

export const isEventValue = (value: FieldValue | undefined): value is EventValue =>
  typeof value === 'object' && value !== null && 'kind' in value;

function cleanTime(value: EventTime): EventTime {
  if (isAllDay(value)) return { kind: 'time', start: value.start, end: value.end, zone: null };
  const zone = value.zone === null ? null : (canonicalZone(value.zone) ?? value.zone);
  return { kind: 'time', start: value.start, end: value.end, zone };
}

function cleanRecurrence(value: Recurrence): Recurrence {
  const zone = value.zone === null ? null : (canonicalZone(value.zone) ?? value.zone);
  return canonicalRecurrence({ ...value, zone });
}

function cleanException(value: Exception, canon: ChildCanon): Exception {
  const fields = OCCURRENCE_FIELDS.filter((field) => value[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, canon.clean(CHILD_TYPES[field], value[field])]));
}

/** Exceptions that differ in nothing are none. */
function cleanOccurrences(value: Occurrences, canon: ChildCanon): Occurrences | null {
  const byStart: Record<string, 'cancelled' | Exception> = {};
  for (const key of Object.keys(value.byStart).sort()) {
    const child = value.byStart[key];
    if (child === undefined) continue;
    const clean = child === 'cancelled' ? child : cleanException(child, canon);
    if (clean === 'cancelled' || Object.keys(clean).length > 0) byStart[key] = clean;
  }
  return Object.keys(byStart).length === 0 ? null : { kind: 'occurrences', byStart };
}

/** The organizer is not among the attendees; one address is one attendee. */
function cleanPeople(value: People): People | null {
  const organizer = value.organizer?.trim() || null;
  const byAddress = new Map<string, Attendee>();
  for (const attendee of value.attendees) {
    const email = attendee.email.trim();
    const key = email.toLowerCase();
    if (key === '' || key === organizer?.toLowerCase() || byAddress.has(key)) continue;
    byAddress.set(key, email === attendee.email ? attendee : { ...attendee, email });
  }
  if (byAddress.size === 0) return null;
  const attendees = [...byAddress].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, attendee]) => attendee);
  return { kind: 'people', organizer, attendees };
}

/** The canonical form of a value that only events have. Idempotent. */
export function cleanEventValue(value: EventValue, canon: ChildCanon): FieldValue {
  if (value.kind === 'time') return cleanTime(value);
  if (value.kind === 'recurrence') return cleanRecurrence(value);
  return value.kind === 'people' ? cleanPeople(value) : cleanOccurrences(value, canon);
}

function timeKey(value: EventTime): string {
  if (isAllDay(value)) return `day ${value.start} ${value.end}`;
  try {
    const { from, to } = boundsOf(value);
    return `at ${from} ${to}`;
  } catch {
    return toOrderedJson(value);
  }
}

/** Where a week begins says nothing as long as no week is left out. */
function recurrenceKey(value: Recurrence): string {
  const { weekStart: _, ...rest } = value;
  return toOrderedJson(value.every === 'week' && value.interval > 1 ? value : rest);
}

const peopleKey = ({ organizer, attendees }: People): string =>
  [
    organizer?.toLowerCase() ?? '',
    ...attendees.map(({ email, role, response }) => `${email.toLowerCase()} ${role} ${response}`),
  ].join('\n');

/** Comparison key of one child; equal for children that say the same. */
export function childKey(child: 'cancelled' | Exception | undefined, canon: ChildCanon): string {
  if (child === undefined || child === 'cancelled') return child ?? '';
  return OCCURRENCE_FIELDS.filter((field) => child[field] !== undefined)
    .map((field) => `${field} ${canon.key(CHILD_TYPES[field], child[field] ?? null)}`)
    .join('\u0002');
}

/** Comparison key of a clean value that only events have. */
export function eventKey(value: EventValue, canon: ChildCanon): string {
  if (value.kind === 'time') return timeKey(value);
  if (value.kind === 'recurrence') return recurrenceKey(value);
  if (value.kind === 'people') return peopleKey(value);
  return Object.entries(value.byStart)
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, child]) => `${key}\u0003${childKey(child, canon)}`)
    .join('\u0004');
}
