import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../src/api/events.ts';
import type { PlanStep } from '../src/api/plans.ts';
import type { MappingRow } from '../src/api/profiles.ts';
import { parseOptions, secretNames } from '../src/words/crm-options.ts';
import { goingAfter, sayEvent } from '../src/words/event-words.ts';
import { errorsOf, spanOf, throttlingOf, writesOf } from '../src/words/live-series.ts';
import { changedRows, freshRow, rowProblems, rowsToSave } from '../src/words/mapping-rules.ts';
import { countSteps, groupSteps, outcomeText } from '../src/words/plan-steps.ts';
import { hasEvents, ruleOf, withEvents, withRule, writtenWith } from '../src/words/profile-draft.ts';
import { draftOf } from '../src/words/setting-numbers.ts';
import { ticketOf } from '../src/words/ticket.ts';

const effective = {
  contacts: { direction: 'both', onDelete: { mailbox: 'delete', crm: 'delete' } },
  events: null,
};

describe('a profile that is being changed', () => {
  const drafted = { effective, changes: new Map() };

  it('writes what was changed and leaves the rest of the file as it is', () => {
    const changes = withRule(drafted, 'contacts.onDelete.crm', 'unlink');
    const written = {
      description: 'x',
      contacts: { filter: [{ field: 'a' }], onDelete: { mailbox: 'unlink' } },
    };
    expect(writtenWith(written, changes)).toEqual({
      description: 'x',
      contacts: { filter: [{ field: 'a' }], onDelete: { mailbox: 'unlink', crm: 'unlink' } },
    });
  });

  it('has no change once it is changed back', () => {
    const changes = withRule(drafted, 'contacts.direction', 'crm>mailbox');
    expect(changes.size).toBe(1);
    expect(withRule({ effective, changes }, 'contacts.direction', 'both').size).toBe(0);
  });

  it('takes events in with their defaults, and out again with everything about them', () => {
    const on = withEvents(drafted, true);
    expect(hasEvents({ effective, changes: on })).toBe(true);
    expect(ruleOf({ effective, changes: on }, 'events.notify')).toBe('hold');
    const changed = withRule({ effective, changes: on }, 'events.notify', 'ask');
    expect(writtenWith(null, changed)).toEqual({ events: { notify: 'ask' } });
    expect(withEvents({ effective, changes: changed }, false).size).toBe(0);
  });

  it('takes events out of a profile that has them', () => {
    const had = { effective: { ...effective, events: { notify: 'ask' } }, changes: new Map() };
    expect(writtenWith({ events: { notify: 'ask' }, crm: 'x' }, withEvents(had, false))).toEqual({
      crm: 'x',
    });
  });
});

const row = (field: string, change: Partial<MappingRow> = {}): MappingRow => ({
  ...{ field, mailbox: field, crm: field, direction: 'both', conflict: 'newer', merge: 'value' },
  ...{ blank: 'propagate', optional: false, fallback: [], ...change },
});

describe('a mapping that is being changed', () => {
  const loaded = [row('a'), row('b'), row('c')];

  it('names a new row as no other is named', () => {
    expect(freshRow([row('field-2')]).field).toBe('field-3');
  });

  it('says of each row why it cannot be saved', () => {
    const problems = rowProblems([row('a'), row('a'), row('B'), row('d', { crm: '' })]);
    expect([...problems.keys()]).toEqual([1, 2, 3]);
  });

  it('saves the profile’s own rows and the changed ones, and none that the adapter ships', () => {
    const rows = [row('a'), row('b', { direction: 'crm>mailbox' }), row('c'), row('new')];
    const profile = { written: { contacts: { mappingExtra: [row('c')] } } };
    expect(changedRows(loaded, rows).map(({ field }) => field)).toEqual(['b', 'new']);
    expect(rowsToSave(profile, { loaded, rows }).map(({ field }) => field)).toEqual(['b', 'c', 'new']);
  });

  it('saves every row where the own ones cannot be told apart, so that none is lost', () => {
    expect(rowsToSave({ written: null }, { loaded, rows: loaded })).toEqual(loaded);
  });
});

const step = (of: Partial<PlanStep>): PlanStep => ({
  ...{ mailbox: 'm', action: 'update', side: 'crm', heading: 'change in the CRM', title: 't', rule: '' },
  ...{ risk: 'none', held: null, emails: 0, withheld: 0, mailboxIds: [], crmIds: [], changes: [] },
  ...{ conflicts: [], match: null, question: null, ...of },
});

