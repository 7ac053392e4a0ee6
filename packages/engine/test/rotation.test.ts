import type { Clock, SyncState } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { reportOf } from '../src/pass-report.ts';
import { createRotation, type Work } from '../src/rotation.ts';
import { quantumOf } from '../src/turns.ts';

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

const turnOf = (others: number) => quantumOf('loading', others);

describe('passes that stand still', () => {
  it('go on where they stood, one turn after the other', async () => {
    const log: string[] = [];
    const rotation = open();
    for (const laneId of ['x', 'y', 'x', 'y'])
      await rotation.take(laneId, { start: loadOf(laneId, 600, log), quantum: turnOf(1) });
    expect(log).toEqual(['x 400', 'y 400', 'x 200', 'y 200']);
    expect((await rotation.finish()).map(({ laneId }) => laneId)).toEqual(['x', 'y']);
    expect(log.slice(4)).toEqual(['x 0', 'y 0']);
  });

  it('keep five thousand links together, however many there are: one that would keep more than its part goes on to its end', async () => {
    for (const others of [1, 3, 9, 99]) {
      const log: string[] = [];
      const rotation = open();
      const part = 5_000 / (others + 1);
      for (const [laneId, links] of [
        ['large', part + 400],
        ['small', part + 200],
      ] as const)
        await rotation.take(laneId, { start: loadOf(laneId, links, log), quantum: turnOf(others) });
      expect(log.at(-1), `${others} others`).toBe(`small ${part}`);
      expect(log.filter((line) => line.startsWith('large'))).toHaveLength(Math.floor(part / 200) + 2);
      expect(await rotation.finish()).toHaveLength(1);
    }
  });
});
