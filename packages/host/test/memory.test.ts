import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundsFor } from '../src/memory.ts';

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

it('a small process is looked through when its room is full, a larger one when it grew by a seventh, a large one by V8 itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5 * MB, max: 500 * MB }), (living) => {
      const { collectAt, percent } = boundsFor(living);
      expect(percent).toBeGreaterThanOrEqual(15);
      expect(percent).toBeLessThanOrEqual(200);
      if (collectAt === null) expect(living).toBeGreaterThan(100 * MB);
      else {
        expect(collectAt).toBeGreaterThanOrEqual(Math.max(82 * MB, Math.floor(living * 1.15)));
        expect(collectAt).toBeLessThanOrEqual(116 * MB);
        // V8 must not begin before, where so little lives that it would matter.
        if (living > 40 * MB) expect(living * (1 + percent / 100)).toBeGreaterThan(collectAt * 1.45);
      }
    }),
  );
  expect([20, 57, 75, 200].map((living) => boundsFor(living * MB).collectAt)).toEqual([
    82 * MB,
    82 * MB,
    Math.round(75 * 1.15 * MB),
    null,
  ]);
});

const GROWING = `
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  import { getHeapStatistics } from 'node:v8';
  import { keepMemoryLow } from '@tidelock/host';
  keepMemoryLow();
  let most = 0;
  let forced = 0;
  new PerformanceObserver((list) => {
    const isForced = ({ detail }) => (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
    forced += list.getEntries().filter(isForced).length;
  }).observe({ entryTypes: ['gc'] });
  const kept = [];
  for (let round = 0; round < 800; round += 1) {
    // Lives for some rounds, so that it is old when it dies: forty megabytes.
    kept.push(Array.from({ length: 10_000 }, (_, n) => ({ round, n })));
    if (kept.length > 80) kept.shift();
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, getHeapStatistics().used_heap_size);
  }
  console.log(JSON.stringify({ most, forced, exposed: typeof globalThis.gc }));
`;

it('what dies old is looked for when the room is full, and nobody else can do so', async () => {
  // A nursery as the commands of this repository have it: the notices come with its collections.
  const args = [
    '--scavenger-max-new-space-capacity-mb=4',
    '--conditions=@tidelock/source',
    '--input-type=module',
    '-e',
    GROWING,
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
  expect(most).toBeLessThan(82 * 1.5 * MB);
  expect(exposed).toBe('undefined');
});
