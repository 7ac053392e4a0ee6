import { createRequire } from 'node:module';
import type { RRule as Rule, Weekday } from 'rrule';
import { Temporal } from 'temporal-polyfill';
import { INDEXES, type RandomSeries, type SeriesPattern, type SeriesRange } from './series.ts';

// Its CommonJS bundle hides its names from Node's loader.
const { RRule } = createRequire(import.meta.url)('rrule') as typeof import('rrule');

const DAYS: Readonly<Record<string, Weekday>> = {
  sunday: RRule.SU,
  monday: RRule.MO,
  tuesday: RRule.TU,
  wednesday: RRule.WE,
  thursday: RRule.TH,
  friday: RRule.FR,
  saturday: RRule.SA,
};

const FREQUENCIES: Readonly<Record<SeriesPattern['type'], number>> = {
  daily: RRule.DAILY,
  weekly: RRule.WEEKLY,
  absoluteMonthly: RRule.MONTHLY,
  relativeMonthly: RRule.MONTHLY,
  absoluteYearly: RRule.YEARLY,
  relativeYearly: RRule.YEARLY,
};

const weekday = (name: string): Weekday => DAYS[name] ?? RRule.MO;
const midnight = (day: string): Date => new Date(`${day}T00:00:00Z`);

/** The pattern as a rule of RFC 5545. A day that some months lack is "the last of those up to it". */
function toRule({ pattern, range }: { readonly pattern: SeriesPattern; readonly range: SeriesRange }): Rule {
  const { type, dayOfMonth } = pattern;
  const isAbsolute = type.startsWith('absolute');
  const isRelative = type.startsWith('relative');
  const days = Array.from({ length: Math.max(0, dayOfMonth - 27) }, (_, index) => 28 + index);
  return new RRule({
    freq: FREQUENCIES[type],
    interval: pattern.interval,
    dtstart: midnight(range.startDate),
    wkst: weekday(pattern.firstDayOfWeek),
    ...(type === 'weekly' || isRelative ? { byweekday: pattern.daysOfWeek.map(weekday) } : {}),
    ...(isRelative ? { bysetpos: pattern.index === 'last' ? -1 : INDEXES.indexOf(pattern.index) + 1 } : {}),
    ...(isAbsolute && dayOfMonth <= 28 ? { bymonthday: dayOfMonth } : {}),
    ...(isAbsolute && dayOfMonth > 28 ? { bymonthday: days, bysetpos: -1 } : {}),
    ...(type.endsWith('Yearly') ? { bymonth: pattern.month } : {}),
    ...(range.numberOfOccurrences === undefined ? {} : { count: range.numberOfOccurrences }),
    ...(range.endDate === undefined ? {} : { until: midnight(range.endDate) }),
  });
}

/** Finding dates is what takes the time; each pattern is read once, as far as somebody looked. */
const known = new WeakMap<SeriesPattern, { readonly last: string; readonly days: readonly string[] }>();

/** The dates of the pattern, `YYYY-MM-DD`, up to and with `last`; found by the library rrule. */
export function independentDays(
  series: { readonly pattern: SeriesPattern; readonly range: SeriesRange },
  last: string,
): readonly string[] {
  const before = known.get(series.pattern);
  if (before !== undefined && before.last >= last) return before.days.filter((day) => day <= last);
  const limit = midnight(last);
  const days: string[] = [];
  toRule(series).all((date) => {
    if (date > limit) return false;
    days.push(date.toISOString().slice(0, 10));
    return true;
  });
  known.set(series.pattern, { last, days });
  return days;
}

/** One row of a view. */
export interface Row {
  /** On the viewer's clock, `YYYY-MM-DDTHH:mm:ss`. */
  readonly start: string;
  readonly end: string;
  readonly type: 'occurrence' | 'exception';
}

interface Placed extends Row {
  readonly from: number;
  readonly to: number;
}

function place(
  series: RandomSeries,
  walls: { readonly start: string; readonly end: string },
  type: Row['type'],
): Placed {
  const { isAllDay, zone, viewer } = series;
  const at = (text: string) =>
    Temporal.PlainDateTime.from(text).toZonedDateTime(isAllDay ? viewer.zone : zone);
  const [start, end] = [at(walls.start), at(walls.end)];
  const shown = (time: Temporal.ZonedDateTime, text: string) =>
    isAllDay
      ? `${text}:00`
      : time.withTimeZone(viewer.zone).toPlainDateTime().toString({ smallestUnit: 'second' });
  return {
    type,
    start: shown(start, walls.start),
    end: shown(end, walls.end),
    from: start.epochMilliseconds,
    to: end.epochMilliseconds,
  };
}

const wall = (day: string, minutes: number): string =>
  Temporal.PlainDate.from(day).toPlainDateTime().add({ minutes }).toString().slice(0, 16);

/** What a calendar shows of the series in its window, by start; by rrule and Temporal alone. */
export function independentView(series: RandomSeries): readonly Row[] {
  const { window, from, length } = series;
  // Dates are moved by days, not weeks.
  const last = new Date(window.end + 10 * 86_400_000).toISOString().slice(0, 10);
  const near = window.start - 10 * 86_400_000;
  const changed = new Map(series.moved.map((each) => [each.day, each]));
  const gone = new Set(series.cancelled);
  const placed = independentDays(series, last)
    .filter((day) => !gone.has(day) && Date.parse(day) >= near)
    .map((day) => {
      const moved = changed.get(day);
      if (moved !== undefined) return place(series, moved, 'exception');
      return place(series, { start: wall(day, from), end: wall(day, from + length) }, 'occurrence');
    });
  return placed
    .filter(
      (row) =>
        row.from < window.end &&
        (row.to > window.start || (row.from === row.to && row.from === window.start)),
    )
    .sort((a, b) => a.from - b.from)
    .map(({ start, end, type }) => ({ type, start, end }));
}
