import type { Fields, Intent, Link, ReadResult, SideRef, StoreRecord, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { cureOf } from '../src/heal.ts';
import { unasked } from '../src/heal-mail.ts';
import { compileMapping, createCanon, DEFAULT_POLICY, type LinkPlan, type Seen } from '../src/index.ts';
import type { Pass } from '../src/lane.ts';
import type { PlanContext } from '../src/link-plan.ts';
import { mailLeft } from '../src/mail.ts';
import { lookedTwice } from '../src/second-look.ts';
import { idOf } from '../src/stamp.ts';
import { findLate, lateFields } from '../src/zombie.ts';
import { MAPPING } from './world.ts';

const text = { type: 'text', label: 'x', writable: true } as const;
const mapping = compileMapping(
  { ...MAPPING, fields: [{ ...MAPPING.fields[0], field: 'title', mailbox: 'title', crm: 'Title' }] } as never,
  { a: { title: text }, b: { Title: text } },
  createCanon({ region: 'US' }),
);
const ref = (id: string): SideRef => ({ id, inc: 0, version: 'v1', mono: '1', stamp: 's', gen: 1 });
const link: Link = {
  ...{ laneId: 'l', id: 'k', status: 'live', a: ref('A'), b: ref('B'), shownA: {}, shownB: {} },
  ...{ goneA: false, goneB: false, quarantine: null, holds: [], updatedAt: 0 },
  ...{ dirtyA: 1, dirtyB: 0, cleanA: 0, cleanB: 0, seenA: '', seenB: '' },
};

const record = (id: string, more: Partial<StoreRecord> = {}): StoreRecord => ({
  ...{ id, version: 'v1', mono: '1', fields: {}, stamp: 's', createdAt: 5, modifiedAt: 5 },
  ...more,
});
const found = (id: string, more: Partial<StoreRecord> = {}): ReadResult => ({
  state: 'found',
  id,
  record: record(id, more),
});

describe('healing of our own twins (5.7)', () => {
  const suspect = {
    laneId: 'l',
    side: 'b',
    id: 'copy',
    why: 'unknown',
    feed: 'f',
    mono: '1',
    at: 0,
    seq: 1,
  } as const;
  const twin = { suspect: { ...suspect, stamp: 's' }, link, creates: [], placed: true, kept: 'kept' };

  it('deletes an untouched copy while the record that the link names is alive', () => {
    expect(cureOf(twin, { kept: found('kept'), copy: found('copy') }).kind).toBe('delete');
  });

  it('never deletes without the survivor, and never the survivor', () => {
    expect(cureOf(twin, { kept: { state: 'gone', id: 'kept' }, copy: found('copy') }).kind).toBe('none');
    expect(cureOf(twin, { kept: undefined, copy: found('copy') }).kind).toBe('none');
    expect(cureOf(twin, { kept: found('kept'), copy: found('kept') }).kind).toBe('none');
  });

  it('sets a copy free that somebody has touched, or that cannot tell', () => {
    expect(cureOf(twin, { kept: found('kept'), copy: found('copy', { modifiedAt: 6 }) }).kind).toBe(
      'release',
    );
    expect(cureOf(twin, { kept: found('kept'), copy: found('copy', { modifiedBy: 'other' }) }).kind).toBe(
      'release',
    );
    const { createdAt: _, ...timeless } = record('copy');
    expect(
      cureOf(twin, { kept: found('kept'), copy: { state: 'found', id: 'copy', record: timeless } }).kind,
    ).toBe('release');
  });

  it('sets a copy free that was made when no create of ours could land any more: a person copied it (AC-12)', () => {
    const copy = found('copy', { createdAt: 70_000, modifiedAt: 70_000 });
    expect(cureOf(twin, { kept: found('kept'), copy }, 60_000).kind).toBe('release');
    expect(cureOf(twin, { kept: found('kept'), copy }, 80_000).kind).toBe('delete');
    expect(cureOf(twin, { kept: found('kept'), copy: found('copy') }, -1).kind).toBe('release');
  });

  it('leaves a record alone that carries another stamp by now', () => {
    expect(cureOf(twin, { kept: found('kept'), copy: found('copy', { stamp: 'own' }) }).kind).toBe(
      'stranger',
    );
  });
});

describe('healing where a write would send mail (0521)', () => {
  const write: Write = { op: 'delete', id: 'copy', version: 'v1' };
  const passOf = (mail: 'hold' | 'send', of: { left: number; first?: boolean }): Pass =>
    ({
      lane: {
        notifies: ['a'],
        audience: { a: () => ['one@example.com', 'two@example.com'], b: null },
        policy: { ...DEFAULT_POLICY, events: { ...DEFAULT_POLICY.events, mail, mailBudget: of.left } },
      },
      ...{ firstSync: of.first === true, mailSpent: { people: 0 }, counts: { notified: 0 } },
    }) as unknown as Pass;

  it('is sent where nobody is reached', () => {
    expect(unasked(passOf('hold', { left: 0 }), 'b', write)).toBe(0);
  });

  it('waits for a person as the policy and the budget say', () => {
    expect(unasked(passOf('hold', { left: 9 }), 'a', write)).toBe(2);
    expect(unasked(passOf('send', { left: 1 }), 'a', write)).toBe(2);
    expect(unasked(passOf('send', { left: 9, first: true }), 'a', write)).toBe(2);
  });

  it('counts what it may send', () => {
    const pass = passOf('send', { left: 3 });
    expect(unasked(pass, 'a', write)).toBe(0);
    expect([mailLeft(pass), pass.counts.notified]).toEqual([1, 2]);
  });
});

describe('late writes of ours (rule Z, 5.6)', () => {
  const sent = (title: string, more: Partial<Intent> = {}): Intent =>
    ({
      ...{ side: 'b', op: 'update', state: 'void', sent: { title }, source: {}, before: {}, sentAt: 0 },
      ...more,
    }) as Intent;
  const late = (now: Fields, journal: readonly Intent[]): string[] => [
    ...lateFields(mapping, { side: 'b', shown: { title: 'new' }, now, journal }),
  ];

  it('knows a value of a settled write again', () => {
    expect(late({ title: 'old' }, [sent('old')])).toEqual(['title']);
  });

  const caps = { conditionalUpdate: false, modifiedBy: true };
  const lane = { spec: { id: 'l' }, mapping, caps: { a: caps, b: caps } };
  const pass = { lane, sketch: null } as unknown as Pass;
  const lateRecord = record('B', { fields: { Title: 'old' }, modifiedBy: 'us' });
  /** What is late on side B, where only the journal of `of` knows a write. */
  const answered = (core: ReturnType<typeof findLate>, links: readonly Link[], of = 'k'): unknown => {
    let step = core.next();
    while (!step.done) {
      const { method, args } = step.value as { method: string; args: readonly unknown[] };
      step = core.next(method === 'links' ? links : args[1] === of ? [sent('old')] : []);
    }
    return step.value?.b && [...step.value.b];
  };

  it.each([
    ['in step', 'live', ['title']],
    ['coming back from outside the scope', 'out', ['title']],
    ['half', 'half', undefined],
  ] as const)('looks for them in a pair that is %s', (_, status, expected) => {
    const core = findLate(pass, {
      link: { ...link, status, shownA: { title: 'new' }, shownB: { title: 'new' } },
      seen: { a: { state: 'unchanged' }, b: { state: 'found', record: lateRecord } },
    });
    expect(answered(core, [])).toEqual(expected);
  });

  const heir = { ...link, id: idOf('rebound', 'l', 'tomb', 'A') };
  const again = { ...link, id: idOf('reborn', 'l', 'tomb', 'A', 'B') };
  const agreed = (title: string): Partial<Link> => ({ shownA: { title }, shownB: { title } });
  it.each([
    { what: 'has followed a move', pair: heir, was: 'new', expected: ['title'] },
    { what: 'has a partner that was made again', pair: again, was: 'new', expected: ['title'] },
    { what: 'is another one', pair: link, was: 'new', expected: undefined },
    { what: 'had agreed on that value', pair: heir, was: 'old', expected: undefined },
  ])('asks the tombstone that names the record where the pair $what', ({ pair, was, expected }) => {
    const tomb: Link = { ...link, id: 'tomb', status: 'tomb', ...agreed(was) };
    const core = findLate(pass, {
      link: { ...pair, ...agreed('new') },
      seen: { a: { state: 'unchanged' }, b: { state: 'found', record: lateRecord } },
    });
    expect(answered(core, [tomb], 'tomb')).toEqual(expected);
  });

  it('takes a field for late only where the pair shows something else today', () => {
    const fields = [...mapping.fields, ...mapping.fields.map((field) => ({ ...field, name: 'other' }))];
    const byName = new Map(fields.map((field) => [field.name, field]));
    const two = { ...lane, mapping: { ...mapping, fields, byName } };
    const tomb: Link = { ...link, id: 'tomb', status: 'tomb', ...agreed('new') };
    const core = findLate({ ...pass, lane: two } as unknown as Pass, {
      link: { ...heir, shownA: {}, shownB: { title: 'old', other: 'new' } },
      seen: { a: { state: 'unchanged' }, b: { state: 'found', record: lateRecord } },
    });
    expect(answered(core, [tomb], 'tomb')).toBeUndefined();
  });

  const HOUR = 3_600_000;
  const at = (sentAt: number): Partial<Intent> => ({ sentAt, state: 'confirmed' });
  /** What the mailbox was told when the CRM showed this. */
  const told = (title: string, sentAt: number): Intent =>
    sent(title, { ...at(sentAt), side: 'a', source: { title } });

  it('knows it no more where the pair has seen something else since it had landed or was lost (0753)', () => {
    const read = (title: string, sentAt: number) =>
      late({ title: 'old' }, [sent('old'), told(title, sentAt)]);
    expect(read('between', HOUR)).toEqual([]);
    expect(read('between', HOUR - 1)).toEqual(['title']);
    // It had landed by then, and nobody knew.
    expect(read('old', HOUR)).toEqual(['title']);
  });

  it('nor where the pair has written the field there since', () => {
    const written = (more: Partial<Intent>) => late({ title: 'old' }, [sent('old'), sent('new', more)]);
    expect(written(at(HOUR))).toEqual([]);
    expect(written(at(HOUR - 1))).toEqual(['title']);
    expect(written({ ...at(HOUR), state: 'void' })).toEqual(['title']);
    expect(written({ ...at(HOUR), sent: { other: 'new' } })).toEqual(['title']);
  });

  it('takes a value for that of another lane which has written it there later, by whatever name', () => {
    const others = (patch: Fields, sentAt: number) => [
      ...lateFields(mapping, {
        ...{ side: 'b', shown: { title: 'new' }, now: { title: 'old' }, journal: [sent('old', at(5))] },
        others: [sent('', { ...at(sentAt), sent: {}, patch })],
      }),
    ];
    expect(others({ Title: 'old' }, 6)).toEqual([]);
    expect(others({ Title: 'old' }, 5)).toEqual(['title']);
    expect(others({ Title: 'other' }, 6)).toEqual(['title']);
    expect(others({ Town: 'old' }, 6)).toEqual(['title']);
  });

  it('takes nothing else for its own', () => {
    expect(late({ title: 'old' }, [])).toEqual([]);
    expect(late({ title: 'typed by somebody' }, [sent('old')])).toEqual([]);
    expect(late({ title: 'old' }, [sent('old', { side: 'a' }), sent('old', { state: 'open' })])).toEqual([]);
    expect(late({ title: 'new' }, [sent('new')])).toEqual([]);
  });
});

describe('two looks where answers lag (6.3)', () => {
  const plan: LinkPlan = { link, action: 'delete', writes: [], reads: [], next: link, rule: 'gone' };
  const gone: Record<'a' | 'b', Seen> = { a: { state: 'gone' }, b: { state: 'found', record: record('B') } };
  const at = (now: number, lag = 5_000): PlanContext => ({
    ...{ mapping, policy: DEFAULT_POLICY, now },
    lagMs: { a: lag, b: 0 },
  });

  it('believes a store at once that does not lag', () => {
    expect(lookedTwice(plan, { link, seen: gone }, at(0, 0)).action).toBe('delete');
  });

  it('waits for the lag, then believes the same verdict', () => {
    const first = lookedTwice(plan, { link, seen: gone }, at(0));
    expect([first.action, first.next.quarantine?.nextAt]).toEqual(['wait', 5_000]);
    const again = { link: first.next, seen: gone };
    expect(lookedTwice(plan, again, at(4_999)).action).toBe('wait');
    expect(lookedTwice(plan, again, at(5_000)).action).toBe('delete');
  });

  it('starts again when the record was reported since the first look: a stale answer would confirm what was', () => {
    const first = lookedTwice(plan, { link, seen: gone }, at(0));
    const reported = { ...first.next, seenA: '2' };
    const second = lookedTwice(plan, { link: reported, seen: gone }, at(9_000));
    expect([second.action, second.next.quarantine?.nextAt]).toEqual(['wait', 14_000]);
    expect(lookedTwice(plan, { link: second.next, seen: gone }, at(14_000)).action).toBe('delete');
    // What the other side was reported as says nothing about this verdict.
    expect(lookedTwice(plan, { link: { ...first.next, seenB: '2' }, seen: gone }, at(9_000)).action).toBe(
      'delete',
    );
  });

  it('starts again when the second look finds something else', () => {
    const first = lookedTwice(plan, { link, seen: gone }, at(0));
    const edited = { ...gone, b: { state: 'found', record: record('B', { version: 'v2' }) } as Seen };
    expect(lookedTwice(plan, { link: first.next, seen: edited }, at(9_000)).next.quarantine?.nextAt).toBe(
      14_000,
    );
  });
});
