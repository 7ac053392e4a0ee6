import type { Clock } from '@tidelock/core';
import { expect, it } from 'vitest';
import { emptyCounts } from '../src/lane.ts';
import { type PassReport, reportOf } from '../src/pass-report.ts';
import type { Done } from '../src/sending.ts';
import { syncRounds } from '../src/sync.ts';

const clock: Clock = { now: () => 0, mono: () => 0, sleep: async () => {} };
const DONE = {} as Done;

it('a sync names a thousand writes of all mailboxes together, at most five hundred of each, and counts them all', async () => {
  const wrote = (laneId: string, created: number): PassReport =>
    reportOf(laneId, 'done', {
      counts: { ...emptyCounts(), created },
      done: Array.from({ length: created }, () => DONE),
    });
  const lanes = ['a', 'b', 'c', 'd', 'e'];
  const rounds = [300, 300, 0].map((created) => lanes.map((laneId) => wrote(laneId, created)));
  const report = await syncRounds({ round: async () => rounds.shift() ?? [], clock, maxRounds: 10 });
  const named = report.lanes.map(({ done }) => done.length);
  expect(named.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  expect(Math.max(...named)).toBeLessThanOrEqual(500);
  expect(report.lanes.map(({ counts }) => counts.created)).toEqual([600, 600, 600, 600, 600]);
});
