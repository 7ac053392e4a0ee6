import type { LaneRow, Link, LinkStatus, Suspect } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WhyInput, why } from '../src/index.ts';
import { AT, half, held, input, intent, lane, link, parked, review, row } from './why-input.ts';

const gone = [row({ op: 'gone', side: 'a', field: null, rule: 'proved by a read' })];
const TABLE: readonly (readonly [string, WhyInput, string, RegExp])[] = [
  [
    'in step',
    input({}, { history: [row({})] }),
    'in-step',
    /^In step since 2 May 2026 10:03 UTC: then the CRM was updated, because the mailbox changed/,
  ],
  ['changed', input({ dirtyA: 2 }), 'to-compare', /The mailbox reported a change/],
  ['linked only', input({ shownA: null }), 'to-compare', /not compared yet/],
  ['settling', input({}, { intents: [intent] }), 'settling', /A write to the CRM \(update\) of 2 May 2026/],
  [
    'parked, tried again',
    input({ quarantine: parked }),
    'parked',
    /refused the write 2 times, with too-long: Title is too long\. It is tried again .* 2 May 2026 10:03/,
  ],
  [
    'parked, due at once',
    input({ quarantine: { ...parked, nextAt: 0 } }),
    'parked',
    /tried again with the next sync\./,
  ],
  ['parked for good', input({ quarantine: { ...parked, nextAt: null } }), 'parked', /not tried again until/],
  [
    'only in the mailbox',
    input(half),
    'to-create',
    /^Exists only in the mailbox\. The next sync creates it in the CRM/,
  ],
  [
    'create is off',
    input(half, { policy: { create: { a: true, b: false }, onDelete: { a: 'delete', b: 'delete' } } }),
    'create-off',
    /sync\.create\.crm: false/,
  ],
  [
    'deleted, partner to go',
    input({ goneA: true }, { history: gone }),
    'gone-here',
    /deleted from the mailbox \(a read proved it on 2 May 2026 10:03 UTC\).* deletes its partner in the CRM/,
  ],
  ['deleted, to be unlinked', input({ goneB: true }), 'gone-here', /unlinks the pair/],
  ['deleted twice', input({ goneA: true, goneB: true }), 'gone-everywhere', /closes the pair/],
  [
    'braked',
    input({ goneA: true }, { lane: { ...lane, held } }),
    'held',
    /with 11 more, under hash h1: too many/,
  ],
  [
    'braked, approved',
    input({ goneA: true }, { lane: { ...lane, held, approved: [{ hash: 'h1', linkIds: [], at: 0 }] } }),
    'held-approved',
    /next sync does it/,
  ],
  ['braked blanking', input({}, { lane: { ...lane, held } }), 'held', /to be emptied/],
  [
    'frozen',
    input({ status: 'out' }, { history: [row({ op: 'hold', field: null, rule: 'left the scope' })] }),
    'frozen',
    /^Frozen since 2 May 2026 10:03 UTC: .*outside the folder/,
  ],
  ['frozen and gone', input({ status: 'out', goneB: true }), 'frozen', /in the CRM was deleted meanwhile/],
  [
    'unlinked by a person',
    input(
      { status: 'detached' },
      { history: [row({ op: 'unlink', field: null, rule: 'kept by a person' })] },
    ),
    'detached',
    /because a person chose to keep/,
  ],
  [
    'unlinked by policy',
    input(
      { status: 'detached' },
      { history: [row({ op: 'unlink', field: null, rule: 'deleted on a: unlinked by policy' })] },
    ),
    'detached',
    /configuration says to unlink/,
  ],
  ['merged', input({ status: 'merged', b: null }), 'merged', /in the CRM was merged there/],
  [
    'deleted by us',
    input(
      { status: 'tomb' },
      { history: [row({ op: 'delete', field: null, rule: 'deleted on a' }), ...gone] },
    ),
    'deleted',
    /Tidelock deleted the one in the CRM on .* deleted from the mailbox \(a read proved it/,
  ],
  ['deleted by people', input({ status: 'tomb' }, { history: gone }), 'gone', /Tidelock deleted neither/],
  [
    'reported',
    input({}, { suspects: [{ side: 'a', why: 'removed', at: AT } as Suspect] }),
    'to-verify',
    /reads it before/,
  ],
];

describe('why', () => {
  it.each(TABLE)('%s', (...[, given, code, text]) => {
    const [first] = why(given);
    expect(first?.code).toBe(code);
    expect(first?.text).toMatch(text);
  });

  it('names what else bears on a pair in step', () => {
    const reviews = [review({}), review({ id: 'r2', kind: 'unresolved', reasons: ['No account.'] })];
    const said = why(input({ holds: ['phone'] }, { reviews, history: [row({})] }));
    expect(said.map(({ code, decide }) => [code, decide])).toEqual([
      ['in-step', null],
      ['held-field', 'r1'],
      ['unresolved', 'r2'],
    ]);
    expect(said[0]?.text).toContain('except for what is said below');
  });

  it('dates a state by the row that made it, not by what people asked for since', () => {
    const asked = row({ op: 'hold', field: null, rule: 'retry by a person', at: AT + 86_400_000 });
    const left = row({ op: 'hold', field: null, rule: 'left the scope' });
    expect(why(input({ status: 'out' }, { history: [asked, left] }))[0]?.text).toContain('since 2 May');
    expect(why(input({}, { history: [asked, row({})] }))[0]?.text).toContain('since 2 May');
  });

  it('says that the mailbox fails', () => {
    const said = why(input({}, { lane: { ...lane, errorKind: 'auth', errorCount: 3 } }));
    expect(said.at(-1)?.text).toContain('failed (auth, 3 in a row)');
  });

  it('always says something, and never both that all is well and that it is not', () => {
    const STATUS: LinkStatus[] = ['half', 'live', 'tomb', 'out', 'merged', 'detached'];
    const missing = { side: 'a', why: 'missing', at: AT } as Suspect;
    const links = fc.record({
      status: fc.constantFrom(...STATUS),
      goneA: fc.boolean(),
      goneB: fc.boolean(),
      dirtyA: fc.constantFrom(1, 2),
      quarantine: fc.constantFrom(null, parked),
      holds: fc.constantFrom([], ['phone']),
      shownA: fc.constantFrom(null, link.shownA),
    });
    const around = fc.record({
      intents: fc.constantFrom([], [intent]),
      suspects: fc.constantFrom([], [missing]),
      lane: fc.record({ held: fc.constantFrom(null, held), errorKind: fc.constantFrom(null, 'auth') }),
      create: fc.boolean(),
    });
    const build = (of: Partial<Link>, more: { lane: Partial<LaneRow>; create: boolean }): WhyInput =>
      input(of.status === 'half' ? { ...of, b: null } : of, {
        ...more,
        lane: { ...lane, ...more.lane },
        policy: { create: { a: true, b: more.create }, onDelete: { a: 'delete', b: 'delete' } },
      });
    const trouble =
      /^(parked|settling|held|held-approved|gone.*|to-.*|frozen|detached|merged|deleted|create-off)$/;
    const ends = [
      'deleted',
      'gone',
      'detached',
      'merged',
      'frozen',
      'gone-here',
      'gone-everywhere',
      'to-create',
      'create-off',
      'held',
      'held-approved',
      'to-compare',
      'in-step',
    ];
    fc.assert(
      fc.property(links, around, (of, more) => {
        const { status } = of;
        const given = build(of, more);
        const said = why(given);
        const codes = said.map(({ code }) => code);
        expect(said.length).toBeGreaterThan(0);
        expect(codes.filter((code) => ends.includes(code)).length).toBeLessThanOrEqual(1);
        expect(codes.includes('in-step') && codes.some((code) => trouble.test(code))).toBe(false);
        if (['tomb', 'detached', 'merged'].includes(status)) {
          expect(said[0]?.tone).toBe('rests');
          expect(codes).not.toContain('held-field');
        }
        expect(said.every(({ text }) => /^[A-Z"].*\.$/s.test(text))).toBe(true);
        expect(why(given)).toEqual(said);
      }),
      { numRuns: 2000 },
    );
  });
});
