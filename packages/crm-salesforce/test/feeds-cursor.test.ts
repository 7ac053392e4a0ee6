import { isFollowed } from '@tidelock/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  afterScan,
  type DeltaCursor,
  decodeCursor,
  encodeCursor,
  type Key,
  OVERLAP_MS,
  startOf,
} from '../src/feeds-cursor.ts';

const T0 = Date.parse('2026-08-01T06:00:00.000Z');
const iso = (ms: number) => new Date(ms).toISOString();

interface Version {
  readonly id: string;
  readonly stamp: number;
  readonly visible: number;
}

const byKey = (a: Version, b: Version) => a.stamp - b.stamp || (a.id < b.id ? -1 : 1);

/** Does what the conditions of a cursor ask the service for. */
function ask(cursor: DeltaCursor, versions: readonly Version[], now: number): readonly Version[] {
  const start = startOf(cursor);
  return versions
    .filter(({ visible }) => visible <= now)
    .filter(({ id, stamp }) => {
      const at = iso(stamp);
      if ('from' in start) return at >= start.from;
      if ('above' in start) return start.above === null || at > start.above;
      const { behind } = start;
      return at > behind.stamp || (at === behind.stamp && id > behind.id);
    })
    .sort(byKey);
}

interface Round {
  readonly cursor: DeltaCursor;
  readonly pages: number;
  readonly delivered: readonly Version[];
}

function runRound(
  start: DeltaCursor,
  versions: readonly Version[],
  { now, size, told = now }: { now: number; size: number; told?: number },
): Round {
  let cursor = start;
  const delivered: Version[] = [];
  for (let pages = 1; ; pages += 1) {
    const rows = ask(cursor, versions, now).slice(0, size);
    delivered.push(...rows);
    const keys: Key[] = rows.map(({ id, stamp }) => ({ stamp: iso(stamp), id }));
    const before = cursor;
    cursor = advance(before, { keys, more: rows.length === size, serverTime: told });
    if (cursor.at === null && !isFollowed(before, cursor)) return { cursor, pages, delivered };
  }
}

const EMPTY = afterScan({ v: 1, mode: 'scan', after: null, mark: null, clock: null });

function bulk(count: number, at: number): Version[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `b${String(index).padStart(6, '0')}`,
    stamp: at + Math.floor(index / 500) * 1000,
    visible: at,
  }));
}

