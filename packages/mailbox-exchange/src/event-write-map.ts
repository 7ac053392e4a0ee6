import {
  type EventTime,
  type Exception,
  type Fields,
  type FieldValue,
  isAllDay,
  type People,
  type Recurrence,
  type StoreRecord,
} from '@tidelock/core';
import { joinBody, splitBody } from './event-body.ts';
import { joinUrlOf } from './event-fields.ts';
import type { EventExtra } from './event-map.ts';
import { toGraphRecurrence } from './event-rule.ts';
import type { WireEvent } from './event-wire.ts';
import { toZoneName } from './event-zones.ts';

/** The body to write lacks the block of the online meeting, and the present one shows none that could be kept. */
export class ProtectedBody extends Error {}

export const extraOf = (record: StoreRecord): EventExtra => record.extra as EventExtra;

const hasKind = <K extends string>(value: FieldValue | undefined, kind: K): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;

export const asTime = (value: FieldValue | undefined): EventTime | undefined =>
  hasKind(value, 'time') ? (value as EventTime) : undefined;

export const asRule = (value: FieldValue | undefined): Recurrence | undefined =>
  hasKind(value, 'recurrence') ? (value as Recurrence) : undefined;

export const asPeople = (value: FieldValue | undefined): People | undefined =>
  hasKind(value, 'people') ? (value as People) : undefined;

function writeTime(body: Record<string, unknown>, time: EventTime): void {
  const allDay = isAllDay(time);
  const show = (text: string) => ({
    dateTime: allDay ? `${text}T00:00:00` : text,
    timeZone: toZoneName(time.zone ?? 'UTC'),
  });
  body.start = show(time.start);
  body.end = show(time.end);
  body.isAllDay = allDay;
}

const textOr = (value: FieldValue | undefined, fallback: string): string =>
  typeof value === 'string' && value !== '' ? value : fallback;

/** The array is replaced whole. Those who stay keep the names that they are shown with. */
function writePeople(body: Record<string, unknown>, value: FieldValue, before: WireEvent | undefined): void {
  const names = new Map(
    (before?.attendees ?? []).map((each) => [
      each.emailAddress?.address?.toLowerCase(),
      each.emailAddress?.name,
    ]),
  );
  const { attendees = [] } = asPeople(value) ?? {};
  body.attendees = attendees.map(({ email, name, role }) => ({
    type: role,
    emailAddress: { address: email, name: name ?? names.get(email.toLowerCase()) ?? email },
  }));
}

/** Keeps the block of an online meeting byte for byte behind what is written. Throws `ProtectedBody` where it is not found. */
function writeBody(body: Record<string, unknown>, text: string, before: WireEvent | undefined): void {
  const content = before?.body?.content ?? '';
  const joinUrl = before === undefined ? null : joinUrlOf(before);
  const { block } = splitBody(content, joinUrl);
  const isOnline = before?.isOnlineMeeting === true || joinUrl !== null;
  if (isOnline && block === '') throw new ProtectedBody();
  body.body = { contentType: 'html', content: joinBody({ text, block }) };
}

function writeReminder(body: Record<string, unknown>, value: FieldValue): void {
  body.isReminderOn = typeof value === 'string' && value !== '';
  if (body.isReminderOn === true) body.reminderMinutesBeforeStart = Number(value);
}

type Writer = (body: Record<string, unknown>, value: FieldValue, before: WireEvent | undefined) => void;

const WRITERS: Readonly<Record<string, Writer>> = {
  subject: (body, value) => {
    body.subject = textOr(value, '');
  },
  location: (body, value) => {
    body.location = { displayName: textOr(value, '') };
  },
  body: (body, value, before) => writeBody(body, textOr(value, ''), before),
  time: (body, value) => {
    const time = asTime(value);
    if (time !== undefined) writeTime(body, time);
  },
  people: writePeople,
  showAs: (body, value) => {
    body.showAs = textOr(value, 'busy');
  },
  sensitivity: (body, value) => {
    body.sensitivity = textOr(value, 'normal');
  },
  categories: (body, value) => {
    body.categories = [...new Set(Array.isArray(value) ? value : [])];
  },
  reminder: writeReminder,
};

/** What the fields of a single event, a master or an exception are in a request. Throws `ProtectedBody`. */
export function toEventBody(
  patch: Fields | Exception,
  before: WireEvent | undefined,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, write] of Object.entries(WRITERS)) {
    const value = (patch as Fields)[name];
    if (value !== undefined) write(body, value, before);
  }
  return body;
}

/** The rule that a write sets, with the day it begins on: undefined where neither rule nor time of a series is written. */
function toRecurrence(patch: Fields, before: Fields): Record<string, unknown> | null | undefined {
  if (patch.recurrence === null) return null;
  const rule = asRule(patch.recurrence) ?? (patch.time === undefined ? undefined : asRule(before.recurrence));
  const time = asTime(patch.time) ?? asTime(before.time);
  return rule === undefined || time === undefined ? undefined : toGraphRecurrence(rule, time);
}

/** Body of a PATCH of a single event or master, or of a POST, without what only single occurrences have. Throws `ProtectedBody`. */
export function toGraphEvent(patch: Fields, before?: StoreRecord): Record<string, unknown> {
  const body = toEventBody(patch, before === undefined ? undefined : extraOf(before).wire);
  const recurrence = toRecurrence(patch, before?.fields ?? {});
  if (recurrence !== undefined && !(recurrence === null && before === undefined))
    body.recurrence = recurrence;
  // A series keeps its times in its own zone: both are sent, so that the rule begins on the day of its start.
  if (recurrence && body.start === undefined) {
    const time = asTime(before?.fields.time);
    if (time !== undefined) writeTime(body, time);
  }
  return body;
}
