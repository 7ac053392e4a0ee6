import { WEEKDAYS, type Weekday } from './event.ts';

const DAY_MS = 86_400_000;
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days since 1970-01-01 in the proleptic Gregorian calendar: dates without a zone. */
export type DayNumber = number;

export interface DayParts {
  readonly year: number;
  /** 1 to 12; beyond it, the years before or after. */
  readonly month: number;
  readonly day: number;
}

export function dayOf({ year, month, day }: DayParts): DayNumber {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const shifted = Date.UTC(year + 400, month - 1, day);
  return shifted / DAY_MS - 146_097;
}

export function partsOf(day: DayNumber): DayParts {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export const formatDay = (day: DayNumber): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The number of an ISO date; null for what is no date of the calendar (`2026-02-29`). */
export function parseDay(text: string): DayNumber | null {
  const match = ISO_DAY.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const at = dayOf({ year, month, day });
  return formatDay(at) === text ? at : null;
}

/** Place in `WEEKDAYS`: monday is 0. 1970-01-01 was a Thursday. */
export const weekdayIndex = (day: DayNumber): number => (((day + 3) % 7) + 7) % 7;

export const weekdayOf = (day: DayNumber): Weekday => WEEKDAYS[weekdayIndex(day)] ?? 'monday';

export const daysInMonth = (year: number, month: number): number =>
  dayOf({ year, month: month + 1, day: 1 }) - dayOf({ year, month, day: 1 });
