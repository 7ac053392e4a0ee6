import {
  type Intent,
  type LaneCommit,
  type Link,
  type LinkPut,
  MappingSchema,
  type Mark,
  type Quarantine,
  type ReadResult,
  type StoreRecord,
  type Suspect,
} from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { OUT_OF_SCOPE } from '../src/freeze.ts';
import { type Core, compileMapping, createCanon, DEFAULT_POLICY, type Effect } from '../src/index.ts';
import type { Pass } from '../src/lane.ts';
import type { Reader } from '../src/observe.ts';
import { notesOn } from '../src/page-notes.ts';
import { recover } from '../src/recover.ts';
import { rememberCopies } from '../src/remember-copies.ts';
import { SCOPE_FEED } from '../src/scan.ts';
import type { Sending } from '../src/sending.ts';
import { settleLinked } from '../src/unknown.ts';
import { retryUnderNewMapping, stillWork } from '../src/unpark.ts';
import { verifySuspects } from '../src/verify.ts';
import { leftParked, type Work } from '../src/work.ts';

const NOW = 1_000_000;
const WITHHELD: Quarantine = {
  ...{ class: 'item', code: 'would-notify', message: 'It would notify 2 people.', inputHash: 'h' },
  ...{ attempts: 1, nextAt: null },
};
const LOOK: Quarantine = { ...WITHHELD, class: 'transient', code: 'second-look', nextAt: NOW + 5_000 };
const ref = (id: string) => ({ id, inc: 0, version: 'v1', mono: '1', stamp: null, gen: 1 });
const linkWith = (quarantine: Quarantine): Link =>
  ({ id: 'l', laneId: 'lane-1', status: 'live', a: ref('a1'), b: ref('b1'), quarantine }) as unknown as Link;
const SUSPECT = { side: 'b', id: 'b1', why: 'removed', feed: 'f', mono: '', seq: 1 } as Suspect;
const SPEC = { type: 'text', label: 'x', writable: true } as const;
const mapping = compileMapping(
  MappingSchema.parse({
    ...{ version: 1, kind: 'contact', fields: [{ field: 'title', mailbox: 'title', crm: 'Title' }] },
  }),
  { a: { title: SPEC }, b: { Title: SPEC } },
  createCanon({ region: 'US' }),
);
const pass = {
  lane: { spec: { id: 'lane-1' }, policy: { ...DEFAULT_POLICY, holdMs: 0 }, shared: { a: false, b: false } },
  ...{ guard: { laneId: 'lane-1', fence: 1 }, runId: 'r', historySeq: 0, sketch: null, counts: {} },
} as unknown as Pass;

interface Told {
  readonly link: Link;
  readonly read: ReadResult;
  readonly suspects?: readonly Suspect[];
  readonly open?: readonly Intent[];
}

/** Runs to the end; answers the last that is stored of the pair. */
function stored(core: Core<unknown>, of: Told): LinkPut | undefined {
  let last: LinkPut | undefined;
  const suspects = [of.suspects ?? []];
  const answers: Readonly<Record<string, () => unknown>> = {
    suspects: () => suspects.shift() ?? [],
    openIntentsOf: () => of.open ?? [],
    links: () => [of.link],
    read: () => [of.read],
  };
  const answer = (effect: Effect): unknown => {
    if (effect.kind === 'now') return NOW;
    if (effect.kind !== 'state' && effect.kind !== 'store') return undefined;
    if (effect.method === 'commitLane') last = (effect.args[0] as LaneCommit).links?.at(-1) ?? last;
    return answers[effect.method]?.() ?? [];
  };
  let step = core.next();
  while (!step.done) step = core.next(answer(step.value));
  return last;
}

const found = (version: string): ReadResult =>
  ({
    state: 'found',
    id: 'b1',
    record: { id: 'b1', version, mono: '2', fields: {} },
  }) as unknown as ReadResult;

