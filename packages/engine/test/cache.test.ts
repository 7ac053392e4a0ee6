import type { StoreRecord } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createRecordCache, type Overflow } from '../src/cache.ts';

const record = (id: string, mono = '5'): StoreRecord => ({
  id,
  version: 'v',
  mono,
  fields: { name: `Name of ${id}` },
});

/** An overflow that a test can look into and fill up. */
function createFake(room = Number.POSITIVE_INFINITY): Overflow & { readonly texts: string[] } {
  const texts: string[] = [];
  return {
    texts,
    put: (text) => (texts.length < room ? texts.push(text) - 1 : null),
    get: (place) => texts[place] ?? null,
    clear: () => texts.splice(0),
  };
}

describe('contents seen and not used yet', () => {
  it('are given out as they were put, from memory and from the overflow alike', () => {
    const overflow = createFake();
    const cache = createRecordCache(200, overflow);
    for (let i = 0; i < 20; i += 1) cache.put('a', record(`id-${i}`));
    expect(overflow.texts.length).toBeGreaterThan(10);
    for (let i = 0; i < 20; i += 1) expect(cache.get('a', `id-${i}`, '')).toEqual(record(`id-${i}`));
    expect(cache.get('b', 'id-1', '')).toBeUndefined();
    expect([cache.has('a', 'id-1'), cache.has('a', 'other')]).toEqual([true, false]);
  });

  it('are not given out when something newer was seen, nor after they were dropped', () => {
    const cache = createRecordCache(1, createFake());
    for (const id of ['x', 'y', 'z']) cache.put('b', record(id));
    expect(cache.get('b', 'x', '6')).toBeUndefined();
    expect(cache.get('b', 'x', '5')?.id).toBe('x');
    cache.drop('b', 'x');
    expect(cache.get('b', 'x', '')).toBeUndefined();
  });

  it('leave the overflow when the last of them was used', () => {
    const overflow = createFake();
    const cache = createRecordCache(1, overflow);
    for (const id of ['x', 'y', 'z']) cache.put('a', record(id));
    for (const id of ['x', 'y', 'z']) cache.drop('a', id);
    expect(overflow.texts).toEqual([]);
  });

  it('a new content replaces one that lies in the overflow', () => {
    const cache = createRecordCache(1, createFake());
    cache.put('a', record('x', '1'));
    cache.put('a', record('y', '1'));
    cache.put('a', record('x', '2'));
    expect(cache.get('a', 'x', '')?.mono).toBe('2');
  });

  it('are forgotten, oldest first, where there is no overflow or no room in it', () => {
    for (const overflow of [undefined, createFake(0)]) {
      const cache = createRecordCache(200, overflow);
      for (let i = 0; i < 20; i += 1) cache.put('a', record(`id-${i}`));
      expect(cache.has('a', 'id-0')).toBe(false);
      expect(cache.get('a', 'id-19', '')).toEqual(record('id-19'));
    }
  });
});
