import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  type EventTime,
  expandSeries,
  formatDay,
  hasOccurrence,
  type Occurrence,
  occurrenceKey,
  type Recurrence,
  reanchor,
  recurrenceDays,
  type Series,
  seriesEnd,
} from '../src/index.ts';
import { anyDay, DAY_MS, firstDay, moved, series } from './random-series.ts';

const RUNS = 1_000;
const weekly = (zone: string): Recurrence => ({
  ...{ kind: 'recurrence', every: 'week', interval: 1, days: ['tuesday'], weekStart: 'monday', zone },
});
const at = (day: string, hour: string, zone: string): EventTime => ({
  ...{ kind: 'time', start: `${day}T${hour}:00`, end: `${day}T${hour.slice(0, 2)}:30:00`, zone },
});
const between = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });

const isInside = (at: { from: number; to: number }, window: { from: number; to: number }): boolean =>
  at.from < window.to && (at.to > window.from || (at.from === at.to && at.from >= window.from));

/** The slow way: every day of the rule, one after the other, made into instants by another library. */
function expandSlowly(of: Series, window: { from: number; to: number }): string[] {
  const zone = of.recurrence.zone ?? 'UTC';
  const bare = of.time.start.length === 10;
  const plain = (text: string): Temporal.PlainDateTime => Temporal.PlainDateTime.from(text);
  const length = plain(of.time.start).until(plain(of.time.end), { largestUnit: 'hours' });
  const clock = plain(of.time.start).toPlainTime();
  const found: string[] = [];
  for (const day of recurrenceDays(of.recurrence, firstDay(of.time))) {
    const start = Temporal.PlainDate.from(formatDay(day)).toPlainDateTime(clock);
    const instant = (wall: Temporal.PlainDateTime): number => wall.toZonedDateTime(zone).epochMilliseconds;
    if (instant(start) > window.to + 3 * DAY_MS) break;
    const key = bare ? formatDay(day) : `${new Date(instant(start)).toISOString().slice(0, 19)}Z`;
    const change = of.occurrences?.byStart[key];
    if (change === 'cancelled') continue;
    const own = change?.time as EventTime | undefined;
    const [from, to] = own
      ? [instant(plain(own.start)), instant(plain(own.end))]
      : [instant(start), instant(start.add(length))];
    if (isInside({ from, to }, window)) found.push(`${from} ${key} ${to} ${JSON.stringify(change ?? null)}`);
  }
  return found.sort();
}

const line = ({ from, key, to, exception }: Occurrence): string =>
  `${from} ${key} ${to} ${JSON.stringify(exception)}`;

