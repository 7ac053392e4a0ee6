import { describe, expect, it } from 'vitest';
import { play } from '../src/scenario.ts';
import {
  awayAndBack,
  copied,
  echoOverTheCrm,
  foreignIds,
  outage,
  sharedPeople,
} from '../src/scenarios/mailboxes.ts';

const SCENARIOS = [sharedPeople, echoOverTheCrm, foreignIds, outage, awayAndBack, copied];

describe('several mailboxes, and items that move', () => {
  it.each(SCENARIOS.map((make) => ({ make, ...make() })))('$name', async ({ make }) => {
    expect(await play(make(), null), 'faults that struck').toBe(0);
  });
});
