import {
  type EventTime,
  type Exception,
  type Fields,
  type FieldValue,
  formatWall,
  isAllDay,
  OCCURRENCE_FIELDS,
  type Occurrences,
  occurrenceKey,
  parseWall,
  type Recurrence,
  type StoreRecord,
  toWall,
} from '@tidelock/core';
import { STAMP_NAME } from './config.ts';
import { toMillis, toMono } from './dates.ts';
import { blankToNull, fieldsOf, type ItemFields, zoneOf } from './event-fields.ts';
import { fromGraphRecurrence } from './event-rule.ts';
import { WireEvent } from './event-wire.ts';

/** What a write needs of an event and the catalogue does not show. Kept in `StoreRecord.extra`. */
export interface EventExtra {
  readonly wire: WireEvent;
  /** Ids of the occurrences that are exceptions now, by occurrence key. */
  readonly exceptionIds: Readonly<Record<string, string>>;
}

const DAY = /(\d{4}-\d{2}-\d{2})$/;

const isTime = (value: FieldValue | undefined): value is EventTime =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'time';

interface SeriesShape {
  readonly time: EventTime;
  readonly recurrence: Recurrence;
}

/** On which clocks the rule counts its days. */
const clocksOf = ({ time, recurrence }: SeriesShape): string => recurrence.zone ?? time.zone ?? 'UTC';

/** The time that the rule gives the occurrence with this key. */
export function ruleTime(series: SeriesShape, key: string): EventTime {
  const { time } = series;
  const length = (parseWall(time.end) ?? 0) - (parseWall(time.start) ?? 0);
  if (isAllDay(time)) {
    const end = new Date((parseWall(key) ?? 0) + length).toISOString().slice(0, 10);
    return { kind: 'time', start: key, end, zone: null };
  }
  const start = toWall(Date.parse(key), clocksOf(series));
  const end = formatWall((parseWall(start) ?? 0) + length);
  return { kind: 'time', start, end, zone: time.zone };
}

/** Key of an exception, from the start that the rule gave it. */
function exceptionKey(wire: WireEvent, series: SeriesShape): string | undefined {
  const at = toMillis(wire.originalStart);
  if (at === undefined) return undefined;
  const utc = formatWall(at);
  return isAllDay(series.time) ? utc.slice(0, 10) : `${utc}Z`;
}

/** Key of a cancelled occurrence, from `OID.{master}.{date in the zone of the series}`. */
function cancelledKey(occurrenceId: string, series: SeriesShape): string | undefined {
  const date = DAY.exec(occurrenceId)?.[1];
  if (date === undefined) return undefined;
  const { time } = series;
  return isAllDay(time) ? date : occurrenceKey(`${date}${time.start.slice(10)}`, clocksOf(series));
}

const same = (one: FieldValue | undefined, other: FieldValue | undefined): boolean =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** What an occurrence shows otherwise than its series. */
function differing(own: ItemFields, of: { fields: ItemFields; series: SeriesShape; key: string }): Exception {
  const expected: ItemFields = { ...of.fields, time: ruleTime(of.series, of.key) };
  const fields = OCCURRENCE_FIELDS.filter(
    (name) => own[name] !== undefined && !same(own[name], expected[name]),
  );
  return Object.fromEntries(fields.map((name) => [name, own[name]])) as Exception;
}

interface Children {
  readonly occurrences: Occurrences | null;
  readonly exceptionIds: Readonly<Record<string, string>>;
}

function childrenOf(wire: WireEvent, fields: ItemFields, series: SeriesShape): Children {
  const byStart: Record<string, 'cancelled' | Exception> = {};
  const exceptionIds: Record<string, string> = {};
  for (const id of wire.cancelledOccurrences ?? []) {
    const key = cancelledKey(id, series);
    if (key !== undefined) byStart[key] = 'cancelled';
  }
  for (const item of wire.exceptionOccurrences ?? []) {
    const exception = WireEvent.safeParse(item).data;
    const key = exception === undefined ? undefined : exceptionKey(exception, series);
    if (exception === undefined || key === undefined) continue;
    exceptionIds[key] = exception.id;
    const own = differing(fieldsOf(exception, series.time.zone), { fields, series, key });
    if (Object.keys(own).length > 0) byStart[key] = own;
  }
  const none = Object.keys(byStart).length === 0;
  return { occurrences: none ? null : { kind: 'occurrences', byStart }, exceptionIds };
}

/** `whole`: the item was read with its occurrences, so that what it does not name is not there. */
function seriesFields(
  wire: WireEvent,
  fields: ItemFields,
  whole: boolean,
): Children & { fields: ItemFields } {
  const { time } = fields;
  const none = { occurrences: null, exceptionIds: {} };
  if (wire.recurrence === undefined) return { ...none, fields };
  const recurrence =
    wire.recurrence === null || !isTime(time)
      ? undefined
      : fromGraphRecurrence(wire.recurrence, { zone: time.zone, allDay: isAllDay(time) });
  if (recurrence === undefined || !isTime(time))
    return { ...none, fields: { ...fields, recurrence: null, occurrences: null } };
  if (!whole) return { ...none, fields: { ...fields, recurrence } };
  const children = childrenOf(wire, fields, { time, recurrence });
  return { ...children, fields: { ...fields, recurrence, occurrences: children.occurrences } };
}

const defined = (fields: ItemFields): Fields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** The latest modification of a series or of any exception of it. */
function monoOf(wire: WireEvent): string | undefined {
  const own = toMono(wire.lastModifiedDateTime);
  const others = (wire.exceptionOccurrences ?? []).map((item) =>
    toMono(WireEvent.safeParse(item).data?.lastModifiedDateTime),
  );
  return [own, ...others].reduce(
    (latest, each) => (each !== undefined && each > (latest ?? '') ? each : latest),
    own,
  );
}

export const versionOf = (wire: WireEvent): string | undefined =>
  wire['@odata.etag'] ?? (wire.changeKey ? `W/"${wire.changeKey}"` : undefined);

function stampOf(wire: WireEvent, namespace: string): string | null {
  const id = `String {${namespace}} Name ${STAMP_NAME}`.toLowerCase();
  const held = wire.singleValueExtendedProperties?.find((each) => each.id.toLowerCase() === id)?.value;
  return held ? held.toLowerCase() : null;
}

export interface EventSource {
  readonly namespace: string;
  /** The answer was asked for the extended properties, so a missing one is blank. */
  readonly extended: boolean;
  /** The answer holds a series with its exceptions and cancelled occurrences. */
  readonly whole: boolean;
}

/** A single event or a whole series; undefined when it has no version or no modification time, which the service always gives. */
export function toEventRecord(wire: WireEvent, source: EventSource): StoreRecord | undefined {
  const version = versionOf(wire);
  const mono = monoOf(wire);
  if (version === undefined || mono === undefined) return undefined;
  const createdAt = toMillis(wire.createdDateTime);
  const modifiedAt = toMillis(mono);
  const { fields, exceptionIds } = seriesFields(wire, fieldsOf(wire, zoneOf(wire)), source.whole);
  const extra: EventExtra = { wire, exceptionIds };
  return {
    id: wire.id,
    version,
    mono,
    fields: defined({ ...fields, uid: blankToNull(wire.iCalUId) }),
    ...(source.extended ? { stamp: stampOf(wire, source.namespace) } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(wire.isOrganizer === false ? { writable: false } : {}),
    ...(wire.iCalUId ? { shared: wire.iCalUId } : {}),
    extra,
  };
}
