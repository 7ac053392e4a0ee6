import {
  type EventTime,
  inZone,
  type Recurrence,
  WEEK_INDEXES,
  WEEKDAYS,
  type Weekday,
  type WeekIndex,
} from '@tidelock/core';
import type { WireRecurrence } from './event-wire.ts';
import { fromZoneName, toZoneName } from './event-zones.ts';

/** The week of a pattern begins on a Sunday where nothing else is said. */
const WIRE_WEEK_START = 'sunday';
const NO_END = '0001-01-01';

const EVERY = {
  daily: 'day',
  weekly: 'week',
  absoluteMonthly: 'month',
  relativeMonthly: 'month',
  absoluteYearly: 'year',
  relativeYearly: 'year',
} as const;
type PatternType = keyof typeof EVERY;

const isWeekday = (text: string): text is Weekday => (WEEKDAYS as readonly string[]).includes(text);
const isIndex = (text: string): text is WeekIndex => (WEEK_INDEXES as readonly string[]).includes(text);

const typeOf = (text: string): PatternType | undefined =>
  (Object.keys(EVERY) as PatternType[]).find((type) => type.toLowerCase() === text.toLowerCase());

type Pattern = WireRecurrence['pattern'];

const daysOf = ({ daysOfWeek }: Pattern): readonly Weekday[] =>
  (daysOfWeek ?? []).map((day) => day.toLowerCase()).filter(isWeekday);

function weekStartOf({ firstDayOfWeek }: Pattern): Weekday {
  const day = firstDayOfWeek?.toLowerCase() ?? WIRE_WEEK_START;
  return isWeekday(day) ? day : WIRE_WEEK_START;
}

/** On which days: of what a pattern's type does not use nothing is taken over. */
function daysPart(type: PatternType, pattern: Pattern): Partial<Recurrence> {
  if (type === 'daily') return {};
  if (type === 'weekly') return { days: daysOf(pattern), weekStart: weekStartOf(pattern) };
  if (type.startsWith('absolute')) return { monthDay: pattern.dayOfMonth ?? 1 };
  const index = pattern.index?.toLowerCase() ?? 'first';
  return { days: daysOf(pattern), index: isIndex(index) ? index : 'first' };
}

function rangePart({ type, endDate, numberOfOccurrences }: WireRecurrence['range']): Partial<Recurrence> {
  const kind = type.toLowerCase();
  if (kind === 'enddate' && endDate && endDate !== NO_END) return { until: endDate };
  return kind === 'numbered' && numberOfOccurrences ? { count: numberOfOccurrences } : {};
}

/** The rule of a series; undefined for a pattern that is none of Graph's. `zone`: of the series, null where it has no name. */
export function fromGraphRecurrence(
  wire: WireRecurrence,
  given: { readonly zone: string | null; readonly allDay: boolean },
): Recurrence | undefined {
  const type = typeOf(wire.pattern.type);
  if (type === undefined) return undefined;
  const { pattern, range } = wire;
  return {
    kind: 'recurrence',
    every: EVERY[type],
    interval: pattern.interval,
    ...daysPart(type, pattern),
    ...(type.endsWith('Yearly') ? { month: pattern.month ?? 1 } : {}),
    ...rangePart(range),
    zone: given.allDay ? null : (fromZoneName(range.recurrenceTimeZone) ?? given.zone),
  };
}

function patternType({ every, monthDay }: Recurrence): PatternType {
  if (every === 'day') return 'daily';
  if (every === 'week') return 'weekly';
  if (every === 'month') return monthDay === undefined ? 'relativeMonthly' : 'absoluteMonthly';
  return monthDay === undefined ? 'relativeYearly' : 'absoluteYearly';
}

function toPattern(rule: Recurrence): Record<string, unknown> {
  const type = patternType(rule);
  const pattern: Record<string, unknown> = { type, interval: rule.interval };
  if (type === 'weekly') {
    pattern.daysOfWeek = rule.days ?? [];
    pattern.firstDayOfWeek = rule.weekStart ?? 'monday';
  }
  if (type.startsWith('absolute')) pattern.dayOfMonth = rule.monthDay;
  if (type.startsWith('relative')) {
    pattern.daysOfWeek = rule.days ?? [];
    pattern.index = rule.index ?? 'first';
  }
  if (type.endsWith('Yearly')) pattern.month = rule.month ?? 1;
  return pattern;
}

/** The recurrence of a request; `time`: of the series, whose first day it begins with. */
export function toGraphRecurrence(rule: Recurrence, time: EventTime): Record<string, unknown> {
  const zone = rule.zone ?? time.zone;
  const start = zone === null ? time.start : inZone(time, zone).start;
  const range: Record<string, unknown> = {
    type: rule.until !== undefined ? 'endDate' : rule.count !== undefined ? 'numbered' : 'noEnd',
    startDate: start.slice(0, 10),
    recurrenceTimeZone: toZoneName(zone ?? 'UTC'),
  };
  if (rule.until !== undefined) range.endDate = rule.until;
  else if (rule.count !== undefined) range.numberOfOccurrences = rule.count;
  return { pattern: toPattern(rule), range };
}
