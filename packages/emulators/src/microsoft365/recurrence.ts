import { type DayNumber, formatDay, parseDay } from './calendar-day.ts';
import { type GraphFailure, invalidProperty, unreadableBody } from './graph-error.ts';

export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export const INDEXES = ['first', 'second', 'third', 'fourth', 'last'] as const;
const TYPES = [
  'daily',
  'weekly',
  'absoluteMonthly',
  'relativeMonthly',
  'absoluteYearly',
  'relativeYearly',
] as const;
const RANGES = ['endDate', 'noEnd', 'numbered'] as const;

export type Weekday = (typeof WEEKDAYS)[number];
export type WeekIndex = (typeof INDEXES)[number];
export type PatternType = (typeof TYPES)[number];

/** As Graph answers with it: what a type does not use stands there with its default. */
export interface RecurrencePattern {
  readonly type: PatternType;
  readonly interval: number;
  readonly month: number;
  readonly dayOfMonth: number;
  readonly daysOfWeek?: readonly Weekday[];
  readonly firstDayOfWeek: Weekday;
  readonly index: WeekIndex;
}

export interface RecurrenceRange {
  readonly type: (typeof RANGES)[number];
  readonly startDate: string;
  /** `0001-01-01` without an end. */
  readonly endDate: string;
  /** A name that the event's own zone is written with. */
  readonly recurrenceTimeZone: string;
  readonly numberOfOccurrences: number;
}

export interface PatternedRecurrence {
  readonly pattern: RecurrencePattern;
  readonly range: RecurrenceRange;
}

export const NO_END = '0001-01-01';
/** The largest interval and count that Exchange keeps (MS-OXOCAL 2.2.1.44.1: 99 in its own forms, 999 by protocol). */
const MOST = 999;

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (name: string, reason: string): GraphFailure =>
  invalidProperty(`The property 'recurrence.${name}' ${reason}.`);

/** Enumerations are taken in any case. */
function oneOf<T extends string>(value: unknown, of: { name: string; among: readonly T[] }): T {
  const found = of.among.find((each) => each.toLowerCase() === String(value).toLowerCase());
  if (found === undefined)
    throw unreadableBody(`Requested value '${String(value)}' was not found (recurrence.${of.name}).`);
  return found;
}

function wholeNumber(value: unknown, of: { name: string; least: number; most: number }): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < of.least || value > of.most)
    throw wrong(of.name, `has to be a whole number from ${of.least} to ${of.most}`);
  return value;
}

function day(value: unknown, name: string): DayNumber {
  const at = typeof value === 'string' ? parseDay(value) : null;
  if (at === null) throw wrong(name, 'is not a date');
  return at;
}

/** What each type needs; the others are still validated where they are given. */
const NEEDS: Readonly<Record<PatternType, readonly ('daysOfWeek' | 'dayOfMonth' | 'month')[]>> = {
  daily: [],
  weekly: ['daysOfWeek'],
  absoluteMonthly: ['dayOfMonth'],
  relativeMonthly: ['daysOfWeek'],
  absoluteYearly: ['dayOfMonth', 'month'],
  relativeYearly: ['daysOfWeek', 'month'],
};

function readDaysOfWeek(value: unknown): readonly Weekday[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value))
    throw unreadableBody("Cannot convert 'recurrence.pattern.daysOfWeek' to a collection.");
  const days = value.map((each) => oneOf(each, { name: 'pattern.daysOfWeek', among: WEEKDAYS }));
  return WEEKDAYS.filter((each) => days.includes(each));
}

function readPattern(value: unknown): RecurrencePattern {
  if (!isRecord(value)) throw wrong('pattern', 'is missing');
  const type = oneOf(value.type, { name: 'pattern.type', among: TYPES });
  const needs = NEEDS[type];
  const optional = (name: 'dayOfMonth' | 'month', most: number): number => {
    const given = value[name] ?? 0;
    const least = needs.includes(name) ? 1 : 0;
    return wholeNumber(given, { name: `pattern.${name}`, least, most });
  };
  const daysOfWeek = readDaysOfWeek(value.daysOfWeek);
  if (needs.includes('daysOfWeek') && daysOfWeek.length === 0)
    throw wrong('pattern.daysOfWeek', 'names no day');
  return {
    type,
    interval: wholeNumber(value.interval, { name: 'pattern.interval', least: 1, most: MOST }),
    month: optional('month', 12),
    dayOfMonth: optional('dayOfMonth', 31),
    ...(needs.includes('daysOfWeek') ? { daysOfWeek } : {}),
    firstDayOfWeek: oneOf(value.firstDayOfWeek ?? 'sunday', {
      name: 'pattern.firstDayOfWeek',
      among: WEEKDAYS,
    }),
    index: oneOf(value.index ?? 'first', { name: 'pattern.index', among: INDEXES }),
  };
}

function readRange(
  value: unknown,
  event: { readonly startDate: string; readonly timeZone: string },
): RecurrenceRange {
  if (!isRecord(value)) throw wrong('range', 'is missing');
  const type = oneOf(value.type, { name: 'range.type', among: RANGES });
  const start = day(value.startDate, 'range.startDate');
  if (formatDay(start) !== event.startDate) throw wrong('range.startDate', 'is not the date of start');
  const end = type === 'endDate' ? day(value.endDate, 'range.endDate') : null;
  if (end !== null && end < start) throw wrong('range.endDate', 'lies before range.startDate');
  const count = value.numberOfOccurrences ?? 0;
  const zone = value.recurrenceTimeZone;
  return {
    type,
    startDate: event.startDate,
    endDate: end === null ? NO_END : formatDay(end),
    recurrenceTimeZone: typeof zone === 'string' && zone !== '' ? zone : event.timeZone,
    numberOfOccurrences: wholeNumber(type === 'numbered' ? count : 0, {
      name: 'range.numberOfOccurrences',
      least: type === 'numbered' ? 1 : 0,
      most: MOST,
    }),
  };
}

/**
 * The recurrence of a new or changed series, checked and completed as Graph does. `event`: date and zone of its start.
 * Throws `GraphFailure` 400.
 */
export function readRecurrence(
  value: unknown,
  event: { readonly startDate: string; readonly timeZone: string },
): PatternedRecurrence {
  if (!isRecord(value)) throw unreadableBody("Cannot convert the value of property 'recurrence'.");
  return Object.freeze({ pattern: readPattern(value.pattern), range: readRange(value.range, event) });
}
