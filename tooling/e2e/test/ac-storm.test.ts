import { afterAll, describe, expect, it } from 'vitest';
import { play } from '../src/scenario.ts';
import { SCENARIOS } from '../src/scenarios/all.ts';
import { stormSeeds } from '../src/storm-seeds.ts';

// `npm run hunt` plays them under as many seeds as one has time for.

/** A play takes a second or two; machines are busy at times. */
const PATIENCE_MS = 240_000;

describe.each(stormSeeds(process.env))('under random faults (TIDELOCK_STORM_SEED=%i)', (seed) => {
  let struck = 0;
  it.each(SCENARIOS.map((make) => ({ make, ...make() })))(
    '$name',
    async ({ make }) => {
      struck += await play(make(), seed);
    },
    PATIENCE_MS,
  );
  afterAll(() => expect(struck, 'faults that struck').toBeGreaterThan(0));
});
