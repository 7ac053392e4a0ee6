import { formatDay, parseDay, weekdayOf } from './day.ts';
import {
  type EventTime,
  type Recurrence,
  WEEK_INDEXES,
  WEEKDAYS,
  type Weekday,
  type WeekIndex,
} from './event.ts';
import { canonicalRecurrence, recurrenceFault } from './recurrence.ts';
import { isAllDay } from './series.ts';
import { formatWall, parseWall, toInstant, toWall } from './zone.ts';

const DAY_MS = 86_400_000;
const CODES: Readonly<Record<Weekday, string>> = {
  monday: 'MO',
  tuesday: 'TU',
  wednesday: 'WE',
  thursday: 'TH',
  friday: 'FR',
  saturday: 'SA',
  sunday: 'SU',
};
const FREQUENCIES = { day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY', year: 'YEARLY' } as const;
const POSITIONS: Readonly<Record<WeekIndex, number>> = { first: 1, second: 2, third: 3, fourth: 4, last: -1 };

/** `20261018T070000Z` */
const basic = (ms: number): string => `${formatWall(ms).replaceAll(/[-:]/g, '')}Z`;

/** The last start that `until` allows: RFC 5545 wants it in UTC where the series has a zone, as a date where it has none. */
function untilText(until: string, rule: Recurrence, time: EventTime): string {
  if (isAllDay(time)) return until.replaceAll('-', '');
  return basic(toInstant(`${until}T${time.start.slice(11)}`, rule.zone ?? time.zone ?? 'UTC'));
}

function monthDayParts(monthDay: number): string[] {
  if (monthDay <= 28) return [`BYMONTHDAY=${monthDay}`];
  const days = Array.from({ length: monthDay - 27 }, (_, index) => 28 + index);
  return [`BYMONTHDAY=${days.join(',')}`, 'BYSETPOS=-1'];
}

function dayParts(rule: Recurrence): string[] {
  const days = (rule.days ?? []).map((day) => CODES[day]).join(',');
  if (rule.every === 'day') return [];
  if (rule.every === 'week') return [`BYDAY=${days}`, `WKST=${CODES[rule.weekStart ?? 'monday']}`];
  const month = rule.month === undefined ? [] : [`BYMONTH=${rule.month}`];
  if (rule.monthDay !== undefined) return [...month, ...monthDayParts(rule.monthDay)];
  return [...month, `BYDAY=${days}`, `BYSETPOS=${POSITIONS[rule.index ?? 'first']}`];
}

/**
 * The rule as RFC 5545 writes it, without `RRULE:`. `time`: of the series; its start is the DTSTART. A day of the month that
 * not every month has is written so that shorter months take their last day.
 */
export function toRrule(recurrence: Recurrence, time: EventTime): string {
  const rule = canonicalRecurrence(recurrence);
  const end =
    rule.until !== undefined
      ? [`UNTIL=${untilText(rule.until, rule, time)}`]
      : rule.count !== undefined
        ? [`COUNT=${rule.count}`]
        : [];
  return [`FREQ=${FREQUENCIES[rule.every]}`, `INTERVAL=${rule.interval}`, ...dayParts(rule), ...end].join(
    ';',
  );
}

/** Either a rule, or what it says that no series here can: in words. */
export type RruleResult =
  | { readonly recurrence: Recurrence; readonly unsupported?: undefined }
  | { readonly recurrence?: undefined; readonly unsupported: string };

class Unsupported extends Error {}

type Parts = ReadonlyMap<string, string>;
const KNOWN = new Set([
  ...['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST'],
  ...['BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS'],
]);

function partsOf(text: string): Parts {
  const parts = new Map<string, string>();
  for (const part of text
    .trim()
    .replace(/^RRULE:/i, '')
    .split(';')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = part.slice(0, at).toUpperCase();
    if (at < 0 || !KNOWN.has(name)) throw new Unsupported(`"${part}" cannot be kept`);
    parts.set(name, part.slice(at + 1).toUpperCase());
  }
  return parts;
}

function numberIn(parts: Parts, name: string): number | undefined {
  const text = parts.get(name);
  if (text === undefined) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw new Unsupported(`${name}=${text} is not one whole number`);
  return Number(text);
}

function weekdayOfCode(code: string): Weekday {
  const day = WEEKDAYS.find((each) => CODES[each] === code);
  if (day === undefined) throw new Unsupported(`"${code}" is not a day of the week`);
  return day;
}

function indexOf(position: number): WeekIndex {
  const index = WEEK_INDEXES.find((each) => POSITIONS[each] === position);
  if (index === undefined) throw new Unsupported(`position ${position} in a month is none of 1 to 4 and -1`);
  return index;
}

/** `MO,2TU` -> days, and the one number that all of them carry. */
function byDay(parts: Parts): { readonly days: readonly Weekday[]; readonly position: number | undefined } {
  const members = (parts.get('BYDAY') ?? '').split(',').filter((member) => member !== '');
  const read = members.map((member) => {
    const match = /^([+-]?\d+)?([A-Z]{2})$/.exec(member);
    if (match === null) throw new Unsupported(`"${member}" is not a day of the week`);
    const position = match[1] === undefined ? undefined : Number(match[1]);
    return { day: weekdayOfCode(match[2] ?? ''), position };
  });
  const positions = new Set(read.map(({ position }) => position));
  if (positions.size > 1 || (read.length > 1 && !positions.has(undefined)))
    throw new Unsupported('several days with positions of their own');
  return { days: read.map(({ day }) => day), position: read[0]?.position };
}

/** 31 means the last day of the month here; RFC 5545 leaves months without one out, unless it is written as we do. */
function readMonthDay(parts: Parts): number | undefined {
  const text = parts.get('BYMONTHDAY');
  if (text === undefined) return undefined;
  const days = text.split(',').map(Number);
  const last = Math.max(...days);
  const [only] = days;
  if (days.length === 1 && only !== undefined && only >= 1 && only <= 28) return only;
  if (days.length === 1 && only === -1) return 31;
  const ours = monthDayParts(last)[0] === `BYMONTHDAY=${days.toSorted((x, y) => x - y).join(',')}`;
  if (ours && numberIn(parts, 'BYSETPOS') === -1) return last;
  if (days.length === 1 && only !== undefined && only > 28 && only <= 31)
    throw new Unsupported(`day ${only} of the month, leaving out the months that have no such day`);
  throw new Unsupported('several days of a month');
}

function monthPart(parts: Parts, time: EventTime): Partial<Recurrence> {
  const start = { day: Number(time.start.slice(8, 10)), month: Number(time.start.slice(5, 7)) };
  const yearly = parts.get('FREQ') === 'YEARLY';
  if (!yearly && parts.has('BYMONTH')) throw new Unsupported('a monthly rule for certain months');
  const month = yearly ? { month: numberIn(parts, 'BYMONTH') ?? start.month } : {};
  const monthDay = readMonthDay(parts);
  const { days, position } = byDay(parts);
  if (monthDay !== undefined && days.length > 0)
    throw new Unsupported('days of the week and of the month at once');
  if (days.length === 0) return { ...month, monthDay: monthDay ?? plainDay(start.day) };
  if (yearly && !parts.has('BYMONTH')) throw new Unsupported('days of the week counted in the year');
  const at = position ?? numberIn(parts, 'BYSETPOS');
  if (at === undefined) throw new Unsupported('every such day of the week in a month');
  return { ...month, days, index: indexOf(at) };
}

function plainDay(day: number): number {
  if (day <= 28) return day;
  throw new Unsupported(`day ${day} of the month, leaving out the months that have no such day`);
}

function readUntil(text: string, zone: string | null): string {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$/.exec(text);
  const date = `${match?.[1]}-${match?.[2]}-${match?.[3]}`;
  const day = parseDay(date);
  if (match === null || day === null) throw new Unsupported(`UNTIL=${text} is not a date`);
  if (match[4] === undefined || match[7] === undefined || zone === null) return formatDay(day);
  return toWall(
    day * DAY_MS + (parseWall(`1970-01-01T${match[4]}:${match[5]}:${match[6]}`) ?? 0),
    zone,
  ).slice(0, 10);
}

type Base = Pick<Recurrence, 'kind' | 'interval' | 'zone' | 'until' | 'count'>;

function readBase(parts: Parts, zone: string | null): Base {
  const [until, count] = [parts.get('UNTIL'), numberIn(parts, 'COUNT')];
  return {
    kind: 'recurrence',
    interval: numberIn(parts, 'INTERVAL') ?? 1,
    zone,
    ...(until === undefined ? {} : { until: readUntil(until, zone) }),
    ...(count === undefined ? {} : { count }),
  };
}

function readWeekly(parts: Parts, base: Base, time: EventTime): Recurrence {
  const { days } = byDay(parts);
  const weekStart = weekdayOfCode(parts.get('WKST') ?? 'MO');
  const own = weekdayOf(parseDay(time.start.slice(0, 10)) ?? 0);
  return { ...base, every: 'week', days: days.length === 0 ? [own] : days, weekStart };
}

/** Every day on certain days of the week is a weekly rule. */
function readDaily(parts: Parts, base: Base): Recurrence {
  const { days } = byDay(parts);
  if (days.length === 0) return { ...base, every: 'day' };
  if (base.interval === 1) return { ...base, every: 'week', days, weekStart: 'monday' };
  throw new Unsupported('certain days of the week out of every few days');
}

function readRule(text: string, time: EventTime): Recurrence {
  const parts = partsOf(text);
  const frequency = parts.get('FREQ') ?? '';
  const every = (['day', 'week', 'month', 'year'] as const).find((each) => FREQUENCIES[each] === frequency);
  if (every === undefined) throw new Unsupported(`FREQ=${frequency} is none of daily to yearly`);
  const base = readBase(parts, isAllDay(time) ? null : (time.zone ?? 'UTC'));
  if (every === 'month' || every === 'year') return { ...base, every, ...monthPart(parts, time) };
  if (parts.has('BYMONTH') || parts.has('BYMONTHDAY') || parts.has('BYSETPOS'))
    throw new Unsupported(`a ${frequency.toLowerCase()} rule for certain days of the month or year`);
  if (byDay(parts).position !== undefined)
    throw new Unsupported('days of the week with a position in a week');
  return every === 'week' ? readWeekly(parts, base, time) : readDaily(parts, base);
}

/**
 * The rule that an RFC 5545 text means for a series that starts at `time`. What no rule here can say is named instead,
 * never rounded.
 */
export function parseRrule(text: string, time: EventTime): RruleResult {
  try {
    const recurrence = canonicalRecurrence(readRule(text, time));
    const fault = recurrenceFault(recurrence);
    return fault === null ? { recurrence } : { unsupported: fault };
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    throw error;
  }
}
