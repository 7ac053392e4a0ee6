import { expect, test } from 'vitest';
import { createLanes } from '../src/lane.ts';

test('mailboxes are probed without a wait after as many look-ups as the directory answers in ten seconds', async () => {
  let wall = 0;
  const sleep = async (ms: number): Promise<void> => {
    wall += ms;
  };
  const lanes = createLanes({ now: () => wall, mono: () => wall, sleep });
  for (let n = 0; n < 2_000; n += 1) await lanes.directory.run(async () => undefined);
  for (let n = 0; n < 2_000; n += 1) await lanes.probes.run(async () => undefined);
  expect(wall).toBe(0);
  await lanes.directory.run(async () => undefined);
  expect(wall).toBeGreaterThan(0);
});