describe('cursor of the rounds', () => {
  it('misses no row, however late its transaction commits', () => {
    const event = fc.record({
      gap: fc.integer({ min: 0, max: 240 }),
      lag: fc.integer({ min: 0, max: 600 }),
      count: fc.constantFrom(1, 1, 1, 3, 1200),
    });
    const plan = fc.array(event, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(plan, fc.integer({ min: 20, max: 900 }), (events, every) => {
        let at = T0;
        const versions = events.flatMap(({ gap, lag, count }, event) => {
          at += gap * 1000;
          const stamp = at;
          return Array.from({ length: count }, (_, index) => ({
            id: `e${event}-${String(index).padStart(5, '0')}`,
            stamp,
            visible: stamp + lag * 1000,
          }));
        });
        let cursor = EMPTY;
        const seen = new Set<string>();
        for (let now = T0; now < at + 5 * OVERLAP_MS; now += every * 1000) {
          const round = runRound(cursor, versions, { now, size: 700 });
          cursor = decodeCursor(encodeCursor(round.cursor)) as DeltaCursor;
          for (const { id } of round.delivered) seen.add(id);
        }
        expect(seen.size).toBe(versions.length);
      }),
      { numRuns: 40 },
    );
  });

  it('asks once in an idle round, and for nothing again after the overlap', () => {
    const versions = bulk(30, T0);
    let { cursor } = runRound(EMPTY, versions, { now: T0 + 60_000, size: 2000 });
    const second = runRound(cursor, versions, { now: T0 + 120_000, size: 2000 });
    expect([second.pages, second.delivered.length]).toEqual([1, 30]);
    ({ cursor } = runRound(second.cursor, versions, { now: T0 + OVERLAP_MS + 60_000, size: 2000 }));
    const settled = runRound(cursor, versions, { now: T0 + OVERLAP_MS + 120_000, size: 2000 });
    expect([settled.pages, settled.delivered.length]).toEqual([1, 0]);
  });

  it('reads a mass change twice, and not once per round', () => {
    const versions = bulk(50_000, T0);
    let cursor = EMPTY;
    let delivered = 0;
    const pages: number[] = [];
    for (let minute = 3; minute < 60; minute += 1) {
      const round = runRound(cursor, versions, { now: T0 + minute * 60_000, size: 2000 });
      cursor = round.cursor;
      delivered += round.delivered.length;
      pages.push(round.pages);
    }
    expect(delivered).toBeLessThanOrEqual(100_000);
    expect(pages.filter((count) => count > 1)).toHaveLength(2);
    expect(pages.at(-1)).toBe(1);
  });

  it('reports in its next round what changes in the second of the newest row, also after a mass change', () => {
    const changedAt = (id: string, at: number, visible = at) => ({ id, stamp: at, visible });
    const many = bulk(5_000, T0);
    const read = T0 + 20_000;
    const newest = changedAt('z', read);
    const before = runRound(EMPTY, [...many, newest], { now: read, size: 2000 });
    expect([before.cursor.head?.id, before.cursor.full], 'a round would start at the floor').toEqual([
      'z',
      false,
    ]);
    const late = [changedAt('a', read, read + 900), changedAt('b', read - 2_000, read + 900)];
    const all = [...many, newest, ...late];
    const next = runRound(before.cursor, all, { now: read + 10_000, size: 2000 });
    expect(next.delivered.map(({ id }) => id)).toEqual(['b', 'a', 'z']);
    const third = runRound(next.cursor, all, { now: read + 20_000, size: 2000 });
    expect(third.delivered).toEqual([]);
  });

  it('repeats little where each of many changes is followed by a round, and finds late ones within a minute', () => {
    const SECONDS = 300;
    const many = Array.from({ length: SECONDS * 2 }, (_, index): Version => {
      const at = T0 + index * 500;
      const stamp = Math.floor(at / 1000) * 1000;
      return { id: `c${String(index).padStart(5, '0')}`, stamp, visible: at };
    });
    const late = { id: 'late', stamp: T0 + 60_000, visible: T0 + 240_000 };
    const all = [...many, late];
    const next = many.map(({ visible }) => visible);
    let cursor = EMPTY;
    let delivered = 0;
    let foundAt = 0;
    for (const now of next) {
      const round = runRound(cursor, all, { now, size: 2000 });
      ({ cursor } = round);
      delivered += round.delivered.length;
      if (foundAt === 0 && round.delivered.includes(late)) foundAt = now;
    }
    expect(delivered / SECONDS).toBeLessThan(80);
    expect(foundAt - late.visible).toBeLessThan(60_000);
    // A round that comes alone finds what became visible late, as every round does while few rows are repeated.
    const alone = { ...late, id: 'alone', visible: T0 + SECONDS * 1_000 + 30_000 };
    const found = runRound(cursor, [...all, alone], { now: alone.visible + 30_000, size: 2000 });
    expect(found.delivered).toContain(alone);
  });

  it('goes some seconds back twice a second at most, however often it is read', () => {
    const before = bulk(1_500, T0 - 60_000);
    const many = Array.from({ length: 20 * 30 }, (_, index): Version => {
      const at = T0 + index * 50;
      const stamp = Math.floor(at / 1000) * 1000;
      return { id: `d${String(index).padStart(5, '0')}`, stamp, visible: at };
    });
    const all = [...before, ...many];
    let { cursor } = runRound(EMPTY, all, { now: T0 - 30_000, size: 2000 });
    let delivered = 0;
    for (let now = T0; now < T0 + 30_000; now += 100) {
      // The service tells whole seconds.
      const round = runRound(cursor, all, { now, size: 2000, told: Math.floor(now / 1000) * 1000 });
      ({ cursor } = round);
      delivered += round.delivered.length;
    }
    expect(delivered / 30).toBeLessThan(350);
  });

  it('reads what few rows lie above in every round, as long as rounds are minutes apart', () => {
    const versions = bulk(800, T0);
    let { cursor } = runRound(EMPTY, versions, { now: T0 + 10_000, size: 2000 });
    for (let minute = 1; minute < 9; minute += 1) {
      const round = runRound(cursor, versions, { now: T0 + minute * 60_000, size: 2000 });
      expect([round.pages, round.delivered.length]).toEqual([1, 800]);
      ({ cursor } = round);
    }
  });

  it('never puts the clock where a stamp belongs', () => {
    const { cursor } = runRound(EMPTY, bulk(1, T0), { now: T0 + 86_400_000, size: 2000 });
    expect([cursor.floor, cursor.head?.stamp]).toEqual([iso(T0), iso(T0)]);
  });

  it('reads cursors of earlier versions', () => {
    const { swept: _, told: __, back: ___, goesBack: ____, ...earlier } = EMPTY;
    expect(decodeCursor(JSON.stringify(earlier))).toEqual(EMPTY);
  });

  it.each(['', 'x', '{}', '{"v":2,"mode":"delta"}'])('refuses %j as expired', (text) => {
    expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ kind: 'cursor_expired' }));
  });
});
