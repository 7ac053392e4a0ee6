import ICAL from 'ical.js';
import { type DayNumber, formatDay, partsOf, weekdayOf } from '../calendar-day.ts';
import { GraphFailure } from '../graph-error.ts';
import { INDEXES, type PatternedRecurrence, readRecurrence, WEEKDAYS } from '../recurrence.ts';
import { recurrenceDays } from '../recurrence-days.ts';
import { toInstant, toWall } from '../zoned-time.ts';
import { IcsProblem, type IcsProperty } from './ics-component.ts';
import type { IcsTime } from './ics-time.ts';

const CODES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
const COMPARED = 80;
const MOST = 999;

type Rule = Readonly<Record<string, unknown>>;
type Pattern = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);

const dayName = (code: string): string | undefined =>
  WEEKDAYS[CODES.findIndex((each) => code.toUpperCase().endsWith(each))];

const indexOf = (position: number): string | undefined => (position === -1 ? 'last' : INDEXES[position - 1]);

/** `2TU`, or `MO,TU,..` with BYSETPOS: a day of the month by its place. */
function relative(rule: Rule): Pattern | undefined {
  const days = listOf(rule.byday);
  if (days.length === 0) return undefined;
  const [own] = days.map((day) => Number.parseInt(day, 10));
  const [position] = listOf(rule.bysetpos).map(Number);
  const place = days.length === 1 && own !== undefined && !Number.isNaN(own) ? own : position;
  return { daysOfWeek: days.map(dayName), index: place === undefined ? undefined : indexOf(place) };
}

/** A day of the month; the last one is the 31st, which every month takes as its last. */
function absolute(rule: Rule, start: DayNumber): Pattern {
  const [day = partsOf(start).day] = listOf(rule.bymonthday).map(Number);
  return { dayOfMonth: day === -1 ? 31 : day };
}

function toPattern(rule: Rule, start: DayNumber): Pattern | undefined {
  const interval = Number(rule.interval ?? 1);
  const days = listOf(rule.byday);
  const month = Number(listOf(rule.bymonth)[0] ?? partsOf(start).month);
  switch (String(rule.freq).toUpperCase()) {
    case 'DAILY':
      return days.length === 0
        ? { type: 'daily', interval }
        : { type: 'weekly', interval: 1, daysOfWeek: days.map(dayName) };
    case 'WEEKLY': {
      const daysOfWeek = days.length === 0 ? [WEEKDAYS[weekdayOf(start)]] : days.map(dayName);
      const week = typeof rule.wkst === 'number' ? CODES[rule.wkst - 1] : String(rule.wkst ?? 'MO');
      return { type: 'weekly', interval, daysOfWeek, firstDayOfWeek: dayName(week ?? 'MO') };
    }
    case 'MONTHLY': {
      const place = relative(rule);
      return place === undefined
        ? { type: 'absoluteMonthly', interval, ...absolute(rule, start) }
        : { type: 'relativeMonthly', interval, ...place };
    }
    case 'YEARLY': {
      const place = relative(rule);
      return place === undefined
        ? { type: 'absoluteYearly', interval, month, ...absolute(rule, start) }
        : { type: 'relativeYearly', interval, month, ...place };
    }
    default:
      return undefined;
  }
}

function* ruleDays(rule: Rule, start: DayNumber): Generator<string> {
  const { until, count, ...endless } = rule;
  const recur = ICAL.Recur.fromData(endless as Parameters<typeof ICAL.Recur.fromData>[0]);
  const iterator = recur.iterator(ICAL.Time.fromDateString(formatDay(start)));
  for (let next = iterator.next(); next; next = iterator.next()) yield next.toString().slice(0, 10);
}

function take<T>(items: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    found.push(item);
    if (found.length >= most) break;
  }
  return found;
}

/** The pattern falls on the days of the rule, as another program counts them. */
function agrees(recurrence: PatternedRecurrence, rule: Rule, start: DayNumber): boolean {
  const endless: PatternedRecurrence = { ...recurrence, range: { ...recurrence.range, type: 'noEnd' } };
  const ours = take(recurrenceDays(endless), COMPARED).map(formatDay);
  return JSON.stringify(ours) === JSON.stringify(take(ruleDays(rule, start), COMPARED));
}

/** The last date on which an occurrence may still begin. */
function lastDate(until: string, start: IcsTime): string {
  const [date = '', time] = until.replace('Z', '').split('T');
  if (time === undefined || start.isDate) return date;
  const day = Date.parse(`${date}T00:00:00Z`) / 86_400_000;
  const ms = Date.parse(`1970-01-01T${time}Z`);
  const { zone } = start.time;
  const local = until.endsWith('Z') ? toWall(day * 86_400_000 + ms, zone) : { day, ms };
  const isReached = toInstant({ day: local.day, ms: start.wall.ms }, zone) <= toInstant(local, zone);
  return formatDay(isReached ? local.day : local.day - 1);
}

function rangeOf(rule: Rule, start: IcsTime): Readonly<Record<string, unknown>> {
  const startDate = formatDay(start.wall.day);
  if (rule.until !== undefined)
    return { type: 'endDate', startDate, endDate: lastDate(String(rule.until), start) };
  if (rule.count === undefined) return { type: 'noEnd', startDate };
  return { type: 'numbered', startDate, numberOfOccurrences: Number(rule.count) };
}

/** Beyond what Exchange counts the range ends with the date of the last one. */
function withinCount(rule: Rule, start: IcsTime): Rule {
  const count = Number(rule.count ?? 0);
  if (count <= MOST) return rule;
  const last = take(ruleDays(rule, start.wall.day), count).at(-1);
  return { ...rule, count: undefined, until: last };
}

/**
 * The pattern that falls on the same days as an RRULE. What Exchange cannot express is refused, as is what it would put on
 * other days: the two are compared over their first dates. Throws IcsProblem.
 */
export function readRule(property: IcsProperty, start: IcsTime): PatternedRecurrence {
  const { line, values } = property;
  const given = values[0];
  if (typeof given !== 'object' || given === null) throw new IcsProblem(line, 'RRULE has no rule');
  const rule = withinCount(given as Rule, start);
  const pattern = toPattern(rule, start.wall.day);
  const cannot = (why: string): IcsProblem =>
    new IcsProblem(line, `RRULE cannot be kept in an Exchange calendar: ${why}`);
  if (pattern === undefined) throw cannot(`nothing repeats ${String(rule.freq).toLowerCase()}`);
  const event = { startDate: formatDay(start.wall.day), timeZone: start.time.timeZone };
  try {
    const recurrence = readRecurrence({ pattern, range: rangeOf(rule, start) }, event);
    if (agrees(recurrence, rule, start.wall.day)) return recurrence;
  } catch (error) {
    if (error instanceof GraphFailure) throw cannot(error.message);
    throw error;
  }
  throw cannot('no pattern falls on the same days');
}
