import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { canonicalZone, formatWall, parseWall, toInstant, toWall } from '../src/index.ts';
import { ZONES } from './random-series.ts';

const instant = fc
  .integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2035, 0, 1) })
  .map((ms) => ms - (ms % 1_000));
/** Instants near the clock changes of a zone: random ones hardly ever meet one. */
const nearChange = fc
  .tuple(fc.constantFrom(...ZONES), instant, fc.integer({ min: -10_800, max: 10_800 }))
  .map(([zone, at, seconds]) => {
    const here = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
    const change = here.getTimeZoneTransition('next')?.epochMilliseconds ?? at;
    return { zone, at: change + seconds * 1_000 };
  });

describe('zones', () => {
  it('show the wall time that Temporal shows', () => {
    fc.assert(
      fc.property(nearChange, ({ zone, at }) => {
        const wall = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime();
        expect(toWall(at, zone)).toBe(wall.toString({ smallestUnit: 'second' }));
      }),
      { numRuns: 3_000 },
    );
  });

  it('take wall times that there is not, and those that come twice, as Temporal does', () => {
    fc.assert(
      fc.property(nearChange, ({ zone, at }) => {
        const wall = formatWall(at);
        const expected = Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds;
        expect(toInstant(wall, zone)).toBe(expected);
        const shown = toWall(at, zone);
        const back = Temporal.PlainDateTime.from(shown).toZonedDateTime(zone).epochMilliseconds;
        expect(toInstant(shown, zone)).toBe(back);
      }),
      { numRuns: 3_000 },
    );
  });

  it('have one name', () => {
    expect(canonicalZone('Asia/Calcutta')).toBe(canonicalZone('Asia/Kolkata'));
    expect(canonicalZone('Etc/UTC')).toBe('UTC');
    expect(canonicalZone('W. Europe Standard Time')).toBeNull();
    expect(() => toWall(0, 'Mars/Olympus')).toThrow('"Mars/Olympus" is not a time zone');
  });

  it('refuse what is no wall time', () => {
    expect(parseWall('2026-02-29T00:00:00')).toBeNull();
    expect(parseWall('2026-02-28')).toBe(Date.UTC(2026, 1, 28));
    expect(() => toInstant('2026-02-28T25:00:00', 'UTC')).toThrow('is not a wall time');
  });
});
