import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { growthFor } from '../src/memory.ts';

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
