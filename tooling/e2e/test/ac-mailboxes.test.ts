import { describe, expect, it } from 'vitest';
import { play } from '../src/scenario.ts';
import { awayAndBack, copied, echoOverTheCrm, foreignIds, sharedPeople } from '../src/scenarios/mailboxes.ts';
import { anotherOwner } from '../src/scenarios/scope.ts';
import { killedWorker, outage } from '../src/scenarios/workers.ts';

const SCENARIOS = [
  anotherOwner,
  sharedPeople,
  echoOverTheCrm,
  foreignIds,
  outage,
  killedWorker,
  awayAndBack,
  copied,
];

describe('several mailboxes, and items that move', () => {
  it.each(SCENARIOS.map((make) => ({ make, ...make() })))('$name', async ({ make }) => {
    expect(await play(make(), null), 'faults that struck').toBe(0);
  });
});
