import { type DayNumber, formatDay, parseDay } from './day.ts';
import type { EventTime, Exception, Occurrences, Recurrence } from './event.ts';
import { recurrenceDays } from './recurrence.ts';
import { formatWall, parseWall, toInstant, toWall } from './zone.ts';

const DAY_MS = 86_400_000;

export interface Series {
  readonly time: EventTime;
  readonly recurrence: Recurrence;
  readonly occurrences: Occurrences | null;
}

/** One occurrence as a calendar shows it. */
export interface Occurrence {
  /** Key of the occurrence in its series: see `Occurrences`. */
  readonly key: string;
  readonly time: EventTime;
  /** Milliseconds since the epoch; dates of all-day occurrences as midnights in UTC. */
  readonly from: number;
  readonly to: number;
  /** What it shows differently from its series; null = it is as the rule makes it. */
  readonly exception: Exception | null;
}

export const isAllDay = (time: EventTime): boolean => time.start.length === 10;

/** Start and end in milliseconds since the epoch; dates as midnights in UTC. Throws `RangeError` for what is no time. */
export function boundsOf(time: EventTime): { readonly from: number; readonly to: number } {
  const zone = time.zone ?? 'UTC';
  return { from: toInstant(time.start, zone), to: toInstant(time.end, zone) };
}

interface Shape {
  readonly allDay: boolean;
  /** The day of the first start, the time since its midnight and the length on the clock on the wall. */
  readonly day: DayNumber;
  readonly clock: number;
  readonly length: number;
  readonly zone: string;
}

/** The same time on the clocks of another zone. Dates, and times that are there already, stay as they are. */
export function inZone(time: EventTime, zone: string): EventTime {
  if (isAllDay(time) || time.zone === zone) return time;
  const { from, to } = boundsOf(time);
  return { kind: 'time', start: toWall(from, zone), end: toWall(to, zone), zone };
}

function shapeOf({ time, recurrence }: Pick<Series, 'time' | 'recurrence'>): Shape {
  const zone = recurrence.zone ?? time.zone ?? 'UTC';
  const wall = inZone(time, zone);
  const [start, end] = [parseWall(wall.start), parseWall(wall.end)];
  if (start === null || end === null) throw new RangeError('a series has a start and an end');
  const day = Math.floor(start / DAY_MS);
  return { allDay: isAllDay(time), day, clock: start - day * DAY_MS, length: end - start, zone };
}

const textOf = (shape: Shape, wall: number): string =>
  shape.allDay ? formatDay(Math.round(wall / DAY_MS)) : formatWall(wall);

function timeOn(shape: Shape, day: DayNumber): EventTime {
  const start = day * DAY_MS + shape.clock;
  const zone = shape.allDay ? null : shape.zone;
  return { kind: 'time', start: textOf(shape, start), end: textOf(shape, start + shape.length), zone };
}

/** Key of the occurrence that the rule has on this day. */
function keyOn(shape: Shape, day: DayNumber): string {
  if (shape.allDay) return formatDay(day);
  return `${formatWall(toInstant(formatWall(day * DAY_MS + shape.clock), shape.zone))}Z`;
}

/** Key of the occurrence whose start the rule puts there, from its start as `EventTime` holds it. */
export function occurrenceKey(start: string, zone: string | null): string {
  return start.length === 10 ? start : `${formatWall(toInstant(start, zone ?? 'UTC'))}Z`;
}

/** The day on which the rule has this occurrence; null where the series has no such one. */
function dayOfKey(series: Series, shape: Shape, key: string): DayNumber | null {
  const at = parseWall(key.replace(/Z$/, ''));
  if (at === null) return null;
  const near = Math.floor(at / DAY_MS);
  for (const day of recurrenceDays(series.recurrence, shape.day, near - 2)) {
    if (day > near + 2) return null;
    if (keyOn(shape, day) === key) return day;
  }
  return null;
}

/** Does the rule of this series have an occurrence with this key, cancelled or not? */
export const hasOccurrence = (series: Series, key: string): boolean =>
  dayOfKey(series, shapeOf(series), key) !== null;

