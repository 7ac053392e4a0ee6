import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWholeServer, type WholeServer } from '../src/access/whole-server.ts';
import { fuzz } from '../src/fuzz/run.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 });

/** `npm run fuzz -- --runs 100000` sends more of them. */
const RUNS = 500;
const SEED = Number(process.env.TIDELOCK_FUZZ_SEED ?? 7);

let server: WholeServer;
beforeAll(async () => {
  server = await openWholeServer();
});
afterAll(async () => server?.[Symbol.asyncDispose]());

it(`no request of ${RUNS} over all routes breaks the server, hangs it, or makes it tell a secret (seed ${SEED})`, async () => {
  const { faults, statuses, taken } = await fuzz(server, {
    ...{ runs: RUNS, seed: SEED, atOnce: 4 },
    onProgress: () => undefined,
  });
  expect(faults).toEqual([]);
  // Most of it was no nonsense, or nothing would have been tried.
  expect(statuses[200] ?? 0).toBeGreaterThan(RUNS / 20);
  expect(taken.size).toBeGreaterThan(25);
});
