import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  type Features,
  type MatchResult,
  matchRecords,
  pairKey,
  scorePair,
} from '../src/index.ts';

const features = (of: Partial<Features>): Features => ({
  emails: [],
  phones: [],
  first: '',
  last: '',
  company: '',
  birthday: '',
  ...of,
});
const node = (id: string, of: Partial<Features>, extra: Partial<Candidate> = {}): Candidate => ({
  id,
  features: features(of),
  createdAt: 0,
  linked: false,
  ...extra,
});

describe('scoring a pair', () => {
  for (const [title, x, y, points] of [
    [
      'same address and name',
      { emails: ['a@x'], first: 'ann', last: 'lee' },
      { emails: ['a@x', 'b@x'], first: 'ann', last: 'lee' },
      85,
    ],
    [
      'same address, nickname',
      { emails: ['a@x'], first: 'robert', last: 'lee' },
      { emails: ['a@x'], first: 'bob', last: 'lee' },
      75,
    ],
    [
      'same address only',
      { emails: ['info@x'], first: 'ann', last: 'lee' },
      { emails: ['info@x'], first: 'tom', last: 'roe' },
      60,
    ],
    [
      'same name, other addresses',
      { emails: ['a@x'], first: 'ann', last: 'lee' },
      { emails: ['b@x'], first: 'ann', last: 'lee' },
      -5,
    ],
    [
      'name, phone and company, no address on one side',
      { first: 'ann', last: 'lee', phones: ['1'], company: 'acme' },
      { first: 'ann', last: 'lee', phones: ['1'], company: 'acme', emails: ['a@x'] },
      60,
    ],
    [
      'same address, other birthday',
      { emails: ['a@x'], first: 'ann', last: 'lee', birthday: '1970-01-01' },
      { emails: ['a@x'], first: 'ann', last: 'lee', birthday: '1999-01-01' },
      45,
    ],
  ] as const) {
    it(title, () => {
      expect(scorePair(features(x), features(y)).points).toBe(points);
      expect(scorePair(features(y), features(x)).points).toBe(points);
    });
  }
});

describe('matching', () => {
  const ann = { emails: ['a@x'], first: 'ann', last: 'lee' };

  it('links a clear pair and leaves strangers alone', () => {
    const result = matchRecords(
      [node('1', ann), node('2', { first: 'zoe', last: 'roe' })],
      [node('9', ann)],
      new Map(),
    );
    expect(result.links).toMatchObject([{ a: '1', b: '9' }]);
    expect(result.alone).toEqual([{ side: 'a', id: '2' }]);
  });

  it('sends a doubtful pair to a person and creates neither', () => {
    const result = matchRecords(
      [node('1', ann)],
      [node('9', { emails: ['a@x'], first: 'tom', last: 'roe' })],
      new Map(),
    );
    expect(result.doubts).toMatchObject([{ kind: 'match', a: ['1'], b: ['9'] }]);
    expect(result.alone).toEqual([]);
  });

  it('does not choose between equals', () => {
    const result = matchRecords([node('1', ann), node('2', ann)], [node('9', ann)], new Map());
    expect(result.links).toEqual([]);
    expect(result.doubts).toHaveLength(1);
  });

  it('reports a newcomer that resembles a linked record', () => {
    const result = matchRecords([node('2', ann)], [node('9', ann, { linked: true })], new Map());
    expect(result).toMatchObject({
      links: [],
      alone: [],
      doubts: [{ kind: 'duplicate', a: ['2'], b: ['9'] }],
    });
  });

  it('remembers decisions', () => {
    const pair: [Candidate, Candidate] = [
      node('1', ann),
      node('9', { emails: ['a@x'], first: 'tom', last: 'roe' }),
    ];
    expect(matchRecords([pair[0]], [pair[1]], new Map([[pairKey('1', '9'), 'link']])).links).toHaveLength(1);
    expect(matchRecords([pair[0]], [pair[1]], new Map([[pairKey('1', '9'), 'separate']])).alone).toHaveLength(
      2,
    );
  });

  const small = fc.record({
    emails: fc.subarray(['a@x', 'b@x', 'c@x']),
    phones: fc.subarray(['1', '2']),
    first: fc.constantFrom('ann', 'bob', 'robert', ''),
    last: fc.constantFrom('lee', 'roe', ''),
    company: fc.constantFrom('acme', ''),
    birthday: fc.constantFrom('', '1970-01-01', '1980-02-02'),
  });
  const sideOf = (prefix: string) =>
    fc
      .array(fc.tuple(small, fc.boolean()), { maxLength: 7 })
      .map((list) => list.map(([f, linked], i) => node(prefix + i, f, { linked })));

  /** Each free record is linked, alone or doubted, exactly one of them; a linked one is never linked again. */
  function places(result: MatchResult, side: 'a' | 'b', id: string): number {
    const linked = result.links.filter((link) => link[side] === id).length;
    const alone = result.alone.filter((free) => free.side === side && free.id === id).length;
    const doubted = result.doubts.some((doubt) => doubt[side].includes(id));
    return linked + alone > 0 ? linked + alone : Number(doubted);
  }

  it('is one to one, loses nobody, and does not depend on order', () => {
    fc.assert(
      fc.property(sideOf('a'), sideOf('b'), (left, right) => {
        const result = matchRecords(left, right, new Map());
        for (const { id, linked } of left) if (!linked) expect(places(result, 'a', id)).toBe(1);
        for (const { id, linked } of right) if (!linked) expect(places(result, 'b', id)).toBe(1);
        const taken = [...left, ...right].filter((record) => record.linked).map((record) => record.id);
        expect(result.links.some((link) => taken.includes(link.a) || taken.includes(link.b))).toBe(false);
        const mirrored = matchRecords([...left].reverse(), [...right].reverse(), new Map());
        const key = (list: typeof result.links): string[] =>
          list.map((link) => pairKey(link.a, link.b)).sort();
        expect(key(mirrored.links)).toEqual(key(result.links));
      }),
    );
  });
});
