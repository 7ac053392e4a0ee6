import {
  type Series as CoreSeries,
  type EventTime,
  expandSeries,
  formatDay,
  parseRrule,
  type Recurrence,
  toRrule,
} from '@tidelock/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDay } from '../src/microsoft365/calendar-day.ts';
import {
  INDEXES,
  type PatternedRecurrence,
  type PatternType,
  readRecurrence,
  WEEKDAYS,
} from '../src/microsoft365/recurrence.ts';
import { occurrencesIn, type Series } from '../src/microsoft365/series.ts';
import { zoneOf } from '../src/microsoft365/zoned-time.ts';

/** `TIDELOCK_SERIES=100000 npm test -- packages/emulators/test/core-series.test.ts` for as many. */
const RUNS = Number(process.env.TIDELOCK_SERIES ?? 3_000);
const DAY_MS = 86_400_000;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kolkata'];
const UTC = zoneOf('UTC');

const EVERY: Readonly<Record<PatternType, Recurrence['every']>> = {
  daily: 'day',
  weekly: 'week',
  absoluteMonthly: 'month',
  relativeMonthly: 'month',
  absoluteYearly: 'year',
  relativeYearly: 'year',
};

/** The rule as the contract has it: what a pattern's type does not use stands in it with a default. */
function toCore({ pattern, range }: PatternedRecurrence, zone: string | null): Recurrence {
  const { type, interval, daysOfWeek: days = [], index, dayOfMonth, month, firstDayOfWeek } = pattern;
  return {
    ...{ kind: 'recurrence', every: EVERY[type], interval, zone },
    ...(type === 'weekly' ? { days, weekStart: firstDayOfWeek } : {}),
    ...(type.startsWith('relative') ? { days, index } : {}),
    ...(type.startsWith('absolute') ? { monthDay: dayOfMonth } : {}),
    ...(type.endsWith('Yearly') ? { month } : {}),
    ...(range.type === 'endDate' ? { until: range.endDate } : {}),
    ...(range.type === 'numbered' ? { count: range.numberOfOccurrences } : {}),
  };
}

const TYPE_OF = (rule: Recurrence): PatternType => {
  if (rule.every === 'day') return 'daily';
  if (rule.every === 'week') return 'weekly';
  const kind = rule.monthDay === undefined ? 'relative' : 'absolute';
  return rule.every === 'month' ? `${kind}Monthly` : `${kind}Yearly`;
};

/** And back, as Graph answers with it. */
function toGraph(rule: Recurrence, of: { startDate: string; timeZone: string }): PatternedRecurrence {
  const { interval, days, index, monthDay, month, weekStart, until, count } = rule;
  const pattern = { type: TYPE_OF(rule), interval, daysOfWeek: days, index, dayOfMonth: monthDay, month };
  const end = until === undefined ? { type: 'noEnd' } : { type: 'endDate', endDate: until };
  const range = count === undefined ? end : { type: 'numbered', numberOfOccurrences: count };
  return readRecurrence(
    {
      pattern: { ...pattern, firstDayOfWeek: weekStart },
      range: { ...range, startDate: of.startDate, recurrenceTimeZone: of.timeZone },
    },
    of,
  );
}

const anyDay = fc.integer({ min: parseDay('2019-01-01') ?? 0, max: parseDay('2032-12-31') ?? 0 });
const anyPattern = fc.record({
  type: fc.constantFrom<PatternType>(...(Object.keys(EVERY) as PatternType[])),
  interval: fc.integer({ min: 1, max: 5 }),
  daysOfWeek: fc.subarray([...WEEKDAYS], { minLength: 1 }),
  firstDayOfWeek: fc.constantFrom(...WEEKDAYS),
  index: fc.constantFrom(...INDEXES),
  dayOfMonth: fc.integer({ min: 1, max: 31 }),
  month: fc.integer({ min: 1, max: 12 }),
});
const anyRange = (start: number) =>
  fc.oneof(
    fc.constant({ type: 'noEnd' }),
    fc.integer({ min: 1, max: 80 }).map((count) => ({ type: 'numbered', numberOfOccurrences: count })),
    fc.integer({ min: 0, max: 1_500 }).map((days) => ({ type: 'endDate', endDate: formatDay(start + days) })),
  );

interface Sample {
  readonly graph: PatternedRecurrence;
  readonly zone: string;
  readonly time: EventTime;
  readonly series: Series;
  readonly window: { readonly from: number; readonly to: number };
}

const sample: fc.Arbitrary<Sample> = fc
  .record({
    start: anyDay,
    pattern: anyPattern,
    zone: fc.constantFrom(...ZONES),
    minute: fc.integer({ min: 0, max: 1_439 }),
    length: fc.integer({ min: 0, max: 2_000 }),
    isAllDay: fc.boolean(),
    looked: fc.integer({ min: -100, max: 1_500 }),
    days: fc.integer({ min: 1, max: 400 }),
  })
  .chain(({ start, pattern, zone, minute, length, isAllDay, looked, days }) =>
    anyRange(start).map((range): Sample => {
      const startDate = formatDay(start);
      const graph = readRecurrence(
        { pattern, range: { ...range, startDate } },
        { startDate, timeZone: zone },
      );
      const from = isAllDay ? 0 : minute * 60_000;
      const to = isAllDay ? DAY_MS * (1 + (length % 3)) : from + length * 60_000;
      const wall = (ms: number) => ({ day: start + Math.floor(ms / DAY_MS), ms: ms % DAY_MS });
      const text = (ms: number): string => new Date(start * DAY_MS + ms).toISOString().slice(0, 19);
      const time: EventTime = isAllDay
        ? { kind: 'time', start: text(from).slice(0, 10), end: text(to).slice(0, 10), zone: null }
        : { kind: 'time', start: text(from), end: text(to), zone };
      return {
        ...{ graph, zone, time },
        series: { recurrence: graph, zone: zoneOf(zone), start: wall(from), end: wall(to), isAllDay },
        window: { from: (start + looked) * DAY_MS, to: (start + looked + days) * DAY_MS },
      };
    }),
  );

it('what the contract makes of a series is what the emulated calendar shows, item by item', () => {
  fc.assert(
    fc.property(sample, ({ graph, zone, time, series, window }) => {
      const recurrence = toCore(graph, time.zone === null ? null : zone);
      const core: CoreSeries = { time, recurrence, occurrences: null };
      const ours = expandSeries(core, window).map(({ from, to }) => `${from} ${to}`);
      const view = { start: window.from, end: window.to };
      const theirs = [...occurrencesIn(series, view, UTC)].map(({ start, end }) => `${start} ${end}`);
      expect(ours.sort()).toEqual(theirs.sort());
    }),
    { numRuns: RUNS },
  );
}, 600_000);

it('a pattern of Graph goes to RRULE and comes back as it was', () => {
  fc.assert(
    fc.property(sample, ({ graph, zone, time }) => {
      const recurrence = toCore(graph, time.zone === null ? null : zone);
      const back = parseRrule(toRrule(recurrence, time), time);
      if (back.recurrence === undefined) throw new Error(back.unsupported);
      const startDate = time.start.slice(0, 10);
      const again = toGraph(back.recurrence, { startDate, timeZone: zone });
      // Types that use no day, month or first day of the week leave what was sent there as it was.
      expect(toCore(again, recurrence.zone)).toEqual(toCore(graph, recurrence.zone));
      expect(again.range).toEqual(graph.range);
    }),
    { numRuns: RUNS },
  );
}, 600_000);
