import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { killStorm } from '../src/runner/kill-storm.ts';

const KILLS = 3;

it(`a server that is killed ${KILLS} times, and of whose notifications many are lost, doubled and late, has nothing twice and nothing lost`, async () => {
  const seed = Number(process.env.TIDELOCK_STORM_SEED ?? randomInt(2 ** 31));
  const result = await killStorm({ seed, kills: KILLS, program: 'serve' });
  expect({ seed, faults: result.faults }).toEqual({ seed, faults: [] });
  expect(result.pushed.told).toBeGreaterThan(0);
  // Three short lives on a slow machine have so few notifications that one of these can be missing by chance.
  const { lost, doubled, late } = result.pushed;
  expect(lost + doubled + late).toBeGreaterThan(0);
}, 240_000);
