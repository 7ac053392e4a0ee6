import type { StoreRecord } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createContents, type Overflow } from '../src/cache.ts';

const record = (id: string, mono = '5'): StoreRecord => ({
  id,
  version: 'v',
  mono,
  fields: { name: `Name of ${id}` },
});

/** An overflow that a test can look into and fill up. */
function createFake(room = Number.POSITIVE_INFINITY): Overflow & { readonly texts: Map<number, string> } {
  const texts = new Map<number, string>();
  let last = 0;
  return {
    texts,
    put(text) {
      if (texts.size >= room) return null;
      last += 1;
      texts.set(last, text);
      return last;
    },
    get: (place) => texts.get(place) ?? null,
    drop(place) {
      expect(texts.delete(place), 'it is there, and dropped once').toBe(true);
    },
  };
}

const createCache = (maxChars: number, overflow?: Overflow) => createContents({ maxChars, overflow }).open();

describe('contents seen and not used yet', () => {
  it('are given out as they were put, from memory and from the overflow alike', () => {
    const overflow = createFake();
    const cache = createCache(200, overflow);
    for (let i = 0; i < 20; i += 1) cache.put('a', record(`id-${i}`));
    expect(overflow.texts.size).toBeGreaterThan(10);
    for (let i = 0; i < 20; i += 1) expect(cache.get('a', `id-${i}`, '')).toEqual(record(`id-${i}`));
    expect(cache.get('b', 'id-1', '')).toBeUndefined();
    expect([cache.has('a', 'id-1'), cache.has('a', 'other')]).toEqual([true, false]);
  });

  it('are not given out when something newer was seen, nor after they were dropped', () => {
    const cache = createCache(1, createFake());
    for (const id of ['x', 'y', 'z']) cache.put('b', record(id));
    expect(cache.get('b', 'x', '6')).toBeUndefined();
    expect(cache.get('b', 'x', '5')?.id).toBe('x');
    cache.drop('b', 'x');
    expect(cache.get('b', 'x', '')).toBeUndefined();
  });

  it('leave the overflow when the last of them was used', () => {
    const overflow = createFake();
    const cache = createCache(1, overflow);
    for (const id of ['x', 'y', 'z']) cache.put('a', record(id));
    for (const id of ['x', 'y', 'z']) cache.drop('a', id);
    expect(overflow.texts.size).toBe(0);
  });

  it('a new content replaces one that lies in the overflow', () => {
    const cache = createCache(1, createFake());
    cache.put('a', record('x', '1'));
    cache.put('a', record('y', '1'));
    cache.put('a', record('x', '2'));
    expect(cache.get('a', 'x', '')?.mono).toBe('2');
  });

  it('are forgotten, oldest first, where there is no overflow or no room in it', () => {
    for (const overflow of [undefined, createFake(0)]) {
      const cache = createCache(200, overflow);
      for (let i = 0; i < 20; i += 1) cache.put('a', record(`id-${i}`));
      expect(cache.has('a', 'id-0')).toBe(false);
      expect(cache.get('a', 'id-19', '')).toEqual(record('id-19'));
    }
  });

  it('of many lanes take no more memory than those of one, and each lane has its own', () => {
    const overflow = createFake();
    const contents = createContents({ maxChars: 1_000, overflow });
    const lanes = Array.from({ length: 20 }, () => contents.open());
    for (let i = 0; i < 20; i += 1)
      for (const [at, lane] of lanes.entries()) lane.put('b', record(`id-${i}`, String(at)));
    const stored = [...overflow.texts.values()].reduce((sum, text) => sum + text.length, 0);
    const all = lanes.length * 20 * JSON.stringify(record('id-1')).length;
    expect(all - stored, 'what is in the memory').toBeLessThan(1_500);
    for (const [at, lane] of lanes.entries()) {
      expect(lane.get('b', 'id-7', '')).toEqual(record('id-7', String(at)));
      lane.drop('b', 'id-7');
      expect(lane.has('b', 'id-7')).toBe(false);
    }
  });

  it('of a lane that takes no part any more are forgotten, those of others are not', () => {
    const overflow = createFake();
    const contents = createContents({ maxChars: 300, overflow });
    const [one, other] = [contents.open(), contents.open()];
    for (let i = 0; i < 20; i += 1) for (const lane of [one, other]) lane.put('a', record(`id-${i}`));
    one.close();
    expect(Array.from({ length: 20 }, (_, i) => one.has('a', `id-${i}`))).not.toContain(true);
    for (let i = 0; i < 20; i += 1) expect(other.get('a', `id-${i}`, '')).toEqual(record(`id-${i}`));
    one.put('a', record('late'));
    expect(one.has('a', 'late')).toBe(false);
    other.close();
    expect(overflow.texts.size).toBe(0);
  });

  it('are not more than so many in the overflow: the rest is read again', () => {
    const overflow = createFake();
    const cache = createContents({ maxChars: 1, maxFar: 5, overflow }).open();
    for (let i = 0; i < 20; i += 1) cache.put('a', record(`id-${i}`));
    expect(overflow.texts.size).toBe(5);
    expect([cache.has('a', 'id-4'), cache.has('a', 'id-5')]).toEqual([true, false]);
    cache.drop('a', 'id-0');
    cache.put('a', record('new'));
    expect([cache.has('a', 'new'), overflow.texts.size]).toEqual([true, 5]);
  });
});
