import { describe, expect, it } from 'vitest';
import { type BrakeInput, brake, DEFAULT_POLICY } from '../src/index.ts';

const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `k${i}`);
const input = (of: Partial<BrakeInput>): BrakeInput => ({
  deletes: { a: [], b: [] },
  blankings: [],
  live: 1000,
  recent: 0,
  policy: DEFAULT_POLICY.brake,
  approvedHash: null,
  ...of,
});

describe('the brake', () => {
  it.each([
    ['few of many', ids(50), 1000, 0, false],
    ['one more than 5 %', ids(51), 1000, 0, true],
    ['ten of a small lane', ids(10), 100, 0, false],
    ['eleven of a small lane', ids(11), 100, 0, true],
    ['everything, though few', ids(3), 3, 0, true],
    ['the only one', ids(1), 1, 0, false],
    ['few, after many earlier today', ids(5), 1000, 48, true],
  ])('%s', (...row) => {
    const [, deletes, live, recent, held] = row;
    const result = brake(input({ deletes: { a: [], b: deletes }, live, recent }));
    expect(result.held !== null).toBe(held);
    expect(result.stopped.size).toBe(held ? deletes.length : 0);
  });

  it('lets through exactly the set that was approved', () => {
    const first = brake(input({ deletes: { a: [], b: ids(60) } }));
    const hash = first.held?.hash ?? '';
    expect(brake(input({ deletes: { a: [], b: ids(60).reverse() }, approvedHash: hash })).held).toBeNull();
    expect(brake(input({ deletes: { a: [], b: ids(61) }, approvedHash: hash })).held).not.toBeNull();
    expect(brake(input({ deletes: { a: ids(60), b: [] }, approvedHash: hash })).held).not.toBeNull();
  });

  it('holds a field emptied on more than 30 % of the links, and nothing else', () => {
    const blank = (n: number, field: string) =>
      ids(n).map((linkId) => ({ linkId, side: 'b' as const, field }));
    expect(brake(input({ blankings: blank(300, 'phone'), live: 1000 })).held).toBeNull();
    const result = brake(input({ blankings: [...blank(301, 'phone'), ...blank(5, 'email')], live: 1000 }));
    expect(result.held?.reason).toContain('"phone"');
    expect(result.stopped.size).toBe(301);
  });
});