describe('a pair with a write that is withheld or was refused', () => {
  it.each([
    ['gone', { state: 'gone', id: 'b1' } as ReadResult, NOW],
    ['outside', { state: 'out', id: 'b1' } as ReadResult, NOW],
    ['there in another version', found('v2'), NOW],
    ['there as it is known', found('v1'), null],
  ])('is looked at in this pass when its record is %s', (...[, read, nextAt]) => {
    const told = { link: linkWith(WITHHELD), read, suspects: [SUSPECT] };
    expect(stored(verifySuspects(pass), told)?.link.quarantine).toEqual({ ...WITHHELD, nextAt });
  });

  it.each([
    ['its partner was reported in a newer version', { seenA: '2' }, NOW],
    ['its partner was reported as it is known', { seenA: '1' }, null],
    ['it was frozen, and is back as it was', { status: 'out' as const }, NOW],
  ])('is looked at in this pass when its record is there as it is known, and %s', (...[, of, nextAt]) => {
    const told = { link: { ...linkWith(WITHHELD), ...of }, read: found('v1'), suspects: [SUSPECT] };
    expect(stored(verifySuspects(pass), told)?.link.quarantine).toEqual({ ...WITHHELD, nextAt });
  });

  it('stays let go when it is noted before its create that it is of a copy', () => {
    const link = { ...linkWith(WITHHELD), status: 'half' as const, b: null };
    const plan = { link, next: { ...link, a: { ...ref('a1'), closed: true } } };
    const sending = { work: { plan }, write: { op: 'create', side: 'b' } } as unknown as Sending;
    expect(stored(rememberCopies(pass, [sending]), { link, read: found('v1') })).toMatchObject({
      link: { a: { closed: true }, quarantine: { ...WITHHELD, nextAt: NOW } },
    });
  });

  it('is left to its second look, which has a time of its own', () => {
    const told = {
      link: linkWith(LOOK),
      read: { state: 'gone', id: 'b1' } as ReadResult,
      suspects: [SUSPECT],
    };
    expect(stored(verifySuspects(pass), told)?.link.quarantine).toEqual(LOOK);
  });

  it.each([
    ['is looked at when its record was reported before it stood in the pair', WITHHELD, NOW],
    ['is left to its second look also then', LOOK, LOOK.nextAt],
  ])('%s', (_, quarantine, nextAt) => {
    const link = linkWith(quarantine);
    const loaded = {
      unknown: { a: new Map(), b: new Map([['b1', { ...SUSPECT, why: 'unknown' as const }]]) },
      ...{ waiting: new Map(), learned: 0 },
    };
    const put = stored(settleLinked(pass, loaded), { link, read: found('v1') });
    expect(put).toMatchObject({ link: { quarantine: { ...quarantine, nextAt } }, mark: ['b'] });
  });

  it('is looked at when another write of it turns out not to have taken effect', () => {
    const intent = {
      id: 'i',
      linkId: 'l',
      side: 'b',
      op: 'delete',
      targetId: 'b1',
      sentAt: 0,
      conflicts: [],
    };
    const told = { link: linkWith(WITHHELD), read: found('v1'), open: [intent as unknown as Intent] };
    expect(stored(recover(pass), told)?.link.quarantine).toEqual({ ...WITHHELD, nextAt: NOW });
  });

  it('is looked at when a write of it turns out to have taken effect, for what was reported meanwhile', () => {
    const intent = {
      ...{ id: 'i', linkId: 'l', side: 'b', op: 'update', targetId: 'b1', sentAt: 0, conflicts: [] },
      ...{ sent: {}, source: {}, before: {}, origin: { cause: { kind: 'record' }, rules: {} } },
    };
    const told = {
      link: { ...linkWith(WITHHELD), holds: [] },
      read: found('v2'),
      open: [intent as unknown as Intent],
    };
    const on = { ...pass, lane: { ...pass.lane, mapping } } as unknown as Pass;
    expect(stored(recover(on), told)).toMatchObject({
      ...{ link: { quarantine: { ...WITHHELD, nextAt: NOW } }, mark: ['a', 'b'] },
    });
  });
});

describe('a record that is reported, and shows what it showed when the pair agreed', () => {
  const reader = {
    ...{ feed: { key: 'f' }, side: 'b', scopeHash: 's' },
    lanes: [{ ...pass.lane, mapping, feeds: { a: [], b: ['f'] }, cache: { put() {} } }],
  } as unknown as Reader;
  const markOf = (link: Link, version: string) => {
    const record = { id: 'b1', version, mono: '2', fields: { Title: 'x' } } as StoreRecord;
    const change = { kind: 'changed', id: 'b1', version, mono: '2', record } as const;
    const at = { changes: [change], gen: 1, scanning: false, begins: false, now: NOW };
    let marks: readonly Mark[] = [];
    const told = { link, read: found(version) };
    function* core(): Core<void> {
      for (const notes of yield* notesOn(reader, at)) marks = notes.marks;
    }
    stored(core(), told);
    return marks[0]?.kind;
  };
  const linkOf = (quarantine: Quarantine | null) =>
    ({ ...linkWith(WITHHELD), quarantine, seenB: '1', shownB: { title: 'x' } }) as Link;

  it.each([
    [
      'is looked at where a write of the pair was withheld for what it showed meanwhile',
      WITHHELD,
      'v2',
      'dirty',
    ],
    ['is no news in the version that the withheld write was about', WITHHELD, 'v1', undefined],
    ['is no news where nothing is parked', null, 'v2', 'clean'],
    ['is left to the second look, which reads it', LOOK, 'v2', 'clean'],
  ])('%s', (...[, quarantine, version, kind]) => {
    expect(markOf(linkOf(quarantine), version)).toBe(kind);
  });
});

