import { describe, expect, it } from 'vitest';
import { sayCause, sayInstant, sayValue, type WhyInput, whyField, whySuspect } from '../src/index.ts';
import { AT, input, lane, review, row } from './why-input.ts';

describe('whyField', () => {
  const codes = (given: WhyInput, field: string) => whyField(given, field).map(({ code }) => code);

  it('walks the last change back to its cause', () => {
    const older = row({ old: null, new: '+49 30 1', rule: 'fill', at: AT - 86_400_000, runId: '77' });
    const created = row({
      op: 'create',
      field: null,
      old: null,
      new: '{"phone":null,"mail":"a@b"}',
      rule: 'new on a',
      at: 0,
    });
    const said = whyField(input({}, { history: [row({}), older, created] }), 'phone').map(({ text }) => text);
    expect(said).toContain(
      "CRM.phone '+49 30 1' → '+49 30 2' on 2 May 2026 10:03 UTC by run 81818181, because the mailbox changed; it had been left alone since 1 May 2026 10:03 UTC (run 77).",
    );
    expect(said.some((text) => text.startsWith('CRM.phone was created as blank on 1 Jan 1970'))).toBe(true);
    expect(codes(input({}, { history: [created] }), 'notes')).toContain('field-untouched');
  });

  it('names the read that a change followed from, the run that was taken back, and values that expired', () => {
    const modifiedAt = AT - 19_000;
    const cause = { kind: 'record', side: 'a', version: 'W/"abcdefgh7f"', mono: '', modifiedAt } as const;
    const said = (of: Parameters<typeof row>[0]) =>
      whyField(input({}, { history: [row(of)] }), 'phone').map(({ text }) => text);
    expect(said({ cause })).toContainEqual(
      expect.stringMatching(
        /because the mailbox changed \(version \.\.defgh7f", modified 2 May 2026 10:0\d:\d\d UTC\)\.$/,
      ),
    );
    const undo = { kind: 'undo', intentId: 'i', runId: '77777777-1' } as const;
    expect(said({ rule: 'undo', cause: undo })).toContainEqual(
      expect.stringMatching(/because a person took back an earlier change of run 77777777\.$/),
    );
    expect(said({ old: null, new: null, expired: true })).toContainEqual(
      expect.stringMatching(/CRM\.phone was changed on .*; the values have expired\.$/),
    );
  });

  it('explains why nothing happens', () => {
    expect(codes(input(), 'shoeSize')).toEqual(['field-not-mapped']);
    const [left] = whyField(input(), 'nick');
    expect(left).toMatchObject({
      code: 'field-left-out',
      text: expect.stringContaining('the CRM has no property "Nick__c"'),
    });
    const [, direction] = whyField(input(), 'notes');
    expect(direction?.text).toContain('an edit in the CRM stays there');
    const long = whyField(input({ shownA: { mail: 'long@long.example' }, shownB: { mail: null } }), 'mail');
    expect(long[0]?.text).toMatch(/the CRM cannot hold 'long@long.example' \(too long/);
    const cut = whyField(input({ shownA: { notes: 'abcdef' }, shownB: { notes: 'abc' } }), 'notes');
    expect(cut[0]?.text).toContain("the CRM keeps what fits of 'abcdef'");
    expect(codes(input({ shownA: null }), 'phone')[0]).toBe('field-unseen');
    const both = input({ holds: ['phone'], shownA: { phone: '1' }, shownB: { phone: '2' } });
    expect(codes(both, 'phone')[0]).toBe('held-field');
  });

  it('works without asking the stores', () => {
    const given = input({ shownB: { phone: '2', notes: 'y' } }, { mapping: null });
    expect(whyField(given, 'notes')[0]?.text).toContain('flows from the mailbox to the CRM only');
    expect(whyField(given, 'phone')[0]?.text).toContain('next edit of either side is carried over');
  });
});

describe('whySuspect', () => {
  const suspect = {
    laneId: 'l',
    side: 'a',
    id: 'A9',
    why: 'unknown',
    feed: 'f',
    mono: '',
    at: AT,
    seq: 1,
  } as const;

  it.each([
    ['new', suspect, [], 'unmatched', /not matched yet/],
    [
      'in doubt',
      { ...suspect, why: 'review' },
      [review({ kind: 'match', score: 60, reasons: ['one e-mail address in common'] })],
      'doubtful',
      /60 points: one e-mail address in common/,
    ],
    [
      'several',
      { ...suspect, why: 'review' },
      [review({ kind: 'duplicate', bIds: ['x', 'y'] })],
      'doubtful',
      /resembles 2 records in the CRM/,
    ],
    ['decided', { ...suspect, why: 'review' }, [], 'decided', /carries out what was decided/],
    ['looked up', { ...suspect, feed: '(look-up)' }, [], 'looked-up', /never created on the other side/],
    ['removed', { ...suspect, why: 'removed' }, [], 'to-verify', /reads it before/],
  ] as const)('%s', (...[, given, reviews, code, text]) => {
    const [first] = whySuspect({ suspect: given, reviews, lane });
    expect(first?.code).toBe(code);
    expect(first?.text).toMatch(text);
  });
});

it('says instants, values and causes in words', () => {
  expect(sayInstant(0)).toBe('1 Jan 1970 00:00 UTC');
  expect(sayValue({ street: 'Main 1', city: 'Bonn' })).toBe("'Main 1, Bonn'");
  expect(sayValue(['x', 'y'])).toBe("'x, y'");
  expect(sayValue(null)).toBe('blank');
  expect(sayCause('recovered:new on a', 'b')).toContain('new in the mailbox (the answer was lost');
  expect(sayCause('match 85%: same name', 'b')).toBe('because they match (85 points: same name)');
  expect(sayCause('conflict:newer', 'b')).toContain('the mailbox had the newer value');
  expect(sayCause('toString', 'b')).toBe('by rule "toString"');
});
