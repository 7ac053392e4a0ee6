import type { FeedRow, Link, ReadResult, Suspect } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { notLeftOut, rested, restsOutside, scopeVerdict } from '../src/freeze.ts';
import { auditDueAt, startOf } from '../src/index.ts';
import { newLink } from '../src/new-link.ts';

const FEED: FeedRow = {
  id: 's/1',
  store: 's',
  side: 'a',
  key: '1',
  cursor: 'c',
  gen: 3,
  scanning: false,
  scopeHash: 'x',
  fence: 1,
  leaseUntil: 0,
  leaseOwner: null,
  pageHash: null,
  scannedAt: 1_000,
  dueAt: 0,
};
const of = { scopeHash: 'x', fence: 1, now: 2_000, auditMs: null, siblings: [] };

describe('where a reading starts', () => {
  it.each([
    ['goes on at its cursor', {}, {}, { cursor: 'c', gen: 3, scanning: false, moved: false, met: null }],
    [
      'goes on in the middle of an enumeration',
      { scanning: true },
      {},
      { cursor: 'c', gen: 3, scanning: true },
    ],
    ['starts without a cursor', { cursor: null }, {}, { cursor: null, gen: 4, scanning: true, met: 0 }],
    ['starts anew under another scope', {}, { scopeHash: 'y' }, { cursor: null, gen: 4, moved: true }],
    [
      'remembers after a crash why it enumerates',
      { scopeHash: 'moving:x', scanning: true },
      {},
      { cursor: 'c', gen: 3, scanning: true, moved: true },
    ],
    ['is not due yet', {}, { auditMs: 10_000 }, { cursor: 'c', scanning: false }],
    ['is due for its audit', {}, { auditMs: 10_000, now: 20_000 }, { cursor: null, gen: 4, moved: false }],
    [
      'joins the generation of its neighbour',
      {},
      { siblings: [{ ...FEED, id: 's/2', gen: 5 }] },
      { cursor: null, gen: 5, scanning: true },
    ],
  ])('%s', (...row) => {
    const [, feed, more, expected] = row;
    expect(startOf({ ...FEED, ...feed }, { ...of, ...more })).toMatchObject(expected);
  });

  it('spreads audits between half and one and a half periods', () => {
    const at = Array.from({ length: 400 }, (_, n) => auditDueAt({ id: `s/${n}`, scannedAt: 0 }, 1_000) ?? -1);
    expect(Math.min(...at)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...at)).toBeLessThan(1_500);
    const early = at.filter((due) => due < 1_000).length;
    expect(early).toBeGreaterThan(120);
    expect(early).toBeLessThan(280);
    expect(auditDueAt({ id: 's', scannedAt: null }, 1_000)).toBeNull();
    expect(auditDueAt({ id: 's', scannedAt: 0 }, null)).toBeNull();
  });
});

const alone = (read: ReadResult) => ({ read, shared: false });

describe('a scope that changed', () => {
  const ref = { id: 'a1', inc: 0, version: 'v', mono: '1', stamp: null, gen: 3 };
  const link: Link = {
    ...newLink('lane', 'k', 0),
    status: 'live',
    a: ref,
    b: { ...ref, id: 'b1' },
    dirtyA: 4,
  };
  const suspect: Suspect = {
    laneId: 'lane',
    side: 'a',
    id: 'a1',
    why: 'missing',
    feed: '(scope)',
    mono: '',
    at: 0,
    seq: 1,
  };
  const record = { id: 'a1', version: 'v', mono: '1', fields: {} };

  it.each([['found'], ['gone']] as const)(
    'freezes what is %s and was not met, whatever its partner does',
    (state) => {
      const out = scopeVerdict(
        link,
        suspect,
        alone(state === 'found' ? { state, id: 'a1', record } : { state, id: 'a1' }),
      );
      expect(out).toMatchObject({ status: 'out', goneA: false });
      expect(out && restsOutside(out)).toBe(true);
      expect(out && restsOutside({ ...out, dirtyB: 9 })).toBe(true);
      expect(out && restsOutside({ ...out, dirtyA: 9 })).toBe(false);
    },
  );

  it('leaves everything else to the read', () => {
    const plain = { ...suspect, feed: '1' };
    expect(scopeVerdict(link, plain, alone({ state: 'found', id: 'a1', record }))).toBeNull();
    expect(scopeVerdict(link, plain, alone({ state: 'gone', id: 'a1' }))).toBeNull();
    expect(scopeVerdict(link, suspect, alone({ state: 'merged', id: 'a1', into: 'a2' }))).toBeNull();
  });

  it('proves a delete to the other lanes of a shared feed', () => {
    const gone = { state: 'gone', id: 'a1' } as const;
    expect(scopeVerdict(link, suspect, { read: gone, shared: true })).toBeNull();
  });

  it('is over for a record that was reported since the enumeration that did not meet it', () => {
    const found = alone({ state: 'found', id: 'a1', record });
    expect(scopeVerdict({ ...link, seenA: '7' }, { ...suspect, mono: '7' }, found)).not.toBeNull();
    expect(scopeVerdict({ ...link, seenA: '8' }, { ...suspect, mono: '7' }, found)).toBeNull();
  });

  it('holds for what left the folder as well: being back there does not thaw it', () => {
    const moved = alone({ state: 'out', id: 'a1' });
    const out = scopeVerdict(link, suspect, moved);
    expect(out && restsOutside(out)).toBe(true);
    expect(out && scopeVerdict(out, { ...suspect, feed: '1', why: 'removed' }, moved)).toEqual(out);
  });

  it('leaves a record out of our own marks', () => {
    const out = scopeVerdict(link, suspect, alone({ state: 'found', id: 'a1', record })) ?? link;
    expect(notLeftOut(out, ['a', 'b'])).toEqual(['b']);
    expect(notLeftOut(link, ['a', 'b'])).toEqual(['a', 'b']);
  });

  it('keeps the version that the other side was looked at with, so that a feed that repeats it is no news', () => {
    const out = scopeVerdict(link, suspect, alone({ state: 'found', id: 'a1', record })) ?? link;
    const seen = {
      a: { state: 'unchanged' },
      b: { state: 'found', record: { ...record, version: 'v9' } },
    } as const;
    const next = rested({ ...out, dirtyB: 9 }, seen);
    expect(next).toMatchObject({ status: 'out', cleanB: 9, b: { version: 'v9' } });
    expect(restsOutside(next)).toBe(true);
  });

  it('does not thaw in a later audit that misses the record again', () => {
    const out = scopeVerdict(link, suspect, alone({ state: 'found', id: 'a1', record }));
    const again =
      out && scopeVerdict(out, { ...suspect, feed: '1' }, alone({ state: 'found', id: 'a1', record }));
    expect(again).toEqual(out);
  });
});
