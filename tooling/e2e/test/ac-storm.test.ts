import { CRM_VENDORS } from '@tidelock/emulators';
import { afterAll, describe, expect, it } from 'vitest';
import { play } from '../src/scenario.ts';
import { SCENARIOS } from '../src/scenarios/all.ts';
import { stormSeeds } from '../src/storm-seeds.ts';

// `npm run hunt` plays them under as many seeds as one has time for.

/** A play takes a second or two; machines are busy at times. */
const PATIENCE_MS = 240_000;

const named = process.env.TIDELOCK_STORM_SEED !== undefined;
const seeds = stormSeeds(process.env);
const turn = seeds.at(-1) ?? 0;
/** Each seed with one of the CRMs, by turns; with all of them where a person named the seeds. */
const storms = seeds.flatMap((seed, at) =>
  CRM_VENDORS.filter((_, index) => named || index === (turn + at) % CRM_VENDORS.length).map((vendor) => ({
    seed,
    vendor,
  })),
);

describe.each(storms)('under random faults with $vendor (TIDELOCK_STORM_SEED=$seed)', ({ seed, vendor }) => {
  let struck = 0;
  it.each(SCENARIOS.map((make) => ({ make, ...make() })))(
    '$name',
    async ({ make }) => {
      struck += await play(make(), seed, vendor);
    },
    PATIENCE_MS,
  );
  afterAll(() => expect(struck, 'faults that struck').toBeGreaterThan(0));
});
