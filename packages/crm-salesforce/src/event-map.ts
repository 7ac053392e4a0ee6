import {
  boundsOf,
  type EventTime,
  type EventWindow,
  type FieldSpec,
  type Fields,
  type FieldValue,
  formatWall,
  isAllDay,
  type StoreRecord,
} from '@tidelock/core';
import { buildBody, type Refusal } from '@tidelock/kit';
import { type EventShape, PEOPLE, REMINDER, SENSITIVITY, SHOW_AS, TIME } from './event-fields.ts';
import { type Guest, toPeople } from './event-guests.ts';
import { type Seen, SYSTEM, stringOf, textOf, toMono, toVersion } from './map.ts';
import { parseInstant, type Row } from './wire.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The longest event there is. */
const MOST_MS = 14 * DAY_MS;

/** How rows of Event become records of one opened store, and back. */
export interface EventView extends Seen {
  /** Properties that are read, all of them in `specs`. */
  readonly properties: readonly string[];
  readonly specs: EventShape['catalogue'];
  readonly shared: boolean;
  readonly userId: string;
  readonly window: EventWindow | undefined;
}

/** What a write needs of the event and the catalogue does not show. Kept in `StoreRecord.extra`. */
export interface EventExtra {
  readonly guests: readonly Guest[];
}

const TIMES = ['StartDateTime', 'EndDateTime', 'IsAllDayEvent'];
const REMINDERS = ['IsReminderSet', 'ReminderDateTime'];
const COMPOSED: Readonly<Record<string, readonly string[]>> = {
  [TIME]: TIMES,
  [PEOPLE]: [],
  [REMINDER]: REMINDERS,
};

/** The property that a column belongs to, for messages. */
export function toEventProperty(column: string): string {
  if (/^(Start|End|Activity)Date|^DurationInMinutes$|^IsAllDayEvent$/.test(column)) return TIME;
  if (REMINDERS.includes(column)) return REMINDER;
  return /^(Who|Relation)Id$/.test(column) ? PEOPLE : column;
}

export function toEventSelect(view: EventView, deleted = false): readonly string[] {
  const columns = view.properties.flatMap((property) => COMPOSED[property] ?? [property]);
  const stamp = view.stampField === null ? [] : [view.stampField];
  const fixed = [...SYSTEM, ...(deleted ? ['IsDeleted'] : []), ...TIMES, 'IsChild', 'IsRecurrence2'];
  return [...new Set([...fixed, ...stamp, ...columns])];
}

/** `end` is exclusive here; the service's all-day events end on their last day. */
function toTime(row: Row): EventTime | null {
  const [from, to] = [parseInstant(row.StartDateTime), parseInstant(row.EndDateTime)];
  if (from === undefined || to === undefined) return null;
  if (row.IsAllDayEvent !== true)
    return { kind: 'time', start: formatWall(from), end: formatWall(to), zone: 'UTC' };
  const day = (ms: number): string => formatWall(ms).slice(0, 10);
  return { kind: 'time', start: day(from), end: day(to + DAY_MS), zone: null };
}

function toReminder(row: Row): string | null {
  const [from, at] = [parseInstant(row.StartDateTime), parseInstant(row.ReminderDateTime)];
  if (row.IsReminderSet !== true || from === undefined || at === undefined) return null;
  return String(Math.max(0, Math.round((from - at) / MINUTE_MS)));
}

function toValue(row: Row, property: string, guests: readonly Guest[]): FieldValue {
  if (property === TIME) return toTime(row);
  if (property === PEOPLE) return toPeople(guests);
  if (property === REMINDER) return toReminder(row);
  if (property === 'ShowAs') return SHOW_AS[String(row.ShowAs)] ?? null;
  if (property === 'IsPrivate') return row.IsPrivate === true ? SENSITIVITY.private : SENSITIVITY.open;
  return textOf(row[property]);
}

