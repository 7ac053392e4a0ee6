import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { killStorm } from '../src/runner/kill-storm.ts';

const KILLS = 3;
/** So many notifications, also where a start takes seconds, that each thing that can become of one has become of some. */
const MINUTES = 0.5;

it(`a server that is killed ${KILLS} times, and of whose notifications many are lost, doubled and late, has nothing twice and nothing lost`, async () => {
  const seed = Number(process.env.TIDELOCK_STORM_SEED ?? randomInt(2 ** 31));
  const result = await killStorm({ seed, kills: KILLS, minutes: MINUTES, program: 'serve' });
  expect({ seed, faults: result.faults }).toEqual({ seed, faults: [] });
  expect(result.pushed.told).toBeGreaterThan(0);
  expect(result.pushed.lost).toBeGreaterThan(0);
  expect(result.pushed.doubled).toBeGreaterThan(0);
  expect(result.pushed.late).toBeGreaterThan(0);
}, 240_000);