const overlaps = (at: { from: number; to: number }, window: { from: number; to: number }): boolean =>
  at.from < window.to && (at.to > window.from || (at.to === at.from && at.from >= window.from));

function asShown(series: Series, shape: Shape, day: DayNumber): Occurrence | null {
  const key = keyOn(shape, day);
  const change = series.occurrences?.byStart[key];
  if (change === 'cancelled') return null;
  const moved = change?.time;
  const time =
    typeof moved === 'object' && moved !== null && 'kind' in moved && moved.kind === 'time'
      ? moved
      : timeOn(shape, day);
  return { key, time, ...boundsOf(time), exception: change ?? null };
}

/**
 * What a calendar shows of a series between two instants (milliseconds since the epoch; `to` exclusive), in the order of
 * their starts: occurrences that overlap it, moved ones where they were moved to, cancelled ones not at all. Wall time
 * stays on both sides of a clock change. Throws `RangeError` for a zone that there is not.
 */
export function expandSeries(
  series: Series,
  window: { readonly from: number; readonly to: number },
): readonly Occurrence[] {
  const shape = shapeOf(series);
  const found = new Map<string, Occurrence>();
  const take = (day: DayNumber): void => {
    const shown = asShown(series, shape, day);
    if (shown !== null && overlaps(shown, window)) found.set(shown.key, shown);
  };
  const first = Math.floor((window.from - shape.length) / DAY_MS) - 2;
  const last = Math.ceil(window.to / DAY_MS) + 1;
  for (const day of recurrenceDays(series.recurrence, shape.day, first)) {
    if (day > last) break;
    take(day);
  }
  for (const [key, change] of Object.entries(series.occurrences?.byStart ?? {})) {
    const day = change === 'cancelled' || found.has(key) ? null : dayOfKey(series, shape, key);
    if (day !== null) take(day);
  }
  return [...found.values()].sort((x, y) => x.from - y.from || (x.key < y.key ? -1 : 1));
}

/** End of the last occurrence, in milliseconds since the epoch; null for a series without an end. */
export function seriesEnd(series: Series): number | null {
  const { recurrence } = series;
  if (recurrence.until === undefined && recurrence.count === undefined) return null;
  const shape = shapeOf(series);
  const until = recurrence.until === undefined ? null : parseDay(recurrence.until);
  // The last rule day of an until lies within one period of it; a count is counted from the beginning.
  const from = until === null ? shape.day : Math.max(shape.day, until - recurrence.interval * 366 * 2);
  let end = boundsOf(series.time).to;
  for (const day of recurrenceDays(recurrence, shape.day, from)) {
    const shown = asShown(series, shape, day);
    if (shown !== null) end = Math.max(end, shown.to);
  }
  const moved = Object.keys(series.occurrences?.byStart ?? {}).flatMap((key) => {
    const day = dayOfKey(series, shape, key);
    return day === null ? [] : [asShown(series, shape, day)?.to ?? end];
  });
  return Math.max(end, ...moved);
}

/**
 * Exceptions of a series whose time or rule was changed, as far as the changed series still has the occurrences that they
 * are about: an occurrence is the same one when it falls on the same day. `dropped`: keys of those that it has no more.
 */
export function reanchor(
  before: Series,
  after: Pick<Series, 'time' | 'recurrence'>,
): { readonly occurrences: Occurrences | null; readonly dropped: readonly string[] } {
  const [was, is] = [shapeOf(before), shapeOf(after)];
  const byStart: Record<string, 'cancelled' | Exception> = {};
  const dropped: string[] = [];
  for (const [key, change] of Object.entries(before.occurrences?.byStart ?? {})) {
    const day = dayOfKey(before, was, key);
    const target = day === null ? null : keyOn(is, day);
    if (target === null || !hasOccurrence({ ...after, occurrences: null }, target)) dropped.push(key);
    else byStart[target] = change;
  }
  const occurrences = Object.keys(byStart).length === 0 ? null : ({ kind: 'occurrences', byStart } as const);
  return { occurrences, dropped };
}