export function toEventRecord(row: Row, view: EventView, guests: readonly Guest[]): StoreRecord {
  const fields: Record<string, FieldValue> = {};
  for (const property of view.properties) fields[property] = toValue(row, property, guests);
  const mono = toMono(row);
  const stamp = view.stampField === null ? undefined : textOf(row[view.stampField]);
  const createdAt = parseInstant(row.CreatedDate);
  const modifiedAt = parseInstant(row.LastModifiedDate);
  const extra: EventExtra = { guests };
  return {
    id: stringOf(row.Id),
    version: toVersion(mono, row, [fields, stamp]),
    mono,
    fields,
    ...(stamp === undefined ? {} : { stamp }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    modifiedBy: row.LastModifiedById === view.userId ? 'us' : 'other',
    owner: stringOf(row.OwnerId),
    // A write to one occurrence of a series changes all of it.
    ...(row.IsRecurrence2 === true ? { writable: false } : {}),
    extra,
  };
}

/** Does the event touch the window that the store was opened on? */
export function isInside(record: StoreRecord, { window }: EventView): boolean {
  const time = record.fields[TIME] as EventTime | null | undefined;
  if (window === undefined || !time) return true;
  const { from, to } = boundsOf(time);
  return from < Date.parse(`${window.to}T00:00:00Z`) && to > Date.parse(`${window.from}T00:00:00Z`) - 1;
}

export type EventBody = Record<string, string | boolean | null>;

const isTime = (value: FieldValue): value is EventTime =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'time';

const toInstantText = (ms: number): string => new Date(ms).toISOString();

function putTime(body: EventBody, value: FieldValue): boolean {
  if (!isTime(value)) return false;
  try {
    const { from, to } = boundsOf(value);
    const allDay = isAllDay(value);
    if (to < from || (allDay && to === from) || to - from > MOST_MS) return false;
    body.IsAllDayEvent = allDay;
    body.StartDateTime = toInstantText(from);
    body.EndDateTime = toInstantText(allDay ? to - DAY_MS : to);
    return true;
  } catch {
    return false;
  }
}

function putChoice(body: EventBody, property: string, value: FieldValue): boolean {
  if (property === 'IsPrivate') {
    body.IsPrivate = value === SENSITIVITY.private;
    return value === null || value === SENSITIVITY.open || value === SENSITIVITY.private;
  }
  const found = Object.entries(SHOW_AS).find(([, word]) => word === value)?.[0];
  body[property] = found ?? null;
  return value === null || found !== undefined;
}

function putText(body: EventBody, property: string, at: { spec: FieldSpec; value: FieldValue }): boolean {
  const { spec, value } = at;
  if (value !== null && typeof value !== 'string') return false;
  if (spec.type === 'date' && value && !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  body[property] = value === '' ? null : value;
  return true;
}

/** A reminder stands at a moment, so it moves with the start. */
function putReminder(body: EventBody, fields: Fields, before: Fields): boolean {
  const value = fields[REMINDER] === undefined ? (before[REMINDER] ?? null) : fields[REMINDER];
  if (value === null || value === '') {
    if (fields[REMINDER] !== undefined) Object.assign(body, { IsReminderSet: false, ReminderDateTime: null });
    return true;
  }
  const time = fields[TIME] ?? before[TIME];
  if (typeof value !== 'string' || !/^\d{1,7}$/.test(value) || !time || !isTime(time)) return false;
  body.IsReminderSet = true;
  body.ReminderDateTime = toInstantText(boundsOf(time).from - Number(value) * MINUTE_MS);
  return true;
}

/** The request body for these properties, people apart. `before`: of an update. */
export function toEventBody(
  fields: Fields,
  view: EventView,
  before: Fields = {},
): { body: EventBody; refusal: Refusal | null } {
  const built = buildBody<EventBody>(fields, {
    body: {},
    specs: view.specs,
    put(body, property, at) {
      if (property === TIME) return putTime(body, at.value);
      if (property === PEOPLE || property === REMINDER) return true;
      return at.spec.type === 'choice' ? putChoice(body, property, at.value) : putText(body, property, at);
    },
  });
  if (built.refusal !== null || (fields[TIME] === undefined && fields[REMINDER] === undefined)) return built;
  const kept = REMINDER in view.specs ? putReminder(built.body, fields, before) : true;
  return kept ? built : { ...built, refusal: { code: 'invalid', property: REMINDER } };
}