describe('a pair that a changed scope left out', () => {
  it.each([
    ['is left out, as its record is there', 'v1', WITHHELD, NOW],
    ['is left out, as its record is outside', 'v1', WITHHELD, NOW],
    ['stays left out', OUT_OF_SCOPE, WITHHELD, NOW],
    ['waits for a second look', 'v1', LOOK, LOOK.nextAt],
  ])(
    'is looked at for what came of its other side in this pass, but at its time: %s',
    (...[what, version, quarantine, nextAt]) => {
      const link = { ...linkWith(quarantine), b: { ...ref('b1'), version }, seenB: '1' } as Link;
      const read = what.endsWith('outside') ? ({ state: 'out', id: 'b1' } as ReadResult) : found('v1');
      const suspects = [{ ...SUSPECT, why: 'missing', feed: SCOPE_FEED, mono: '1' } as Suspect];
      expect(stored(verifySuspects(pass), { link, read, suspects })?.link).toMatchObject({
        ...{ b: { version: OUT_OF_SCOPE }, quarantine: { ...quarantine, nextAt } },
      });
    },
  );

  it('is not thawed by a write of it whose record is gone: no feed has reported the one that was left out', () => {
    const link = linkWith(WITHHELD);
    const left = { ...link, status: 'out', b: { ...ref('b1'), version: OUT_OF_SCOPE } } as Link;
    const intent = {
      id: 'i',
      linkId: 'l',
      side: 'a',
      op: 'update',
      targetId: 'a1',
      sentAt: 0,
      conflicts: [],
    };
    const read: ReadResult = { state: 'gone', id: 'a1' };
    const told = { read, open: [intent as unknown as Intent] };
    expect(stored(recover(pass), { ...told, link: left })).toMatchObject({ link: { goneA: true }, mark: [] });
    expect(stored(recover(pass), { ...told, link })).toMatchObject({ link: { goneA: true }, mark: ['b'] });
  });
});

describe('a new mapping', () => {
  const lane = { ...pass.lane, mapping: { fields: [] }, notifies: [] };
  const retried = (quarantine: Quarantine, scopeHash: string | null = 'another') =>
    stored(retryUnderNewMapping({ ...pass, lane } as unknown as Pass, { scopeHash }), {
      ...{ link: linkWith(quarantine), read: found('v1') },
    })?.link.quarantine?.nextAt;

  it.each([
    ['was given up', null],
    ['waits for its time', NOW + 60_000],
    ['is due by a clock that may be set back before the pass looks', NOW - 1],
  ])('makes a refused record due by every clock that %s', (_, nextAt) => {
    expect(retried({ ...WITHHELD, code: 'too-long', nextAt })).toBe(0);
  });

  it('stores none twice, and nothing where the lane has had no mapping', () => {
    expect(retried({ ...WITHHELD, nextAt: 0 })).toBeUndefined();
    expect(retried(WITHHELD, null)).toBeUndefined();
  });

  it('does not shorten a second look', () => {
    expect(retried(LOOK)).toBeUndefined();
  });
});

describe('a pair whose refused write would be sent again as it is', () => {
  const versionOf = (of: Partial<Link>, shown: string): string | undefined => {
    const link = { ...linkWith(WITHHELD), dirtyB: 1, cleanB: 1, shownB: { title: 'x' }, ...of };
    const record = { id: 'b1', version: 'v2', mono: '2', fields: { Title: shown } } as StoreRecord;
    const work = { plan: { link }, seen: { a: { state: 'unchanged' }, b: { state: 'found', record } } };
    return leftParked(mapping, work as unknown as Work).b?.version;
  };

  it('knows what was read of it, but for an edit that nobody has reported', () => {
    expect(versionOf({}, 'x')).toBe('v2');
    expect(versionOf({ dirtyB: 2 }, 'y')).toBe('v2');
    expect(versionOf({}, 'y')).toBe('v1');
  });
});

describe('a pair that is stored with a write still to be made', () => {
  const marks = (of: Partial<Link>) =>
    stillWork({ ...linkWith(WITHHELD), dirtyA: 3, cleanA: 3, dirtyB: 5, cleanB: 5, ...of }).mark;

  it('is marked where nothing else makes it work', () => {
    expect(marks({})).toEqual(['a', 'b']);
    expect(marks({ cleanA: 2 })).toBeUndefined();
    expect(marks({ cleanB: 4 })).toBeUndefined();
    expect(marks({ status: 'half' })).toBeUndefined();
  });
});
