import fc from 'fast-check';
import { RRule, type Weekday as RuleDay } from 'rrule';
import { describe, expect, it } from 'vitest';
import { formatDay, parseDay } from '../src/microsoft365/calendar-day.ts';
import {
  INDEXES,
  type PatternedRecurrence,
  type PatternType,
  readRecurrence,
  WEEKDAYS,
  type Weekday,
} from '../src/microsoft365/recurrence.ts';
import { recurrenceDays } from '../src/microsoft365/recurrence-days.ts';

const ZONE = 'W. Europe Standard Time';
const MOST = 40;

const take = (series: PatternedRecurrence, most = MOST): string[] => {
  const days: string[] = [];
  for (const day of recurrenceDays(series)) {
    if (days.length >= most) break;
    days.push(formatDay(day));
  }
  return days;
};

const read = (pattern: object, range: object): PatternedRecurrence => {
  const { startDate } = range as { startDate: string };
  return readRecurrence({ pattern, range }, { startDate, timeZone: ZONE });
};

const RULE_DAYS: Readonly<Record<Weekday, RuleDay>> = {
  sunday: RRule.SU,
  monday: RRule.MO,
  tuesday: RRule.TU,
  wednesday: RRule.WE,
  thursday: RRule.TH,
  friday: RRule.FR,
  saturday: RRule.SA,
};

const FREQUENCIES: Readonly<Record<PatternType, number>> = {
  daily: RRule.DAILY,
  weekly: RRule.WEEKLY,
  absoluteMonthly: RRule.MONTHLY,
  relativeMonthly: RRule.MONTHLY,
  absoluteYearly: RRule.YEARLY,
  relativeYearly: RRule.YEARLY,
};

/** The same series for another library. A day that some months lack is "the last of those up to it". */
function toRule({ pattern, range }: PatternedRecurrence): RRule {
  const { type, dayOfMonth, daysOfWeek = [] } = pattern;
  const absolute = type.startsWith('absolute');
  const relative = type.startsWith('relative');
  const days = Array.from({ length: Math.max(0, dayOfMonth - 27) }, (_, index) => 28 + index);
  const at = (text: string): Date => new Date(`${text}T00:00:00Z`);
  return new RRule({
    freq: FREQUENCIES[type],
    interval: pattern.interval,
    dtstart: at(range.startDate),
    wkst: RULE_DAYS[pattern.firstDayOfWeek],
    ...(type === 'weekly' || relative ? { byweekday: daysOfWeek.map((day) => RULE_DAYS[day]) } : {}),
    ...(relative ? { bysetpos: pattern.index === 'last' ? -1 : INDEXES.indexOf(pattern.index) + 1 } : {}),
    ...(absolute && dayOfMonth <= 28 ? { bymonthday: dayOfMonth } : {}),
    ...(absolute && dayOfMonth > 28 ? { bymonthday: days, bysetpos: -1 } : {}),
    ...(type.endsWith('Yearly') ? { bymonth: pattern.month } : {}),
    ...(range.type === 'numbered' ? { count: range.numberOfOccurrences } : {}),
    ...(range.type === 'endDate' ? { until: at(range.endDate) } : {}),
  });
}

const takeRule = (rule: RRule): string[] =>
  rule.all((_, index) => index < MOST).map((date) => date.toISOString().slice(0, 10));

const day = fc
  .integer({ min: parseDay('2019-01-01') ?? 0, max: parseDay('2032-12-31') ?? 0 })
  .map((number) => ({ number, text: formatDay(number) }));
const pattern = fc.record({
  type: fc.constantFrom<PatternType>(
    'daily',
    'weekly',
    'absoluteMonthly',
    'relativeMonthly',
    'absoluteYearly',
    'relativeYearly',
  ),
  interval: fc.integer({ min: 1, max: 14 }),
  dayOfMonth: fc.integer({ min: 1, max: 31 }),
  month: fc.integer({ min: 1, max: 12 }),
  daysOfWeek: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
  firstDayOfWeek: fc.constantFrom(...WEEKDAYS),
  index: fc.constantFrom(...INDEXES),
});
const range = fc
  .record({
    start: day,
    type: fc.constantFrom('endDate', 'noEnd', 'numbered'),
    length: fc.integer({ min: 0, max: 2000 }),
    count: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ start, type, length, count }) => ({
    type,
    startDate: start.text,
    ...(type === 'endDate' ? { endDate: formatDay(start.number + length) } : {}),
    ...(type === 'numbered' ? { numberOfOccurrences: count } : {}),
  }));

