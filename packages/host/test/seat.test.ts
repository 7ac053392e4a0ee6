import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLivePlatform } from '../src/index.ts';
import { takeSeat } from '../src/live/seat.ts';
import { createFakeFolder, GOOD, quiet } from './fake-folder.ts';

const SEAT = new URL('../src/live/seat.ts', import.meta.url).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-seat-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Another process that sits over the same folder until it is killed. */
async function otherProcess() {
  const text = `import { takeSeat } from ${JSON.stringify(SEAT)};
    console.log((await takeSeat(${JSON.stringify(folder)})).number); setInterval(() => {}, 60_000);`;
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    ...{ env, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  const [said] = await once(child.stdout, 'data');
  return {
    number: Number(String(said)),
    async kill() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('each process over a folder has a place of its own, and one that died leaves its place to the next', async () => {
  const other = await otherProcess();
  const here = await takeSeat(folder);
  expect([other.number, here.number]).toEqual([1, 2]);
  const elsewhere = await takeSeat(`${folder}-elsewhere`);
  expect(elsewhere.number).toBe(1);
  await other.kill();
  const next = await takeSeat(folder);
  expect(next.number).toBe(1);
  for (const seat of [here, elsewhere, next]) await seat.release();
});

test('platforms side by side over one folder have names of their own in leases', async () => {
  const fake = await createFakeFolder();
  const configPath = await fake.config(GOOD);
  const open = () => openLivePlatform({ configPath, overrides: { log: quiet }, env: {} });
  const ownerOf = (live: Awaited<ReturnType<typeof open>>) =>
    live.now().as('tidelock', { worker: 'runner' }).scheduled(null).owner;
  const first = await open();
  const second = await open();
  const [one, other] = [ownerOf(first), ownerOf(second)];
  expect(one).not.toBe(other);
  await first.close();
  const again = await open();
  expect(ownerOf(again)).toBe(one);
  await second.close();
  await again.close();
  await fake.remove();
});
