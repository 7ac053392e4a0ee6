import { createHash } from 'node:crypto';
import {
  boundsOf,
  type EventTime,
  type EventWindow,
  type Fields,
  type FieldValue,
  formatWall,
  isAllDay,
  type StoreRecord,
} from '@tidelock/core';
import { buildBody, type Refusal } from '@tidelock/kit';
import { ATTENDING_OWNERS, END, PEOPLE, PLACE, START, TIME } from './event-fields.ts';
import { type Guest, toPeople } from './event-guests.ts';
import { type Body, type ObjectKind, OWNER, textOf, toMono, type View } from './map.ts';
import { parseInstant, type WireContact } from './wire.ts';

const DAY_MS = 86_400_000;

export interface EventView extends View {
  /** Null: nobody has made it, so there are no days here, only times. */
  readonly allDayProperty: string | null;
  readonly window: EventWindow | undefined;
}

/** What a write needs of a meeting and the catalogue does not show. Kept in `StoreRecord.extra`. */
export interface EventExtra {
  readonly guests: readonly Guest[];
}

const TIMES: readonly string[] = [START, END, PLACE];

export const toMeetings = (allDayProperty: string | null): ObjectKind => ({
  type: 'meetings',
  modified: 'hs_lastmodifieddate',
  created: 'hs_createdate',
  content: false,
  toNames({ properties, stampProperty }) {
    const own = properties.filter((property) => property !== TIME && property !== PEOPLE);
    const marker = allDayProperty === null ? [] : [allDayProperty];
    return [...new Set([...own, ...TIMES, ATTENDING_OWNERS, ...marker, stampProperty, OWNER])];
  },
  toProperty(name) {
    if (TIMES.includes(name) || name === allDayProperty) return TIME;
    return name === ATTENDING_OWNERS ? PEOPLE : name;
  },
});

const momentOf = (text: string | null | undefined): number | undefined =>
  /^\d{1,15}$/.test(text ?? '') ? Number(text) : parseInstant(text);

/** Days only where the mark says so and both ends are still midnights: somebody may have moved the meeting since. */
function toTime({ properties }: WireContact, { allDayProperty }: EventView): EventTime | null {
  const from = momentOf(properties[START]) ?? momentOf(properties[PLACE]);
  if (from === undefined) return null;
  const to = Math.max(from, momentOf(properties[END]) ?? from);
  const marked = allDayProperty !== null && properties[allDayProperty] === 'true';
  if (!marked || from % DAY_MS !== 0 || to % DAY_MS !== 0 || to === from)
    return { kind: 'time', start: formatWall(from), end: formatWall(to), zone: 'UTC' };
  const day = (ms: number): string => formatWall(ms).slice(0, 10);
  return { kind: 'time', start: day(from), end: day(to), zone: null };
}

function toValue(meeting: WireContact, property: string, view: EventView): FieldValue | undefined {
  if (property === TIME) return toTime(meeting, view);
  const value = meeting.properties[property];
  return value === undefined ? undefined : textOf(value);
}

/** People are objects of their own: they move no stamp of the meeting, so they are part of its version. */
function toVersion(mono: string, guests: readonly Guest[]): string {
  const text = JSON.stringify(guests.map(({ kind, id, email }) => [kind, id, email]));
  return `${mono}|${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
}

export function toEventRecord(meeting: WireContact, view: EventView, guests: readonly Guest[]): StoreRecord {
  const fields: Record<string, FieldValue> = {};
  for (const property of view.properties) {
    const value = property === PEOPLE ? toPeople(guests) : toValue(meeting, property, view);
    if (value !== undefined) fields[property] = value;
  }
  const mono = toMono(meeting);
  const createdAt = parseInstant(meeting.createdAt);
  const modifiedAt = parseInstant(meeting.updatedAt);
  const stamp = meeting.properties[view.stampProperty];
  const owner = textOf(meeting.properties[OWNER]);
  const extra: EventExtra = { guests };
  return {
    id: meeting.id,
    version: toVersion(mono, guests),
    mono,
    fields,
    ...(stamp === undefined ? {} : { stamp: textOf(stamp) }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(owner === null ? {} : { owner }),
    extra,
  };
}

/** Does the meeting touch the window that the store was opened on? */
export function isInside(meeting: WireContact, view: EventView): boolean {
  const time = toTime(meeting, view);
  const { window } = view;
  if (window === undefined || time === null) return true;
  const { from, to } = boundsOf(time);
  return from < Date.parse(`${window.to}T00:00:00Z`) && to > Date.parse(`${window.from}T00:00:00Z`) - 1;
}

const isTime = (value: FieldValue): value is EventTime =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'time';

function putTime(body: Body, value: FieldValue, allDayProperty: string | null): boolean {
  if (!isTime(value)) return false;
  try {
    const { from, to } = boundsOf(value);
    const allDay = isAllDay(value);
    if (to < from || (allDay && to === from)) return false;
    const start = new Date(from).toISOString();
    Object.assign(body, { [PLACE]: start, [START]: start, [END]: new Date(to).toISOString() });
    if (allDayProperty !== null) body[allDayProperty] = allDay ? 'true' : '';
    return true;
  } catch {
    return false;
  }
}

/** The properties to send, people apart. */
export function toEventBody(fields: Fields, view: EventView): { body: Body; refusal: Refusal | null } {
  const { allDayProperty } = view;
  const time = fields[TIME];
  if (allDayProperty === null && time !== undefined && isTime(time) && isAllDay(time))
    return { body: {}, refusal: { code: 'unsupported', property: TIME } };
  return buildBody<Body>(fields, {
    body: {},
    specs: view.specs,
    put(body, property, { value }) {
      if (property === TIME) return putTime(body, value, allDayProperty);
      if (property === PEOPLE) return true;
      if (value !== null && typeof value !== 'string') return false;
      body[property] = value ?? '';
      return true;
    },
  });
}
