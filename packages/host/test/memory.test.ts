import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundsFor, growthFor } from '../src/memory.ts';

// A process of its own: what this one has loaded says nothing.
const PROGRAM = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  const { keepMemoryLow } = await import('@tidelock/host');
  keepMemoryLow();
  const { Headers: own, Response: answer } = await import('undici');
  console.log(JSON.stringify({ one: own === Headers && answer === Response, loaded }));
`;

it('a process that syncs holds one HTTP client, and nothing that only backups and new keys need', async () => {
  const args = ['--conditions=@tidelock/source', '--input-type=module', '-e', PROGRAM];
  const cwd = new URL('..', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 2 ** 24 });
  const { one, loaded } = JSON.parse(stdout) as { one: boolean; loaded: string[] };
  expect(one).toBe(true);
  expect(loaded.filter((url) => url.includes('/node_modules/undici/'))).not.toEqual([]);
  expect(loaded.filter((url) => /age-encryption|modern-tar|@peculiar/.test(url))).toEqual([]);
});

const MB = 2 ** 20;

/** Of old memory before the next collection, where everything stays that grew until this one. */
const heldAfter = (living: number): number => living * (1 + growthFor(living) / 100) ** 2;

it('a small process is looked through rarely, a large one often, and none grows out of its room', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5 * MB, max: 500 * MB }),
      fc.integer({ min: 0, max: 100 * MB }),
      (living, more) => {
        expect(growthFor(living + more)).toBeLessThanOrEqual(growthFor(living));
        // Half a per cent of growth is what rounding costs.
        if (growthFor(living) > 15) expect(heldAfter(living)).toBeLessThan(92 * MB);
      },
    ),
  );
  expect([20, 57, 75, 200].map((living) => growthFor(living * MB))).toEqual([80, 26, 15, 15]);
});

it('a process that may stand still is looked through when its room is full; one in which much lives when it has grown by a seventh', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5 * MB, max: 500 * MB }), (living) => {
      const { collectAt, percent } = boundsFor(living);
      const at = collectAt ?? 0;
      expect(at).toBeGreaterThanOrEqual(82 * MB);
      if (at > 82 * MB) expect(at / living).toBeCloseTo(1 + growthFor(living) / 100, 6);
      expect(percent).toBeLessThanOrEqual(200);
      // V8 must not begin before, where so much lives that it would matter.
      if (living > 41 * MB) expect(living * (1 + percent / 100)).toBeGreaterThanOrEqual(at * 1.5 - 1);
      else expect(percent).toBe(200);
    }),
  );
});

const growing = (rounds: number): string => `
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  import { getHeapStatistics } from 'node:v8';
  import { keepMemoryLow } from '@tidelock/host';
  keepMemoryLow({ atOnce: true });
  let most = 0;
  let forced = 0;
  new PerformanceObserver((list) => {
    const isForced = ({ detail }) => (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
    forced += list.getEntries().filter(isForced).length;
  }).observe({ entryTypes: ['gc'] });
  const kept = [];
  for (let round = 0; round < 800; round += 1) {
    // Lives for some rounds, half a megabyte each, so that it is old when it dies.
    kept.push(Array.from({ length: 10_000 }, (_, n) => ({ round, n })));
    if (kept.length > ${rounds}) kept.shift();
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, getHeapStatistics().used_heap_size);
  }
  console.log(JSON.stringify({ most, forced, exposed: typeof globalThis.gc }));
`;

it.each([
  { what: 'in little that lives', rounds: 80, room: 82 },
  // At first little lives, and V8 is told to wait for long: where 82 MB do, it is not left to that (it came to 268).
  { what: 'in more than the room is made for', rounds: 120, room: 94 },
])('what dies old is looked for in time $what, and nobody else can do so', async ({ rounds, room }) => {
  // A nursery as the commands of this repository have it: the notices come with its collections.
  const args = [
    '--scavenger-max-new-space-capacity-mb=4',
    '--conditions=@tidelock/source',
    '--input-type=module',
    '-e',
    growing(rounds),
  ];
  const cwd = new URL('..', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  const { most, forced, exposed } = JSON.parse(stdout) as {
    readonly most: number;
    readonly forced: number;
    readonly exposed: string;
  };
  expect(forced).toBeGreaterThan(1);
  // A notice comes some allocations late. By itself V8 would begin at half as much again.
  expect(most).toBeLessThan(room * 1.5 * MB);
  expect(exposed).toBe('undefined');
});
