import type { Clock, SyncState } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { reportOf } from '../src/pass-report.ts';
import { createRotation, type Work } from '../src/rotation.ts';

const QUANTUM = { writes: 100, ms: 15_000 };
const clock: Clock = { now: () => 0, mono: () => 0, sleep: async () => {} };

/** A pass of a lane that writes 200 links at a time; `log`: what happened, in its order. */
const loadOf = (laneId: string, links: number, log: string[]): Work => {
  return async (breathe) => {
    for (let left = links - 200; left >= 0; left -= 200) {
      log.push(`${laneId} ${left}`);
      await breathe(200, left);
    }
    return reportOf(laneId, 'done', {});
  };
};

const open = () => createRotation({ clock, state: {} as SyncState });

describe('passes that stand still', () => {
  it('go on where they stood, one turn after the other', async () => {
    const log: string[] = [];
    const rotation = open();
    for (const laneId of ['x', 'y', 'x', 'y'])
      await rotation.take(laneId, { start: loadOf(laneId, 600, log), quantum: QUANTUM });
    expect(log).toEqual(['x 400', 'y 400', 'x 200', 'y 200']);
    expect((await rotation.finish()).map(({ laneId }) => laneId)).toEqual(['x', 'y']);
    expect(log.slice(4)).toEqual(['x 0', 'y 0']);
  });

  it('keep five thousand links together: one that would keep more goes on to its end, and others stand again after it', async () => {
    const log: string[] = [];
    const rotation = open();
    const take = (laneId: string, links: number) =>
      rotation.take(laneId, { start: loadOf(laneId, links, log), quantum: QUANTUM });
    const first = [
      await take('a', 2_500),
      await take('b', 2_500),
      await take('c', 2_500),
      await take('d', 600),
    ];
    expect(first.map(({ cut }) => cut)).toEqual([true, true, false, true]);
    expect(log.filter((line) => line.startsWith('c '))).toHaveLength(12);
    // Two that stand have 2,300 left, and one has 400: it is full.
    expect((await take('e', 700)).cut).toBe(false);
    await rotation.finish(['a']);
    expect((await take('f', 2_500)).cut).toBe(true);
  });
});
