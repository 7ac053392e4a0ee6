import { describe, expect, it } from 'vitest';
import { type Hunt, judge, noticed, type Share, trail } from '../src/hunt.ts';
import { killTable, readKills, readTable } from '../src/kill-record.ts';
import { MUTANTS } from '../src/mutants.ts';
import type { Settings } from '../src/options.ts';
import { WORKLOADS } from '../src/workloads.ts';

const ALL: Settings = { without: new Set() };
const LEAST = 30;

describe('each rule that is removed', () => {
  const names = Object.keys(MUTANTS);
  const record = readKills();

  it(`is one of at least ${LEAST}, and has its place in the record and in the README`, () => {
    expect(names.length).toBeGreaterThanOrEqual(LEAST);
    expect(Object.keys(record)).toEqual([...names].sort());
    expect(readTable().table).toBe(killTable(record));
  });

  it('is hunted in a world that is made for a rule which is there', () => {
    expect(Object.keys(WORKLOADS).filter((name) => MUTANTS[name] === undefined)).toEqual([]);
  });

  it.each(names)('is noticed on its recorded seed: %s', (name) => {
    const { seed, check } = record[name] ?? { seed: 0, check: 'none is recorded' };
    const again = `hunt it anew: npm run sim -- --mutants --record --mutant ${name}`;
    expect(noticed(name, seed, ALL)?.check, again).toBe(check);
  });
});

describe('a hunt', () => {
  const HUNT: Hunt = { name: 'journal', from: 1, budget: 25, settings: ALL };
  const at = (seed: number) => ({ seed, check: 'S5', detail: 'said' });
  const play = (share: Share | null): Share => {
    if (share === null) throw new Error('nothing is left to play');
    return share;
  };

  it('ends with the lowest seed, also when a later share is played first', () => {
    const hunt = trail(HUNT);
    const [first, second] = [play(hunt.next()), play(hunt.next())];
    expect([first.from, second.from]).toEqual([1, 11]);
    expect(hunt.ended(second, at(13))).toBeNull();
    expect(hunt.next()).toBeNull();
    expect(hunt.ended(first, at(7))).toMatchObject({ seed: 7, check: 'S5', played: 7, stale: false });
  });

  it('ends with what a later share has found when the shares before it find nothing', () => {
    const hunt = trail(HUNT);
    const [first, second] = [play(hunt.next()), play(hunt.next())];
    expect(hunt.ended(second, at(13))).toBeNull();
    expect(hunt.ended(first, null)).toMatchObject({ seed: 13, played: 13 });
  });

  it('plays the recorded seed first, and goes on from the first one when that kills no more', () => {
    const known = { ...HUNT, known: 900 };
    const quick = trail(known);
    expect(quick.ended(play(quick.next()), at(900))).toMatchObject({ seed: 900, played: 1, stale: false });
    const hunt = trail(known);
    const replay = play(hunt.next());
    expect(replay).toMatchObject({ from: 900, seeds: 1 });
    expect(hunt.next(), 'nothing else before it has ended').toBeNull();
    expect(hunt.ended(replay, null)).toBeNull();
    expect(hunt.ended(play(hunt.next()), at(3))).toMatchObject({ seed: 3, played: 4, stale: true });
  });

  it('ends without a kill when its budget is spent', () => {
    const hunt = trail(HUNT);
    const shares = [play(hunt.next()), play(hunt.next()), play(hunt.next())];
    expect(shares.map(({ seeds }) => seeds)).toEqual([10, 10, 5]);
    expect(hunt.next()).toBeNull();
    const ends = shares.map((share) => hunt.ended(share, null));
    expect(ends).toEqual([null, null, expect.objectContaining({ seed: null, check: null, played: 25 })]);
  });

  it('takes for a kill what a check has thrown, and the engine with the rule has not', () => {
    const said = { check: 'S5', detail: 'sent without an intent\nand more' };
    expect(judge(4, said, () => true)).toEqual({ seed: 4, check: 'S5', detail: 'sent without an intent' });
    expect(judge(4, said, () => false)).toBeNull();
    expect(judge(4, { check: null, detail: '' }, () => true)).toBeNull();
    expect(
      judge(4, { check: 'throws', detail: 'TypeError' }, () => true),
      'the simulator broke',
    ).toBeNull();
  });
});
