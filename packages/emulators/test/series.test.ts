import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { formatDay, parseDay } from '../src/microsoft365/calendar-day.ts';
import { readRecurrence } from '../src/microsoft365/recurrence.ts';
import { type Occurrence, occurrencesIn, type Series } from '../src/microsoft365/series.ts';
import { formatWall, readZonedTime, toInstant, toWall, zoneOf } from '../src/microsoft365/zoned-time.ts';

const UTC = zoneOf('UTC');
const at = (text: string): number => Date.parse(text);

function createSeries(of: {
  start: string;
  end: string;
  timeZone: string;
  pattern: object;
  range?: object;
  isAllDay?: boolean;
}): Series {
  const [start, end] = [of.start, of.end].map((dateTime) =>
    readZonedTime({ dateTime, timeZone: of.timeZone }, 'start'),
  );
  if (start === undefined || end === undefined) throw new Error('two times are needed');
  const startDate = formatDay(start.wall.day);
  const recurrence = readRecurrence(
    { pattern: of.pattern, range: { type: 'noEnd', startDate, ...of.range } },
    { startDate, timeZone: of.timeZone },
  );
  return {
    recurrence,
    zone: start.zone,
    start: start.wall,
    end: end.wall,
    isAllDay: of.isAllDay ?? false,
  };
}

const shown = (occurrences: Iterable<Occurrence>): string[] =>
  [...occurrences].map(({ start, end }) => `${new Date(start).toISOString()} ${(end - start) / 60_000} min`);

const weekly = { type: 'weekly', interval: 1, daysOfWeek: ['monday'] };

describe('a series', () => {
  it('keeps its wall time when the clocks change', () => {
    const series = createSeries({
      start: '2026-10-19T09:00',
      end: '2026-10-19T10:00',
      timeZone: 'W. Europe Standard Time',
      pattern: weekly,
    });
    const window = { start: at('2026-10-19T00:00Z'), end: at('2026-11-05T00:00Z') };
    expect(shown(occurrencesIn(series, window, UTC))).toEqual([
      '2026-10-19T07:00:00.000Z 60 min',
      '2026-10-26T08:00:00.000Z 60 min',
      '2026-11-02T08:00:00.000Z 60 min',
    ]);
  });

  it('over the night of the change is an hour longer or shorter, and one that does not exist comes later', () => {
    const night = (start: string) =>
      createSeries({
        start: `${start}T01:30`,
        end: `${start}T04:00`,
        timeZone: 'Europe/Berlin',
        pattern: { type: 'daily', interval: 1 },
        range: { type: 'numbered', numberOfOccurrences: 1 },
      });
    const whole = { start: at('2026-01-01T00:00Z'), end: at('2027-01-01T00:00Z') };
    expect(shown(occurrencesIn(night('2026-10-25'), whole, UTC))).toEqual([
      '2026-10-24T23:30:00.000Z 210 min',
    ]);
    expect(shown(occurrencesIn(night('2026-03-29'), whole, UTC))).toEqual([
      '2026-03-29T00:30:00.000Z 90 min',
    ]);
    const skipped = toInstant(
      { day: parseDay('2026-03-29') ?? 0, ms: 2.5 * 3_600_000 },
      zoneOf('Europe/Berlin'),
    );
    expect(new Date(skipped).toISOString()).toBe('2026-03-29T01:30:00.000Z');
  });

  it('is in the window with whatever touches it, and with nothing that only meets its edge', () => {
    const series = createSeries({
      start: '2026-11-23T23:00',
      end: '2026-11-24T01:00',
      timeZone: 'UTC',
      pattern: weekly,
    });
    const touched = (start: string, end: string) =>
      shown(occurrencesIn(series, { start: at(start), end: at(end) }, UTC)).length;
    expect(touched('2026-11-24T00:00Z', '2026-11-25T00:00Z')).toBe(1);
    expect(touched('2026-11-24T01:00Z', '2026-11-25T00:00Z')).toBe(0);
    expect(touched('2026-11-23T00:00Z', '2026-11-23T23:00Z')).toBe(0);
    expect(touched('2026-11-24T00:30Z', '2026-12-01T00:30Z')).toBe(2);
  });

  it('without length is in the window that it stands at the beginning of, and not in the one that ends there', () => {
    const moment = '2026-11-23T10:00';
    const series = createSeries({ start: moment, end: moment, timeZone: 'UTC', pattern: weekly });
    const touched = (start: string, end: string) =>
      shown(occurrencesIn(series, { start: at(start), end: at(end) }, UTC)).length;
    expect(touched('2026-11-23T10:00Z', '2026-11-23T11:00Z')).toBe(1);
    expect(touched('2026-11-23T09:00Z', '2026-11-23T10:00Z')).toBe(0);
    expect(touched('2026-11-23T09:00Z', '2026-11-23T11:00Z')).toBe(1);
  });

  it('of whole days floats: midnight wherever it is looked at', () => {
    const series = createSeries({
      start: '2026-12-24T00:00',
      end: '2026-12-26T00:00',
      timeZone: 'W. Europe Standard Time',
      pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: 24, month: 12 },
      isAllDay: true,
    });
    const window = { start: at('2026-12-01T00:00Z'), end: at('2027-01-01T00:00Z') };
    for (const zone of ['America/Los_Angeles', 'Pacific/Auckland', 'UTC'].map(zoneOf)) {
      const [one] = occurrencesIn(series, window, zone);
      expect(formatWall(toWall(one?.start ?? 0, zone))).toBe('2026-12-24T00:00:00.0000000');
      expect(formatWall(toWall(one?.end ?? 0, zone))).toBe('2026-12-26T00:00:00.0000000');
    }
  });
});

