import type { ChangePage, FeedCommit, FeedRow, Link, Suspect } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { type Core, DEFAULT_POLICY, type Effect } from '../src/index.ts';
import type { Lane } from '../src/lane.ts';
import { FOREIGN_FEED, type Reader } from '../src/observe.ts';
import { DOUBTED_AT, notesOn } from '../src/page-notes.ts';
import { SCOPE_FEED } from '../src/scan.ts';
import { sweep } from '../src/sweep.ts';

const FEED = { id: 'b/f', store: 'b', side: 'b', key: 'f', gen: 1, pageHash: null } as FeedRow;
const dropped: string[] = [];
const lane = {
  spec: { id: 'l' },
  policy: DEFAULT_POLICY,
  feeds: { a: [], b: ['b/f'] },
  cache: { put() {}, drop: (_: string, id: string) => void dropped.push(id) },
} as unknown as Lane;
const reader: Reader = { feed: FEED, side: 'b', lanes: [lane], scopeHash: 's' };

const linkOf = (id: string): Link =>
  ({ id: `link of ${id}`, b: { id, gen: 0 }, seenB: '', status: 'live' }) as unknown as Link;
const waiting = (id: string, more: Partial<Suspect> = {}): Suspect => ({
  ...{ laneId: 'l', side: 'b', id, why: 'unknown', feed: 'f', mono: '1', at: 7, seq: 3, keys: ['k'] },
  ...more,
});

/** Runs to the end over a state that knows these links and these records without one. */
function drive<R>(
  core: Core<R>,
  of: { links?: readonly Link[]; suspects?: readonly Suspect[]; known?: readonly Link[] },
) {
  const commits: FeedCommit[] = [];
  let unseen = of.links ?? [];
  const answer = (effect: Effect): unknown => {
    if (effect.kind !== 'state') return 0;
    if (effect.method === 'commitObservations') commits.push(effect.args[0] as FeedCommit);
    if (effect.method === 'suspects') {
      const { why } = effect.args[1] as { why: readonly string[] };
      return of.suspects?.filter((suspect) => why.includes(suspect.why)) ?? [];
    }
    if (effect.method !== 'links') return [];
    if ((effect.args[1] as { by: string }).by !== 'unseen') return of.known ?? [];
    const left = unseen;
    unseen = [];
    return left;
  };
  let step = core.next();
  while (!step.done) step = core.next(answer(step.value));
  return { commits, end: step.value };
}

const at = {
  cursor: 'c',
  gen: 2,
  fence: 1,
  scanning: true,
  begins: false,
  moved: true,
  met: 3,
  doubted: null,
};

describe('what an enumeration did not meet (6.5)', () => {
  it('is left out after a change of scope', () => {
    const { commits } = drive(sweep(reader, at), { links: [linkOf('r')] });
    expect(commits[0]?.lanes[0]?.suspects).toMatchObject([{ id: 'r', why: 'missing', feed: SCOPE_FEED }]);
  });

  it('is not what was met before its pair was known', () => {
    const { commits } = drive(sweep(reader, at), { links: [linkOf('r')], suspects: [waiting('r')] });
    expect(commits[0]?.lanes[0]).toMatchObject({ suspects: [], marks: [{ kind: 'clean', gen: 2 }] });
  });

  it('is what waits since before the enumeration', () => {
    const before = waiting('r', { at: DOUBTED_AT });
    const { commits } = drive(sweep(reader, at), { links: [linkOf('r')], suspects: [before] });
    expect(commits[0]?.lanes[0]?.suspects).toMatchObject([{ id: 'r', why: 'missing' }]);
  });
});

describe('what a feed reports that a changed scope has left out', () => {
  const known: Link = {
    ...linkOf('r'),
    ...{ b: { id: 'r', inc: 0, version: 'v', mono: '1', stamp: null, gen: 2 }, dirtyB: 0, cleanB: 0 },
  };
  const left = waiting('r', { why: 'missing', feed: SCOPE_FEED });
  const reported = { kind: 'changed', id: 'r', version: 'v', mono: '1' } as const;

  it.each([
    ['another enumeration', true],
    ['the feed that goes on from it, at the version that we know: we made it meanwhile', false],
  ])('%s says that it is inside', (_, scanning) => {
    const page = { changes: [reported], gen: 2, scanning, begins: false, now: 9 };
    const { end } = drive(notesOn(reader, page), { known: [known], suspects: [left] });
    expect(end[0]?.suspects).toMatchObject([{ id: 'r', why: 'missing', feed: 'f', mono: '' }]);
  });

  const removed = { kind: 'removed', id: 'r', mono: '5' } as const;

  it.each([
    [
      'goes on waiting for that when it is removed',
      [removed],
      { why: 'missing', feed: SCOPE_FEED, mono: '5' },
    ],
    [
      'also where the removal has no time',
      [{ kind: 'removed', id: 'r' } as const],
      { feed: SCOPE_FEED, mono: '3' },
    ],
    ['is followed when it was merged', [{ ...removed, mergedInto: 'w' }], { why: 'merged', feed: 'f' }],
    [
      'is removed like any other when a report came with that',
      [reported, removed],
      { why: 'removed', feed: 'f', mono: '5' },
    ],
  ])('%s', (_, changes, expected) => {
    const page = { changes, gen: 2, scanning: false, begins: false, now: 9 };
    const { end } = drive(notesOn(reader, page), { known: [{ ...known, seenB: '3' }], suspects: [left] });
    expect(end[0]?.suspects.at(-1)).toMatchObject({ id: 'r', ...expected });
  });

  it('nothing is said of one that waits for nothing', () => {
    const page = { changes: [reported], gen: 2, scanning: false, begins: false, now: 9 };
    expect(drive(notesOn(reader, page), { known: [known] }).end).toEqual([]);
  });
});

describe('records that wait for their place when a feed is read', () => {
  const page = (...changes: ChangePage['changes']) => ({ changes, gen: 2, scanning: true, now: 9 });

  it('have to be read again when an enumeration begins that may not meet them', () => {
    dropped.length = 0;
    const begins = { ...page(), begins: true };
    const { end } = drive(notesOn(reader, begins), { suspects: [waiting('r')] });
    expect(end[0]?.suspects).toEqual([
      { side: 'b', id: 'r', why: 'unknown', feed: 'f', mono: '1', at: DOUBTED_AT },
    ]);
    expect(dropped).toEqual(['r']);
    const later = drive(notesOn(reader, { ...begins, begins: false }), { suspects: [waiting('r')] });
    expect(later.end).toEqual([]);
  });

  it('are of this lane when its feed reports them, also while a person is asked', () => {
    const reported = { kind: 'changed', id: 'r', version: 'v', mono: '1' } as const;
    const asked = waiting('r', { why: 'review', feed: FOREIGN_FEED });
    const { end } = drive(notesOn(reader, { ...page(reported), begins: false }), {
      suspects: [asked],
    });
    const { laneId: _, seq: __, ...kept } = asked;
    expect(end[0]?.suspects).toEqual([{ ...kept, feed: 'f' }]);
  });
});
