import type { DayNumber } from './calendar-day.ts';
import type { PatternedRecurrence } from './recurrence.ts';
import { recurrenceDays } from './recurrence-days.ts';
import { toInstant, type WallTime, type Zone, zoneOf } from './zoned-time.ts';

const DAY_MS = 86_400_000;

/** What the pattern says of a series, before anybody moved or cancelled anything. */
export interface Series {
  readonly recurrence: PatternedRecurrence;
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

const overlaps = (one: Window, other: Window): boolean => one.start < other.end && one.end > other.start;

/**
 * Occurrences that touch the window, in order. `floating`: the zone in which all-day events are looked at (they have none of
 * their own).
 */
export function* occurrencesIn(series: Series, window: Window, floating: Zone): Generator<Occurrence> {
  const { recurrence, start, end, isAllDay } = series;
  const zone = isAllDay ? floating : zoneOf(recurrence.range.recurrenceTimeZone);
  const length = (end.day - start.day) * DAY_MS + end.ms - start.ms;
  for (const day of recurrenceDays(recurrence)) {
    // No zone is further than a day from UTC: what lies before the window by more than that is not worth converting.
    const near = day * DAY_MS + start.ms + length + DAY_MS > window.start;
    if (near) {
      const from = toInstant({ day, ms: start.ms }, zone);
      if (from >= window.end + DAY_MS) return;
      const to = toInstant({ day: day + end.day - start.day, ms: end.ms }, zone);
      if (overlaps({ start: from, end: to }, window)) yield { day, start: from, end: to };
    }
  }
}