describe('times with a zone', () => {
  it('are read by Windows and IANA names, and without a zone as UTC', () => {
    const instant = (dateTime: string, timeZone?: string) => {
      const { wall, zone } = readZonedTime({ dateTime, timeZone }, 'start');
      return new Date(toInstant(wall, zone)).toISOString();
    };
    expect(instant('2017-04-15T12:00:00', 'Pacific Standard Time')).toBe('2017-04-15T19:00:00.000Z');
    expect(instant('2017-04-15T12:00:00.1234567', 'America/Los_Angeles')).toBe('2017-04-15T19:00:00.123Z');
    expect(instant('2026-07-01T08:00', 'India Standard Time')).toBe('2026-07-01T02:30:00.000Z');
    expect(instant('2026-07-01T08:00', 'tzone://Microsoft/Utc')).toBe('2026-07-01T08:00:00.000Z');
    expect(instant('2026-07-01T08:00')).toBe('2026-07-01T08:00:00.000Z');
  });

  it.each([
    ['Middle-earth Standard Time', '2026-07-01T08:00', 'A valid TimeZone value must be specified'],
    ['tzone://Microsoft/Custom', '2026-07-01T08:00', 'A valid TimeZone value must be specified'],
    ['UTC', '2026-02-30T08:00', 'has no valid date and time'],
    ['UTC', '2026-02-20T24:00', 'has no valid date and time'],
    ['UTC', 'tomorrow', 'has no valid date and time'],
  ])('in %s, %s, are refused', (timeZone, dateTime, said) => {
    expect(() => readZonedTime({ dateTime, timeZone }, 'start')).toThrow(said);
  });

  it('come back from the instant they stand for, in every zone and season', () => {
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'UTC',
    );
    const instant = fc.integer({ min: at('2019-01-01T00:00Z') / 1000, max: at('2031-01-01T00:00Z') / 1000 });
    fc.assert(
      fc.property(zone, instant, (name, seconds) => {
        const wall = toWall(seconds * 1000, zoneOf(name));
        const again = Temporal.Instant.fromEpochMilliseconds(toInstant(wall, zoneOf(name)));
        // One hour of autumn comes twice; it is read as the first time.
        const apart = seconds * 1000 - again.epochMilliseconds;
        expect([0, 1_800_000, 3_600_000]).toContain(apart);
        expect(toWall(again.epochMilliseconds, zoneOf(name))).toEqual(wall);
      }),
      { numRuns: 500 },
    );
  });

  it('stand at the instant that Temporal gives them, on the nights of clock changes too', () => {
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'Pacific/Apia',
      'America/Sao_Paulo',
      'Europe/Dublin',
      '+05:30',
    );
    const year = fc.integer({ min: 1975, max: 2049 });
    const aside = fc.integer({ min: -300, max: 300 });
    fc.assert(
      fc.property(zone, year, aside, (name, from, minutes) => {
        const begin = Temporal.PlainDate.from({ year: from, month: 1, day: 1 }).toZonedDateTime(name);
        const change = begin.getTimeZoneTransition('next') ?? begin;
        const near = change.toPlainDateTime().add({ minutes });
        const wanted = near.toZonedDateTime(name, { disambiguation: 'compatible' }).epochMilliseconds;
        const day = parseDay(near.toPlainDate().toString()) ?? 0;
        const ms = ((near.hour * 60 + near.minute) * 60 + near.second) * 1000;
        expect(toInstant({ day, ms }, zoneOf(name))).toBe(wanted);
      }),
      { numRuns: 1000 },
    );
  });
});
