import type { EventTime, EventWindow, Occurrences, Recurrence } from '@tidelock/core';

const ZONE = 'Europe/Berlin';
/** A spring and an autumn of clock changes. */
export const WINDOW: EventWindow = { from: '2026-12-01', to: '2027-11-20' };

export const START: EventTime = {
  kind: 'time',
  start: '2027-03-02T09:00:00',
  end: '2027-03-02T09:30:00',
  zone: ZONE,
};
const DAY: EventTime = { kind: 'time', start: '2027-03-02', end: '2027-03-03', zone: null };

const rule = (given: Omit<Recurrence, 'kind' | 'zone'>, zone: string | null = ZONE): Recurrence => ({
  kind: 'recurrence',
  ...given,
  zone,
});

export const WEEKLY = rule({ every: 'week', interval: 1, days: ['tuesday'], weekStart: 'monday', count: 12 });

/** Every kind of rule and of end. 2027-03-02 is a Tuesday. */
export const RULES: readonly (readonly [what: string, rule: Recurrence, time: EventTime])[] = [
  ['every third day', rule({ every: 'day', interval: 3, count: 20 }), START],
  ['every week', WEEKLY, START],
  [
    'every other week, three days',
    rule({
      every: 'week',
      interval: 2,
      days: ['tuesday', 'thursday', 'sunday'],
      weekStart: 'sunday',
      until: '2027-06-30',
    }),
    START,
  ],
  ['a day of the month', rule({ every: 'month', interval: 1, monthDay: 2, count: 8 }), START],
  [
    'the first Tuesday',
    rule({ every: 'month', interval: 2, days: ['tuesday'], index: 'first', count: 4 }),
    START,
  ],
  [
    'the last working day',
    rule({
      every: 'month',
      interval: 1,
      days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      index: 'last',
      until: '2027-10-31',
    }),
    { ...START, start: '2027-03-31T16:00:00', end: '2027-03-31T17:00:00' },
  ],
  ['a date of the year', rule({ every: 'year', interval: 1, month: 3, monthDay: 2, count: 3 }), START],
  [
    'a weekday of the year',
    rule({ every: 'year', interval: 1, month: 3, days: ['tuesday'], index: 'first', count: 3 }),
    START,
  ],
  ['without an end', rule({ every: 'week', interval: 4, days: ['tuesday'], weekStart: 'monday' }), START],
  [
    'all day',
    rule({ every: 'week', interval: 1, days: ['tuesday'], weekStart: 'monday', count: 5 }, null),
    DAY,
  ],
];

export const CANCELLED = '2027-03-09T08:00:00Z';
export const MOVED = '2027-03-30T07:00:00Z';
export const RENAMED = '2027-04-06T07:00:00Z';
export const MOVED_TO: EventTime = {
  kind: 'time',
  start: '2027-03-31T14:00:00',
  end: '2027-03-31T15:00:00',
  zone: ZONE,
};

export const exceptions = (subject: string): Occurrences => ({
  kind: 'occurrences',
  byStart: { [CANCELLED]: 'cancelled', [MOVED]: { time: MOVED_TO }, [RENAMED]: { subject } },
});
