import { describe, expect, it } from 'vitest';
import { sideBySide } from '../src/side-by-side.ts';

const gates = (count: number) => Array.from({ length: count }, () => Promise.withResolvers<string>());
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('side by side', () => {
  it('works on so many at a time, in their order, and answers in their order', async () => {
    const doors = gates(4);
    const begun: number[] = [];
    const all = sideBySide([0, 1, 2, 3], {
      atOnce: 2,
      work: (item) => {
        begun.push(item);
        return doors[item]?.promise ?? Promise.reject(new Error('no door'));
      },
    });
    await settle();
    expect(begun).toEqual([0, 1]);
    doors[1]?.resolve('b');
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    doors[2]?.resolve('c');
    doors[0]?.resolve('a');
    doors[3]?.resolve('d');
    expect(await all).toEqual(['a', 'b', 'c', 'd']);
  });

  it('throws an error only when what was begun has ended, and begins nothing after it', async () => {
    const doors = gates(3);
    const begun: number[] = [];
    let thrown: unknown = null;
    const all = sideBySide([0, 1, 2], {
      atOnce: 2,
      work: (item) => {
        begun.push(item);
        return doors[item]?.promise ?? Promise.reject(new Error('no door'));
      },
    }).catch((error: unknown) => {
      thrown = error;
    });
    await settle();
    doors[0]?.reject(new Error('broken'));
    await settle();
    expect(thrown).toBeNull();
    doors[1]?.resolve('b');
    await all;
    expect(thrown).toEqual(new Error('broken'));
    expect(begun).toEqual([0, 1]);
  });

  it('begins nothing after an abort', async () => {
    const stop = new AbortController();
    const work = async (item: number): Promise<number> => {
      if (item === 1) stop.abort();
      return item;
    };
    expect(await sideBySide([0, 1, 2], { atOnce: 1, work, signal: stop.signal })).toEqual([0, 1]);
  });
});