describe('the days of a series', () => {
  it('are those of an independent library, for every type of pattern and range', () => {
    fc.assert(
      fc.property(pattern, range, (one, other) => {
        const series = read(one, other);
        expect(take(series)).toEqual(takeRule(toRule(series)));
      }),
      { numRuns: 3000 },
    );
  });

  it('take the last day of a month that lacks the day', () => {
    const monthly = { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 };
    expect(
      take(read(monthly, { type: 'numbered', startDate: '2028-01-31', numberOfOccurrences: 4 })),
    ).toEqual(['2028-01-31', '2028-02-29', '2028-03-31', '2028-04-30']);
    const yearly = { type: 'absoluteYearly', interval: 1, dayOfMonth: 29, month: 2 };
    expect(take(read(yearly, { type: 'numbered', startDate: '2027-02-28', numberOfOccurrences: 2 }))).toEqual(
      ['2027-02-28', '2028-02-29'],
    );
  });

  it('several days with an index fall on the first that satisfies it', () => {
    const workdays = WEEKDAYS.slice(1, 6);
    const last = { type: 'relativeMonthly', interval: 1, daysOfWeek: workdays, index: 'last' };
    const range = { type: 'numbered', startDate: '2026-10-30', numberOfOccurrences: 3 };
    expect(take(read(last, range))).toEqual(['2026-10-30', '2026-11-30', '2026-12-31']);
  });

  it('of weeks depend on where a week begins', () => {
    const every = (firstDayOfWeek: Weekday) =>
      take(
        read(
          { type: 'weekly', interval: 2, daysOfWeek: ['sunday', 'monday'], firstDayOfWeek },
          { type: 'numbered', startDate: '2026-11-23', numberOfOccurrences: 3 },
        ),
      );
    expect(every('sunday')).toEqual(['2026-11-23', '2026-12-06', '2026-12-07']);
    expect(every('monday')).toEqual(['2026-11-23', '2026-11-29', '2026-12-07']);
  });

  it('go on for ever where there is no end', () => {
    const daily = { type: 'daily', interval: 999 };
    expect(take(read(daily, { type: 'noEnd', startDate: '2026-11-28' }), 3)).toEqual([
      '2026-11-28',
      '2029-08-23',
      '2032-05-18',
    ]);
  });
});

describe('a recurrence as it is sent', () => {
  const weekly = { type: 'weekly', interval: 1, daysOfWeek: ['Monday'] };
  const until = { type: 'endDate', startDate: '2017-09-04', endDate: '2017-12-31' };

  it('comes back with every field, in small letters, and the zone of its event', () => {
    expect(read(weekly, until)).toEqual({
      pattern: {
        type: 'weekly',
        interval: 1,
        month: 0,
        dayOfMonth: 0,
        daysOfWeek: ['monday'],
        firstDayOfWeek: 'sunday',
        index: 'first',
      },
      range: {
        type: 'endDate',
        startDate: '2017-09-04',
        endDate: '2017-12-31',
        recurrenceTimeZone: ZONE,
        numberOfOccurrences: 0,
      },
    });
  });

  const refused: readonly (readonly [what: string, pattern: object, range: object])[] = [
    ['no interval', { ...weekly, interval: 0 }, until],
    ['half an interval', { ...weekly, interval: 1.5 }, until],
    ['no day', { ...weekly, daysOfWeek: [] }, until],
    ['an unknown day', { ...weekly, daysOfWeek: ['someday'] }, until],
    ['an unknown type', { ...weekly, type: 'hourly' }, until],
    ['an unused field that is wrong', { ...weekly, dayOfMonth: 32 }, until],
    ['a month without its day', { type: 'absoluteMonthly', interval: 1 }, until],
    ['a year without its month', { type: 'absoluteYearly', interval: 1, dayOfMonth: 3 }, until],
    ['an end before the start', weekly, { ...until, endDate: '2017-09-03' }],
    ['a day that does not exist', weekly, { ...until, endDate: '2017-11-31' }],
    ['no count', weekly, { type: 'numbered', startDate: '2017-09-04' }],
    ['an unknown range', weekly, { ...until, type: 'soon' }],
  ];
  it.each(refused)('is refused with %s', (_what, one, other) => {
    expect(() => read(one, other)).toThrow(/recurrence|Requested value/);
  });

  it('is refused where it does not begin with its event', () => {
    const event = { startDate: '2017-09-05', timeZone: ZONE };
    expect(() => readRecurrence({ pattern: weekly, range: until }, event)).toThrow(
      'is not the date of start',
    );
  });
});
