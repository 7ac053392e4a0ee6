import fc from 'fast-check';
import {
  type EventTime,
  type Exception,
  expandSeries,
  formatDay,
  formatWall,
  parseDay,
  parseWall,
  type Recurrence,
  type Series,
  WEEK_INDEXES,
  WEEKDAYS,
} from '../src/index.ts';

export const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'America/St_Johns',
  'Pacific/Apia',
  'UTC',
] as const;

export const DAY_MS = 86_400_000;
const FIRST = parseDay('2019-01-01') ?? 0;
const LAST = parseDay('2032-12-31') ?? 0;

export const anyDay = fc.integer({ min: FIRST, max: LAST });

const end = (start: number): fc.Arbitrary<Pick<Recurrence, 'until' | 'count'>> =>
  fc.oneof(
    fc.constant({}),
    fc.integer({ min: 1, max: 60 }).map((count) => ({ count })),
    fc.integer({ min: 0, max: 2_000 }).map((days) => ({ until: formatDay(start + days) })),
  );

const someDays = fc.subarray([...WEEKDAYS], { minLength: 1 }).map((days) => ({ days }) as const);
const inMonth = fc.oneof(
  fc.integer({ min: 1, max: 31 }).map((monthDay) => ({ monthDay })),
  fc.tuple(someDays, fc.constantFrom(...WEEK_INDEXES)).map(([days, index]) => ({ ...days, index })),
);

const pattern: fc.Arbitrary<Omit<Recurrence, 'kind' | 'interval' | 'zone'>> = fc.oneof(
  fc.constant({ every: 'day' as const }),
  fc
    .tuple(someDays, fc.constantFrom(...WEEKDAYS))
    .map(([days, weekStart]) => ({ every: 'week' as const, ...days, weekStart })),
  inMonth.map((day) => ({ every: 'month' as const, ...day })),
  fc
    .tuple(inMonth, fc.integer({ min: 1, max: 12 }))
    .map(([day, month]) => ({ every: 'year' as const, ...day, month })),
);

/** Rules of all kinds, of a series that begins on `start` in `zone`. */
export const recurrence = (start: number, zone: string | null): fc.Arbitrary<Recurrence> =>
  fc
    .tuple(pattern, fc.integer({ min: 1, max: 5 }), end(start))
    .map(([rule, interval, range]) => ({ kind: 'recurrence', interval, ...rule, ...range, zone }));

/** A first start and a length, in a zone or all day. */
export const eventTime: fc.Arbitrary<EventTime> = fc.oneof(
  fc
    .record({
      day: anyDay,
      minute: fc.integer({ min: 0, max: 1_439 }),
      length: fc.integer({ min: 0, max: 3_000 }),
      zone: fc.constantFrom(...ZONES),
    })
    .map(({ day, minute, length, zone }): EventTime => {
      const start = day * DAY_MS + minute * 60_000;
      return { kind: 'time', start: formatWall(start), end: formatWall(start + length * 60_000), zone };
    }),
  fc.tuple(anyDay, fc.integer({ min: 1, max: 3 })).map(([day, length]): EventTime => {
    return { kind: 'time', start: formatDay(day), end: formatDay(day + length), zone: null };
  }),
);

export const firstDay = (time: EventTime): number => parseDay(time.start.slice(0, 10)) ?? 0;

/** Moves a time on the clock on the wall; dates by whole days. */
export function moved(time: EventTime, minutes: number): EventTime {
  const ms = time.zone === null ? Math.sign(minutes) * DAY_MS : minutes * 60_000;
  const shift = (text: string): string => formatWall((parseWall(text) ?? 0) + ms).slice(0, text.length);
  return { ...time, start: shift(time.start), end: shift(time.end) };
}

/** Series of all kinds, with cancelled, moved and renamed occurrences among the first fifty. */
export const series: fc.Arbitrary<Series> = eventTime.chain((time) =>
  fc
    .record({
      rule: recurrence(firstDay(time), time.zone),
      changes: fc.array(
        fc.record({
          place: fc.nat({ max: 49 }),
          change: fc.oneof(
            fc.constant('cancelled' as const),
            fc.integer({ min: -900, max: 900 }),
            fc.string({ minLength: 1, maxLength: 8 }),
          ),
        }),
        { maxLength: 4 },
      ),
    })
    .map(({ rule, changes }): Series => {
      const plain: Series = { time, recurrence: rule, occurrences: null };
      const from = firstDay(time) * DAY_MS - DAY_MS;
      const shown = expandSeries(plain, { from, to: from + 400 * DAY_MS }).slice(0, 50);
      const byStart: Record<string, 'cancelled' | Exception> = {};
      for (const { place, change } of changes) {
        const at = shown[place];
        if (at === undefined) continue;
        if (change === 'cancelled') byStart[at.key] = change;
        else if (typeof change === 'string') byStart[at.key] = { subject: change };
        else byStart[at.key] = { time: moved(at.time, change) };
      }
      return { ...plain, occurrences: { kind: 'occurrences', byStart } };
    }),
);
