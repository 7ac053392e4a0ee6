import { type DayNumber, dayOf, daysInMonth, parseDay, partsOf, weekdayIndex } from './day.ts';
import { type Recurrence, WEEK_INDEXES, WEEKDAYS } from './event.ts';

/** Calendars end here: Exchange's own last date. */
const LAST_DAY = dayOf({ year: 4500, month: 8, day: 31 });
const MOST = 999;

const whole = (value: number | undefined, least: number, most: number): boolean =>
  value !== undefined && Number.isInteger(value) && value >= least && value <= most;

function dayFault(rule: Recurrence): string | null {
  const { every, days = [], index, monthDay, month } = rule;
  if (days.some((day) => !WEEKDAYS.includes(day))) return 'days holds something that is no day of the week';
  if (index !== undefined && !WEEK_INDEXES.includes(index)) return 'index is none of first to last';
  if (every === 'week') return days.length === 0 ? 'a weekly rule names its days' : null;
  if (every === 'day') return null;
  if (every === 'year' && !whole(month, 1, 12)) return 'a yearly rule names its month, 1 to 12';
  if (monthDay !== undefined)
    return whole(monthDay, 1, 31) ? null : 'monthDay has to be a whole number from 1 to 31';
  return days.length === 0 ? 'the rule names neither monthDay nor days' : null;
}

/** Why a rule is none, in words; null when it is one. */
export function recurrenceFault(rule: Recurrence): string | null {
  if (!whole(rule.interval, 1, MOST)) return `interval has to be a whole number from 1 to ${MOST}`;
  if (rule.count !== undefined && !whole(rule.count, 1, MOST))
    return `count has to be a whole number from 1 to ${MOST}`;
  if (rule.until !== undefined && parseDay(rule.until) === null) return 'until is not a date';
  if (rule.count !== undefined && rule.until !== undefined) return 'the rule has both until and count';
  return dayFault(rule);
}

/** The rule without what its kind does not use, its days in order: rules that mean the same day by day are equal texts. */
export function canonicalRecurrence(rule: Recurrence): Recurrence {
  const { every, interval, until, count, zone } = rule;
  const end = { ...(until === undefined ? {} : { until }), ...(count === undefined ? {} : { count }) };
  const base = { kind: 'recurrence', every, interval } as const;
  const days = WEEKDAYS.filter((day) => rule.days?.includes(day));
  if (every === 'day') return { ...base, ...end, zone };
  if (every === 'week') return { ...base, days, weekStart: rule.weekStart ?? 'monday', ...end, zone };
  const month = every === 'year' && rule.month !== undefined ? { month: rule.month } : {};
  const day =
    rule.monthDay === undefined ? { days, index: rule.index ?? 'first' } : { monthDay: rule.monthDay };
  return { ...base, ...month, ...day, ...end, zone };
}

/** Days of one period (a day, a week, a month, a year) in order. */
type Period = (number: number) => readonly DayNumber[];

interface Rhythm {
  readonly period: Period;
  /** The last period that begins on or before this day, or one before it; never below 0. */
  readonly before: (day: DayNumber) => number;
}

function weekly(rule: Recurrence, start: DayNumber): Rhythm {
  const first = WEEKDAYS.indexOf(rule.weekStart ?? 'monday');
  const week = start - ((weekdayIndex(start) - first + 7) % 7);
  const wanted = (rule.days ?? [])
    .map((day) => (WEEKDAYS.indexOf(day) - first + 7) % 7)
    .sort((x, y) => x - y);
  const length = rule.interval * 7;
  return {
    period: (number) => wanted.map((offset) => week + number * length + offset),
    before: (day) => Math.floor((day - week) / length),
  };
}

function dayInMonth(rule: Recurrence, year: number, month: number): DayNumber | undefined {
  const first = dayOf({ year, month, day: 1 });
  const length = daysInMonth(year, month);
  if (rule.monthDay !== undefined) return first + Math.min(rule.monthDay, length) - 1;
  const wanted = new Set((rule.days ?? []).map((day) => WEEKDAYS.indexOf(day)));
  const last = rule.index === 'last';
  let left = last ? 1 : WEEK_INDEXES.indexOf(rule.index ?? 'first') + 1;
  for (let step = 0; step < length; step++) {
    const day = last ? first + length - 1 - step : first + step;
    if (wanted.has(weekdayIndex(day))) left -= 1;
    if (left === 0) return day;
  }
  return undefined;
}

function monthly(rule: Recurrence, start: DayNumber): Rhythm {
  const { year, month } = partsOf(start);
  const from = rule.every === 'year' ? year * 12 + (rule.month ?? month) - 1 : year * 12 + month - 1;
  const step = rule.every === 'year' ? rule.interval * 12 : rule.interval;
  return {
    period: (number) => {
      const at = from + number * step;
      const day = dayInMonth(rule, Math.floor(at / 12), (at % 12) + 1);
      return day === undefined ? [] : [day];
    },
    before: (day) => {
      const parts = partsOf(day);
      return Math.floor((parts.year * 12 + parts.month - 1 - from) / step);
    },
  };
}

function rhythmOf(rule: Recurrence, start: DayNumber): Rhythm {
  if (rule.every === 'week') return weekly(rule, start);
  if (rule.every === 'month' || rule.every === 'year') return monthly(rule, start);
  return {
    period: (number) => [start + number * rule.interval],
    before: (day) => Math.floor((day - start) / rule.interval),
  };
}

/** The days of a rule from its first day on, without an end; `from`: none before the period of this day is asked for. */
function* daysOfRule(rule: Recurrence, start: DayNumber, from: DayNumber): Generator<DayNumber, void> {
  const { period, before } = rhythmOf(rule, start);
  for (let number = Math.max(0, before(Math.max(from, start)) - 1); ; number++) {
    const days = period(number);
    if (days.length === 0) return;
    for (const day of days) if (day >= start) yield day;
  }
}

/**
 * The days of a series, in order, from `from` on (absent = from its first day). Endless series go on to the year 4500:
 * whoever reads them stops. Cancelled and moved occurrences are among them.
 */
export function* recurrenceDays(
  rule: Recurrence,
  start: DayNumber,
  from: DayNumber = start,
): Generator<DayNumber, void> {
  const end = rule.until === undefined ? LAST_DAY : (parseDay(rule.until) ?? start);
  let left = rule.count ?? Number.POSITIVE_INFINITY;
  // A counted series is counted from its beginning.
  for (const day of daysOfRule(rule, start, rule.count === undefined ? from : start)) {
    if (day > end || left <= 0) return;
    left -= 1;
    if (day >= from) yield day;
  }
}
