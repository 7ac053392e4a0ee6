import { describe, expect, it } from 'vitest';
import { type BrakeInput, brake, DEFAULT_POLICY } from '../src/index.ts';

const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `k${i}`);
const input = (of: Partial<BrakeInput>): BrakeInput => ({
  deletes: { a: [], b: [] },
  blankings: [],
  live: 1000,
  policy: DEFAULT_POLICY.brake,
  approvedHashes: [],
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
    const of = { deletes: { a: [], b: deletes }, live };
    const result = brake(input({ ...of, recent: { a: 0, b: recent } }));
    expect(brake(input({ ...of, recent: { a: recent, b: 0 } })).held !== null).toBe(
      held && (recent === 0 || deletes.length > 50),
    );
    expect(result.held !== null).toBe(held);
    expect(result.stopped.size).toBe(held ? deletes.length : 0);
  });

  it.each([
    ['a quarter of a folder', 25, 100, false],
    ['more than a quarter', 26, 100, true],
    ['few, though they are most of a small folder', 10, 12, false],
    ['more than few, of a small folder', 11, 12, true],
  ])('%s', (...row) => {
    const [, gone, live, held] = row;
    const folders = [
      { side: 'b' as const, deletes: 2, live: 900 },
      { side: 'b' as const, deletes: gone, live },
    ];
    const result = brake(input({ deletes: { a: [], b: ids(gone + 2) }, folders }));
    expect(result.held !== null).toBe(held);
    if (held)
      expect(result.held?.reason).toBe(
        `${gone} deletes are more than 25 % of the ${live} linked records of one folder`,
      );
    // What goes on the other side does not count.
    expect(brake(input({ deletes: { a: ids(gone), b: [] }, folders })).held).toBeNull();
  });

  const dates = ids(70);
  const weekly = new Map(dates.map((id, index) => [id, `series ${Math.floor(index / 35)}`]));

  it('counts all dates of a series as the one event that they are', () => {
    const two = { deletes: { a: [], b: dates }, units: weekly, live: 100 };
    expect(brake(input({ ...two, units: new Map() })).held).not.toBeNull();
    expect(brake(input(two)).held).toBeNull();
    expect(brake(input({ ...two, recent: { a: 0, b: 9 } })).held?.reason).toBe(
      '70 deletes, of 2 events, after 9 in the last 24 hours are more than 10 of 100 linked events',
    );
    expect(brake(input({ ...two, live: 2 })).held?.reason).toBe('all 2 linked events would be deleted');
    const more = [...dates, ...ids(80).slice(70)];
    expect(brake(input({ ...two, deletes: { a: [], b: more } })).held?.count).toBe(80);
    const blankings = dates.map((linkId) => ({ linkId, side: 'b' as const, field: 'location' }));
    expect(brake(input({ blankings, live: 100 })).held).not.toBeNull();
    expect(brake(input({ blankings, live: 100, units: weekly })).held).toBeNull();
  });

  it('lets through exactly the set that was approved, beside others that were', () => {
    const first = brake(input({ deletes: { a: [], b: ids(60) } }));
    const approvedHashes = ['another', first.held?.hash ?? ''];
    expect(brake(input({ deletes: { a: [], b: ids(60).reverse() }, approvedHashes })).held).toBeNull();
    expect(brake(input({ deletes: { a: [], b: ids(61) }, approvedHashes })).held).not.toBeNull();
    expect(brake(input({ deletes: { a: ids(60), b: [] }, approvedHashes })).held).not.toBeNull();
  });

  it('lets through what is left of an approved set, and asks for one more', () => {
    const approvedIds = new Set(ids(80));
    expect(brake(input({ deletes: { a: [], b: ids(80).slice(20) }, approvedIds })).held).toBeNull();
    const more = [...ids(80).slice(20), 'k80'];
    expect(brake(input({ deletes: { a: [], b: more }, approvedIds })).held?.count).toBe(61);
  });

  it.each([
    ['a thousand in ten minutes', 996, 4, false],
    ['one more', 996, 5, true],
    ['what the other side loses counts as well', 990, 8, true],
  ])('counts all lanes of a tenant together: %s', (...row) => {
    const [, everywhere, deletes, held] = row;
    const { held: found } = brake(
      input({ deletes: { a: deletes === 8 ? ids(3) : [], b: ids(deletes) }, everywhere }),
    );
    expect(found !== null).toBe(held);
    if (held) expect(found?.reason).toContain('in all mailboxes are more than 1000 in 10 minutes');
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
