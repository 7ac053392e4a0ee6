import { describe, expect, it } from 'vitest';
import { play } from '../src/scenario.ts';
import { SCENARIOS } from '../src/scenarios/all.ts';

describe('the acceptance cases with HubSpot, in fair weather', () => {
  it.each(SCENARIOS.map((make) => ({ make, ...make() })))('$name', async ({ make }) => {
    expect(await play(make(), null, 'hubspot'), 'faults that struck').toBe(0);
  });
});
