import { describe, expect, it } from 'vitest';
import { fewAtOnce } from '../src/batch-few.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('batches of one call', () => {
  it('go a few at a time, and come in the order of what was asked', async () => {
    let running = 0;
    let most = 0;
    const results = await fewAtOnce([5, 1, 4, 2, 3, 0, 1], async (ticks) => {
      running += 1;
      most = Math.max(most, running);
      for (let n = 0; n <= ticks; n += 1) await tick();
      running -= 1;
      return ticks * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30, 0, 10]);
    expect(most).toBe(3);
    expect(await fewAtOnce([], async () => 1)).toEqual([]);
  });

  it('begin nothing more once one has failed', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<number> => {
      begun.push(item);
      await tick();
      if (item === 1) throw new Error('refused');
      await tick();
      return item;
    };
    await expect(fewAtOnce([0, 1, 2, 3, 4, 5, 6, 7], work)).rejects.toThrow('refused');
    for (let n = 0; n < 5; n += 1) await tick();
    expect(begun).toEqual([0, 1, 2]);
  });
});
