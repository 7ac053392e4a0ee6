import { describe, expect, it } from 'vitest';
import { runSchedule } from '../src/run.ts';
import { seededTape } from '../src/tape.ts';

/** Two mailboxes over a CRM whose pushes name records; no other fault is missing. */
const NAMED = { lanes: 2, without: new Set<string>(), workload: 'named-cursor' } as const;
const SEEDS = 40;

describe('records that pushes name', () => {
  it('are noted beside their feed, among all faults, and nothing is lost or doubled', () => {
    const cells = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { check, detail, coverage } = runSchedule(seededTape(seed), NAMED);
      expect([seed, check, detail]).toEqual([seed, null, '']);
      for (const [cell, count] of coverage) cells.set(cell, (cells.get(cell) ?? 0) + count);
    }
    for (const what of ['noted', 'not noted', 'left to another reader', 'failed'])
      expect(cells.get(`named records ${what}`) ?? 0, what).toBeGreaterThan(0);
  });

  it('are named by nobody in schedules that do not ask for it, so that those stay as they are', () => {
    const { coverage } = runSchedule(seededTape(1), { lanes: 2, without: new Set() });
    expect([...coverage.keys()].filter((cell) => cell.startsWith('named'))).toEqual([]);
  });
});
