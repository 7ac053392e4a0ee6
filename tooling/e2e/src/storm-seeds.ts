import { randomInt } from 'node:crypto';

const FIXED = 20_261_128;

/** One fixed and one fresh seed, or those that `TIDELOCK_STORM_SEED` names (`1,2,3`). */
export function stormSeeds(env: Readonly<Record<string, string | undefined>>): number[] {
  const named = env.TIDELOCK_STORM_SEED;
  return named === undefined ? [FIXED, randomInt(2 ** 31)] : named.split(',').map(Number);
}