describe('the expansion of a series', () => {
  it('is what a plain walk over all its days finds, item by item', () => {
    fc.assert(
      fc.property(series, anyDay, fc.integer({ min: 1, max: 400 }), (of, day, days) => {
        const window = { from: day * DAY_MS, to: (day + days) * DAY_MS };
        expect(expandSeries(of, window).map(line).sort()).toEqual(expandSlowly(of, window));
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps its wall time on both sides of a clock change (AC-22)', () => {
    const time = at('2026-10-20', '09:00', 'Europe/Berlin');
    const shown = expandSeries(
      { time, recurrence: weekly('Europe/Berlin'), occurrences: null },
      between('2026-10-19', '2026-11-04'),
    );
    expect(shown.map(({ time: own }) => own.start)).toEqual([
      '2026-10-20T09:00:00',
      '2026-10-27T09:00:00',
      '2026-11-03T09:00:00',
    ]);
    expect(shown.map(({ key }) => key)).toEqual([
      '2026-10-20T07:00:00Z',
      '2026-10-27T08:00:00Z',
      '2026-11-03T08:00:00Z',
    ]);
  });

  it('shows weeks 20 and later of a series that began before the window (AC-16)', () => {
    const time = at('2026-01-06', '09:00', 'Europe/Berlin');
    const of = { time, recurrence: weekly('Europe/Berlin'), occurrences: null };
    const shown = expandSeries(of, between('2026-05-11', '2026-06-01'));
    expect(shown.map(({ time: own }) => own.start.slice(0, 10))).toEqual([
      '2026-05-12',
      '2026-05-19',
      '2026-05-26',
    ]);
  });

  it('never takes dates through a zone (AC-23)', () => {
    const time: EventTime = { kind: 'time', start: '2026-12-24', end: '2026-12-25', zone: null };
    const rule: Recurrence = {
      kind: 'recurrence',
      every: 'year',
      interval: 1,
      month: 12,
      monthDay: 24,
      zone: null,
    };
    const shown = expandSeries(
      { time, recurrence: rule, occurrences: null },
      between('2026-01-01', '2028-01-01'),
    );
    expect(shown.map(({ time: own }) => `${own.start} ${own.end}`)).toEqual([
      '2026-12-24 2026-12-25',
      '2027-12-24 2027-12-25',
    ]);
  });

  it('ends where its last occurrence ends', () => {
    fc.assert(
      fc.property(series, (of) => {
        const end = seriesEnd(of);
        if (end === null) {
          expect(of.recurrence.until ?? of.recurrence.count).toBeUndefined();
          return;
        }
        expect(
          expandSeries(of, { from: end, to: end + 4_000 * DAY_MS }).filter(({ to }) => to > end),
        ).toEqual([]);
        const before = expandSeries(of, { from: Number.MIN_SAFE_INTEGER / 1e3, to: end + 1 });
        expect(end).toBe(Math.max(boundsOf(of.time).to, ...before.map(({ to }) => to)));
      }),
      { numRuns: 300 },
    );
  });

  it('knows its own keys and no others', () => {
    fc.assert(
      fc.property(series, (of) => {
        const first = firstDay(of.time) * DAY_MS;
        for (const { key } of expandSeries(of, { from: first, to: first + 90 * DAY_MS }))
          expect(hasOccurrence(of, key)).toBe(true);
        expect(hasOccurrence(of, '1999-01-01T00:00:01Z')).toBe(false);
        expect(hasOccurrence(of, 'nonsense')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('has the key of an occurrence from its original start, in any zone', () => {
    expect(occurrenceKey('2026-10-27T09:00:00', 'Europe/Berlin')).toBe('2026-10-27T08:00:00Z');
    expect(occurrenceKey('2026-10-27T08:00:00', null)).toBe('2026-10-27T08:00:00Z');
    expect(occurrenceKey('2026-10-27', null)).toBe('2026-10-27');
  });
});

describe('a changed series', () => {
  const zone = 'Europe/Berlin';
  const time = at('2026-01-06', '09:00', zone);
  const before: Series = {
    time,
    recurrence: weekly(zone),
    occurrences: {
      kind: 'occurrences',
      byStart: {
        '2026-01-13T08:00:00Z': 'cancelled',
        '2026-03-31T07:00:00Z': { subject: 'After the clock change' },
      },
    },
  };

  it('keeps its exceptions on the days that it still has, at their new start', () => {
    const after = { time: at('2026-01-06', '11:00', zone), recurrence: before.recurrence };
    expect(reanchor(before, after)).toEqual({
      occurrences: {
        kind: 'occurrences',
        byStart: {
          '2026-01-13T10:00:00Z': 'cancelled',
          '2026-03-31T09:00:00Z': { subject: 'After the clock change' },
        },
      },
      dropped: [],
    });
  });

  it('leaves no ghosts of days that it has no more (AC-19)', () => {
    const after: Pick<Series, 'time' | 'recurrence'> = {
      time: at('2026-01-08', '09:00', zone),
      recurrence: { ...weekly(zone), days: ['thursday'] },
    };
    expect(reanchor(before, after)).toEqual({
      occurrences: null,
      dropped: ['2026-01-13T08:00:00Z', '2026-03-31T07:00:00Z'],
    });
  });

  it('keeps what lies before the week in which it was cut (AC-18)', () => {
    const after = { time, recurrence: { ...before.recurrence, until: '2026-03-10' } };
    expect(reanchor(before, after)).toMatchObject({ dropped: ['2026-03-31T07:00:00Z'] });
  });

  it('never has an exception on a day on which it has no occurrence', () => {
    fc.assert(
      fc.property(series, series, fc.integer({ min: -600, max: 600 }), (of, other, minutes) => {
        for (const after of [other, { ...of, time: moved(of.time, minutes) }]) {
          const { occurrences, dropped } = reanchor(of, after);
          const keys = Object.keys(occurrences?.byStart ?? {});
          expect(keys.every((key) => hasOccurrence({ ...after, occurrences: null }, key))).toBe(true);
          expect(keys.length + dropped.length).toBe(Object.keys(of.occurrences?.byStart ?? {}).length);
        }
        expect(reanchor(of, of).dropped).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