describe('a plan', () => {
  const change = (old: string | null, now: string | null) => ({ field: 'f', old, new: now, rule: '' });

  it('is counted by side: created, filled, changed, emptied, deleted and held', () => {
    const counts = countSteps([
      step({ action: 'create' }),
      step({ side: 'mailbox', changes: [change(null, 'x'), change('x', 'y'), change('y', null)] }),
      step({ action: 'delete', held: 'h' }),
    ]);
    expect(counts.map(({ of, held }) => [of.mailbox, of.crm, held])).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 1],
    ]);
  });

  it('is told in groups, held steps apart, what is linked first', () => {
    const groups = groupSteps([
      step({ action: 'delete', heading: 'delete from the CRM', held: 'h' }),
      step({ action: 'delete', heading: 'delete from the CRM' }),
      step({ action: 'link', heading: 'link' }),
    ]);
    expect(groups.map(({ heading }) => heading)).toEqual([
      'Link',
      'Delete from the CRM (held)',
      'Delete from the CRM',
    ]);
  });

  it('says what became of it', () => {
    expect(outcomeText({ done: 1_600, already: 4, drift: 8, held: 0 })).toBe(
      '1,604 as planned, 8 no longer held and left alone',
    );
  });
});

describe('what happens', () => {
  const event = (type: string, of: object): LiveEvent => ({ id: '1', at: 0, type, ...of });

  it('is a sentence with a way to more', () => {
    const item = event('item', { title: 'Ann', op: 'update', side: 'b', fields: ['email'], linkId: 'l/1' });
    expect(sayEvent(item)).toMatchObject({ text: 'Ann changed in the CRM: email', href: '/items/l%2F1' });
    expect(sayEvent(event('run.progress', { label: 'ann' }))).toBeNull();
  });

  it('shows who is worked on until the turn ends', () => {
    const during = goingAfter(
      new Map(),
      event('run.progress', { label: 'ann', phase: 'write', done: 1, total: 4 }),
    );
    expect(during.get('ann')).toEqual({ phase: 'write', done: 1, total: 4 });
    expect(goingAfter(during, event('run.ended', { label: 'ann' })).size).toBe(0);
  });

  it('is counted in stretches, and a wait is no error', () => {
    const events = [
      { ...event('item', { side: 'a' }), at: 1_000 },
      { ...event('item', { side: 'b' }), at: 599_000 },
      { ...event('error', { kind: 'rate_limited' }), at: 599_000 },
      { ...event('error', { kind: 'unavailable' }), at: 599_000 },
    ];
    const span = spanOf(events, 600_000);
    expect(span).toEqual({ from: 0, to: 600_000 });
    const sums = (lines: ReturnType<typeof writesOf>) =>
      lines.map(({ name, points }) => [name, points.reduce((sum, { value }) => sum + value, 0)]);
    expect(sums(writesOf(events, span))).toEqual([
      ['mailbox', 1],
      ['CRM', 1],
    ]);
    expect(sums(throttlingOf(events, span))).toEqual([['asked to wait', 1]]);
    expect(sums(errorsOf(events, span))).toEqual([['unavailable', 1]]);
    expect(writesOf(events, span)[1]?.points.at(-1)?.value).toBe(1);
  });
});

describe('what is typed', () => {
  it('is settings only where every figure is one', () => {
    const texts = { least: '10', share: '5', skew: '300', audit: '', lag: '60', values: '30' };
    expect(draftOf(texts)?.sync).toEqual({
      conflictSkewSeconds: 300,
      auditHours: null,
      brake: { least: 10, share: 0.05 },
    });
    expect(draftOf({ ...texts, share: '101' })).toBeNull();
  });
  it('is options of a CRM, and names the secrets that they speak of', () => {
    const { options } = parseOptions('{"auth":{"token":{"secret":"crm-token"}},"list":[{"secret":"other"}]}');
    expect(secretNames(options)).toEqual(['crm-token', 'other']);
    expect(parseOptions('[1]').problem).toMatch(/object/);
    expect(parseOptions('{').problem).toMatch(/not JSON/);
  });
  it('is a ticket of a link, or nothing', () => {
    const ticket = 'a'.repeat(43);
    expect(ticketOf(`#${ticket}`)).toBe(ticket);
    expect(ticketOf('#main')).toBeNull();
  });
});
