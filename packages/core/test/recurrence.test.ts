import fc from 'fast-check';
import { RRule } from 'rrule';
import { describe, expect, it } from 'vitest';
import {
  canonicalRecurrence,
  type EventTime,
  formatDay,
  parseRrule,
  type Recurrence,
  recurrenceDays,
  recurrenceFault,
  toRrule,
} from '../src/index.ts';
import { eventTime, firstDay, recurrence } from './random-series.ts';

const MOST = 40;
const RUNS = 2_000;

const ruleAndTime = eventTime.chain((time) =>
  recurrence(firstDay(time), time.zone).map((rule) => ({ rule, time })),
);

function take(rule: Recurrence, start: number, most = MOST): string[] {
  const days: string[] = [];
  for (const day of recurrenceDays(rule, start)) {
    if (days.length >= most) break;
    days.push(formatDay(day));
  }
  return days;
}

/** The days that an independent library finds for our own text of the rule, as floating dates. */
function takeWithLibrary(rule: Recurrence, start: number): string[] {
  const date: EventTime = { kind: 'time', start: formatDay(start), end: formatDay(start + 1), zone: null };
  const text = toRrule({ ...rule, zone: null }, date);
  const parsed = RRule.parseString(text);
  const dtstart = new Date(`${date.start}T00:00:00Z`);
  return new RRule({ ...parsed, dtstart })
    .all((_, index) => index < MOST)
    .map((day) => day.toISOString().slice(0, 10));
}

describe('recurrence', () => {
  it('falls on the days that an independent library finds for its RRULE', () => {
    fc.assert(
      fc.property(ruleAndTime, ({ rule, time }) => {
        const start = firstDay(time);
        expect(take(rule, start)).toEqual(takeWithLibrary(rule, start));
      }),
      { numRuns: RUNS },
    );
  });

  it('comes back from its RRULE as it was', () => {
    fc.assert(
      fc.property(ruleAndTime, ({ rule, time }) => {
        expect(recurrenceFault(rule)).toBeNull();
        const text = toRrule(rule, time);
        expect(parseRrule(text, time)).toEqual({ recurrence: canonicalRecurrence(rule) });
      }),
      { numRuns: RUNS },
    );
  });

  it('is told from any day on as it is from its first day on', () => {
    fc.assert(
      fc.property(ruleAndTime, fc.integer({ min: -400, max: 4_000 }), ({ rule, time }, later) => {
        const start = firstDay(time);
        const all = take(rule, start, 400);
        const from = start + later;
        const limit = all.at(-1) ?? '';
        const told: string[] = [];
        for (const day of recurrenceDays(rule, start, from)) {
          if (formatDay(day) > limit) break;
          told.push(formatDay(day));
        }
        expect(told).toEqual(all.filter((day) => day >= formatDay(from)));
      }),
      { numRuns: RUNS },
    );
  });

  const start: EventTime = {
    kind: 'time',
    start: '2026-01-30T09:00:00',
    end: '2026-01-30T10:00:00',
    zone: 'Europe/Berlin',
  };

  it.each([
    ['FREQ=MONTHLY;BYMONTHDAY=31', /leaving out the months/],
    ['FREQ=MONTHLY', /leaving out the months/],
    ['FREQ=HOURLY', /none of daily to yearly/],
    ['FREQ=MONTHLY;BYDAY=1MO,3MO', /positions of their own/],
    ['FREQ=MONTHLY;BYDAY=MO', /every such day/],
    ['FREQ=MONTHLY;BYDAY=5MO', /none of 1 to 4 and -1/],
    ['FREQ=MONTHLY;BYMONTHDAY=1,15', /several days of a month/],
    ['FREQ=YEARLY;BYDAY=20MO', /counted in the year/],
    ['FREQ=DAILY;BYHOUR=9', /"BYHOUR=9" cannot be kept/],
    ['FREQ=WEEKLY;COUNT=0', /count has to be/],
    ['FREQ=WEEKLY;COUNT=3;UNTIL=20270101', /both until and count/],
    ['nonsense', /"nonsense" cannot be kept/],
  ])('names what it cannot say: %s', (text, reason) => {
    expect(parseRrule(text, start).unsupported).toMatch(reason);
  });

  it.each([
    ['FREQ=MONTHLY;BYMONTHDAY=-1', { every: 'month', monthDay: 31 }],
    ['FREQ=MONTHLY;BYDAY=-1FR', { every: 'month', days: ['friday'], index: 'last' }],
    ['RRULE:FREQ=DAILY;BYDAY=MO,TU', { every: 'week', days: ['monday', 'tuesday'], weekStart: 'monday' }],
    ['FREQ=WEEKLY', { every: 'week', days: ['friday'], weekStart: 'monday' }],
    // 22:30 UTC is 23:30 in Berlin in winter, and the next day from March on.
    ['FREQ=DAILY;UNTIL=20260301T223000Z', { every: 'day', until: '2026-03-01' }],
    ['FREQ=DAILY;UNTIL=20260701T223000Z', { every: 'day', until: '2026-07-02' }],
  ] as const)('takes other spellings of what it can say: %s', (text, rule) => {
    const base = { kind: 'recurrence', interval: 1, zone: 'Europe/Berlin' };
    expect(parseRrule(text, start)).toEqual({ recurrence: { ...base, ...rule } });
  });

  it.each([
    [{ interval: 0 }, /interval/],
    [{ every: 'week', days: [] }, /names its days/],
    [{ every: 'month' }, /neither monthDay nor days/],
    [{ every: 'month', monthDay: 32 }, /monthDay/],
    [{ every: 'year', monthDay: 1 }, /names its month/],
    [{ until: '2026-02-30' }, /until is not a date/],
  ] as const)('finds fault with %j', (change, reason) => {
    const rule: Recurrence = { kind: 'recurrence', every: 'day', interval: 1, zone: null };
    expect(recurrenceFault({ ...rule, ...change })).toMatch(reason);
  });
});
