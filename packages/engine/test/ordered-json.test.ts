import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toOrderedJson } from '../src/ordered-json.ts';

const plain = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

describe('toOrderedJson', () => {
  it('gives one text for one content, in whatever order it was put together', () => {
    const one = { town: 'T', name: { last: 'L', first: 'F' }, mails: ['b', 'a'] };
    const two = { mails: ['b', 'a'], name: { first: 'F', last: 'L' }, town: 'T' };
    expect(toOrderedJson(one)).toBe('{"mails":["b","a"],"name":{"first":"F","last":"L"},"town":"T"}');
    expect(toOrderedJson(two)).toBe(toOrderedJson(one));
  });
  it('keeps the order of lists, and null', () => {
    expect(toOrderedJson([{ b: null, a: 1 }, 'x'])).toBe('[{"a":1,"b":null},"x"]');
  });
  it('is the same text for any order, and leaves what it was given as it was', () => {
    const shuffled = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(shuffled);
      const entries = Object.entries(value).map(([name, one]) => [name, shuffled(one)] as const);
      return Object.fromEntries(entries.reverse());
    };
    fc.assert(
      fc.property(plain, (value) => {
        const before = JSON.stringify(value);
        const text = toOrderedJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(before));
        expect(toOrderedJson(shuffled(value))).toBe(text);
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });
});
