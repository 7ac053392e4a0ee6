import { describe, expect, it } from 'vitest';
import { toOrderedJson } from '../src/ordered-json.ts';

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
});
