import type { DayNumber } from './calendar-day.ts';
import type { PatternedRecurrence } from './recurrence.ts';
import { recurrenceDays } from './recurrence-days.ts';
import { toInstant, type WallTime, type Zone } from './zoned-time.ts';

const DAY_MS = 86_400_000;

/** What the pattern says of a series, before anybody moved or cancelled anything. */
export interface Series {
  readonly recurrence: PatternedRecurrence;
  /** The zone of the pattern, and of start and end. */
  readonly zone: Zone;
  /** Of the first occurrence. Exchange keeps both as minutes since midnight, so they are wall time on both sides of DST. */
  readonly start: WallTime;
  readonly end: WallTime;
  readonly isAllDay: boolean;
}

export interface Occurrence {
  /** Date in the zone of the pattern: what names the occurrence for good, wherever it is moved. */
  readonly day: DayNumber;
  /** Instants, milliseconds since 1970. All-day occurrences are midnights in `floating`. */
  readonly start: number;
  readonly end: number;
}

export interface Window {
  readonly start: number;
  readonly end: number;
}

interface Days {
  readonly found: DayNumber[];
  readonly rest: Iterator<DayNumber>;
  isDone: boolean;
}

/** A recurrence never changes, it is replaced; its days are found once, as far as somebody looked. */
const known = new WeakMap<PatternedRecurrence, Days>();

function daysThrough(recurrence: PatternedRecurrence, last: DayNumber): readonly DayNumber[] {
  let days = known.get(recurrence);
  if (days === undefined) {
    days = { found: [], rest: recurrenceDays(recurrence), isDone: false };
    known.set(recurrence, days);
  }
  while (!days.isDone && (days.found.at(-1) ?? Number.NEGATIVE_INFINITY) <= last) {
    const { value, done } = days.rest.next();
    if (done === true) days.isDone = true;
    else days.found.push(value);
  }
  return days.found;
}

/** Index of the first day that is not before `day`. */
function search(days: readonly DayNumber[], day: DayNumber): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] ?? day) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Days of the pattern from `from` to `to`, both included, in order. */
export function patternDaysIn(
  recurrence: PatternedRecurrence,
  from: DayNumber,
  to: DayNumber,
): readonly DayNumber[] {
  const days = daysThrough(recurrence, to);
  return days.slice(search(days, from), search(days, to + 1));
}

/** The pattern falls on the day. */
export const isPatternDay = (recurrence: PatternedRecurrence, day: DayNumber): boolean =>
  patternDaysIn(recurrence, day, day).length > 0;

/** The days that come before and after a day of the pattern; undefined where there is none. */
export function neighbours(
  recurrence: PatternedRecurrence,
  day: DayNumber,
  isGone: (day: DayNumber) => boolean,
): { readonly before: DayNumber | undefined; readonly after: DayNumber | undefined } {
  const earlier = daysThrough(recurrence, day).filter((each) => each < day && !isGone(each));
  let after: DayNumber | undefined;
  for (const each of recurrenceDays(recurrence)) {
    if (each <= day || isGone(each)) continue;
    after = each;
    break;
  }
  return { before: earlier.at(-1), after };
}

/** Every day of a series that has an end; undefined for one that goes on for ever. */
export const allDays = (recurrence: PatternedRecurrence): readonly DayNumber[] | undefined =>
  recurrence.range.type === 'noEnd' ? undefined : daysThrough(recurrence, Number.MAX_SAFE_INTEGER);

/** Starts before the window ends and ends after it starts; without length, starts within. */
export const touches = (one: Window, window: Window): boolean =>
  one.start < window.end && (one.end > window.start || (one.start === one.end && one.start === window.start));

/** The occurrence that the pattern puts on one of its days. */
export function occurrenceOn(series: Series, day: DayNumber, floating: Zone): Occurrence {
  const zone = series.isAllDay ? floating : series.zone;
  const { start, end } = series;
  return {
    day,
    start: toInstant({ day, ms: start.ms }, zone),
    end: toInstant({ day: day + end.day - start.day, ms: end.ms }, zone),
  };
}

/**
 * Occurrences that touch the window, in order. `floating`: the zone in which all-day events are looked at (they have none of
 * their own).
 */
export function* occurrencesIn(series: Series, window: Window, floating: Zone): Generator<Occurrence> {
  const length = series.end.day - series.start.day;
  // No zone is further than a day from UTC.
  const from = Math.floor(window.start / DAY_MS) - length - 2;
  const to = Math.floor(window.end / DAY_MS) + 1;
  for (const day of patternDaysIn(series.recurrence, from, to)) {
    const occurrence = occurrenceOn(series, day, floating);
    if (touches(occurrence, window)) yield occurrence;
  }
}
