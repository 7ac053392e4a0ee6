import {
  type EventTime,
  type Exception,
  type FieldCatalogue,
  type Fields,
  hasOccurrence,
  MappingSchema,
  type Occurrences,
  type Recurrence,
  type Side,
} from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMapping, createCanon, type MergeInput, type MergeResult, mergeRecord } from '../src/index.ts';

const CATALOGUE: FieldCatalogue = {
  time: { type: 'time', label: 'When', writable: true },
  rule: { type: 'recurrence', label: 'Rule', writable: true },
  changes: { type: 'occurrences', label: 'Changes', writable: true },
  people: { type: 'people', label: 'People', writable: true },
  reminder: { type: 'minutes', label: 'Reminder', writable: true, personal: true },
};
const mapping = compileMapping(
  MappingSchema.parse({
    version: 1,
    kind: 'event',
    fields: Object.keys(CATALOGUE).map((field) => ({
      field,
      mailbox: field,
      crm: field,
      conflict: 'mailbox',
    })),
  }),
  { a: CATALOGUE, b: CATALOGUE },
  createCanon({ region: 'US' }),
);

const ZONE = 'Europe/Berlin';
const time: EventTime = {
  kind: 'time',
  start: '2026-01-06T09:00:00',
  end: '2026-01-06T10:00:00',
  zone: ZONE,
};
const rule = (more: Partial<Recurrence> = {}): Recurrence => ({
  ...{ kind: 'recurrence', every: 'week', interval: 1, days: ['tuesday'], weekStart: 'monday', zone: ZONE },
  ...more,
});
const WEEKS = ['2026-01-13T08:00:00Z', '2026-01-20T08:00:00Z', '2026-01-27T08:00:00Z'] as const;
const [FIRST, SECOND, THIRD] = WEEKS;
const changes = (byStart: Occurrences['byStart']): Occurrences | null =>
  Object.keys(byStart).length === 0 ? null : { kind: 'occurrences', byStart };

const BASE: Fields = { time, rule: rule(), changes: null, people: null, reminder: '15' };

function merge(a: Fields, b: Fields, more: Partial<MergeInput> = {}): MergeResult {
  return mergeRecord(mapping, {
    shown: { a: BASE, b: BASE },
    seen: { a: { ...BASE, ...a }, b: { ...BASE, ...b } },
    modifiedAt: { a: undefined, b: undefined },
    master: 'a',
    skewMs: 0,
    holds: [],
    ...more,
  });
}

/** What both sides show once the result was written. */
function after(a: Fields, b: Fields, result: MergeResult): Record<Side, Fields> {
  return { a: { ...BASE, ...a, ...result.to.a }, b: { ...BASE, ...b, ...result.to.b } };
}

const child: fc.Arbitrary<'cancelled' | Exception> = fc
  .oneof(
    fc.constant('cancelled' as const),
    fc.record(
      { subject: fc.constantFrom('x', 'y', null), location: fc.constantFrom('here', 'there') },
      { requiredKeys: [] },
    ),
  )
  .filter((one) => one === 'cancelled' || Object.keys(one).length > 0);
const someChanges = fc
  .dictionary(fc.constantFrom(...WEEKS), child, { maxKeys: 3 })
  .map((byStart) => changes(byStart));

type Child = 'cancelled' | Exception | undefined;
const isThere = (one: Child): one is Exception => typeof one === 'object' && Object.keys(one).length > 0;

/** What stands of one date of which neither side knew anything before; the mailbox wins over the CRM. */
function expected(left: Child, right: Child): Child {
  if (isThere(left)) return isThere(right) ? { ...right, ...left } : left;
  if (isThere(right)) return right;
  return left === 'cancelled' || right === 'cancelled' ? 'cancelled' : undefined;
}

describe('occurrences that both sides changed', () => {
  it('are merged one by one, and nothing is lost without a trace', () => {
    fc.assert(
      fc.property(someChanges, someChanges, (a, b) => {
        const result = merge({ changes: a }, { changes: b });
        const shown = after({ changes: a }, { changes: b }, result);
        const [onA, onB] = [shown.a.changes as Occurrences | null, shown.b.changes as Occurrences | null];
        for (const key of WEEKS) {
          const kept = expected(a?.byStart[key], b?.byStart[key]);
          expect([key, onA?.byStart[key]]).toEqual([key, kept]);
          expect([key, onB?.byStart[key]]).toEqual([key, kept]);
        }
        const again = merge({}, {}, { shown: result.shown, seen: shown });
        expect(again.to).toEqual({ a: {}, b: {} });
      }),
    );
  });

  it('of different dates are no conflict', () => {
    const a = changes({ [FIRST]: 'cancelled' });
    const b = changes({ [SECOND]: { subject: 'Moved' } });
    const result = merge({ changes: a }, { changes: b });
    expect(result.conflicts).toEqual([]);
    expect(after({ changes: a }, { changes: b }, result).b.changes).toEqual(
      changes({ [FIRST]: 'cancelled', [SECOND]: { subject: 'Moved' } }),
    );
  });

  it('of one date keep the fields of both, and the loser of one field in the log', () => {
    const a = changes({ [FIRST]: { subject: 'From the mailbox' } });
    const b = changes({ [FIRST]: { subject: 'From the CRM', location: 'Bonn' } });
    const result = merge({ changes: a }, { changes: b });
    const merged = changes({ [FIRST]: { subject: 'From the mailbox', location: 'Bonn' } });
    expect(after({ changes: a }, { changes: b }, result)).toMatchObject({
      a: { changes: merged },
      b: { changes: merged },
    });
    expect(result.conflicts).toMatchObject([
      { field: 'changes', winner: 'a', lost: changes({ [FIRST]: { subject: 'From the CRM' } }) },
    ]);
  });

  it('wait for a person where the rule says so', () => {
    const held = compileMapping(
      MappingSchema.parse({
        version: 1,
        kind: 'event',
        fields: [{ field: 'changes', mailbox: 'changes', crm: 'changes', conflict: 'hold' }],
      }),
      { a: CATALOGUE, b: CATALOGUE },
      createCanon({ region: 'US' }),
    );
    const result = mergeRecord(held, {
      shown: { a: BASE, b: BASE },
      seen: {
        a: { changes: changes({ [FIRST]: { subject: 'a' } }) },
        b: { changes: changes({ [FIRST]: { subject: 'b' } }) },
      },
      modifiedAt: { a: undefined, b: undefined },
      master: 'a',
      skewMs: 0,
      holds: [],
    });
    expect(result).toMatchObject({ holds: ['changes'], to: { a: {}, b: {} } });
  });
});

describe('a series that one side changed while the other changed an occurrence', () => {
  it('has the exception on the same day at its new start', () => {
    const later: EventTime = { ...time, start: '2026-01-06T11:00:00', end: '2026-01-06T12:00:00' };
    const b = changes({ [SECOND]: { subject: 'Special' } });
    // The other side kept an exception as well, so that both changed the occurrences.
    const a = changes({ '2026-01-13T10:00:00Z': 'cancelled' });
    const result = merge({ time: later, changes: a }, { changes: b });
    const expected = changes({
      '2026-01-13T10:00:00Z': 'cancelled',
      '2026-01-20T10:00:00Z': { subject: 'Special' },
    });
    expect(after({ time: later, changes: a }, { changes: b }, result)).toMatchObject({
      a: { changes: expected },
      b: { time: later, changes: expected },
    });
  });

  it('never has an exception on a day that it has no more, and says what was lost (AC-19)', () => {
    const thursday = rule({ days: ['thursday'] });
    const first: EventTime = { ...time, start: '2026-01-08T09:00:00', end: '2026-01-08T10:00:00' };
    fc.assert(
      fc.property(
        someChanges,
        fc.constantFrom(rule({ until: '2026-01-20' }), rule({ interval: 2 }), thursday),
        (b, to) => {
          const a = { rule: to, time: to === thursday ? first : time, changes: null };
          const result = merge(a, { changes: b });
          const shown = after(a, { changes: b }, result);
          for (const side of ['a', 'b'] as const) {
            const { byStart = {} } = (shown[side].changes as Occurrences | null) ?? {};
            const series = { time: a.time, recurrence: to, occurrences: null };
            if (result.to[side].changes === undefined && side === 'b') continue;
            expect(Object.keys(byStart).every((key) => hasOccurrence(series, key))).toBe(true);
          }
        },
      ),
    );
    const gone = merge({ rule: thursday, time: first }, { changes: changes({ [THIRD]: 'cancelled' }) });
    expect(gone.to.a).not.toHaveProperty('changes.byStart');
    expect(gone.conflicts).toMatchObject([{ field: 'changes', rule: 'no such occurrence' }]);
  });

  it('that was cut in two keeps what came before (AC-18)', () => {
    const cut = rule({ until: '2026-01-20' });
    const b = changes({ [FIRST]: { subject: 'Before' }, [THIRD]: { subject: 'After' } });
    const result = merge({ rule: cut }, { changes: b });
    expect(result.to.b).toMatchObject({ rule: cut });
    expect(result.to.a.changes).toEqual(changes({ [FIRST]: { subject: 'Before' } }));
  });
});

describe('people', () => {
  const of = (...emails: readonly string[]) => ({
    kind: 'people' as const,
    organizer: null,
    attendees: emails.map((email) => ({ email, role: 'required' as const, response: 'none' as const })),
  });

  it('of both sides are merged by address', () => {
    const shown = { ...BASE, people: of('a@x.com', 'b@x.com') };
    const result = merge(
      {},
      {},
      {
        shown: { a: shown, b: shown },
        seen: {
          a: { ...BASE, people: of('a@x.com', 'c@x.com') },
          b: { ...BASE, people: of('a@x.com', 'b@x.com', 'd@x.com') },
        },
      },
    );
    expect(result.to).toMatchObject({
      a: { people: of('a@x.com', 'c@x.com', 'd@x.com') },
      b: { people: of('a@x.com', 'c@x.com', 'd@x.com') },
    });
    expect(result.conflicts).toEqual([]);
  });
});

describe('a record that only its organizer can change', () => {
  const closed = (edits: 'ignore' | 'revert'): Partial<MergeInput> => ({
    closed: { sides: ['a'], foreign: ['a'], edits },
  });
  const moved: EventTime = { ...time, start: '2026-01-06T15:00:00', end: '2026-01-06T16:00:00' };

  it('is never written; the edit stays where it is and both bases as they were', () => {
    const result = merge({}, { time: moved, reminder: '5' }, closed('ignore'));
    expect(result.to).toEqual({ a: {}, b: {} });
    expect(result.closed).toEqual(['time', 'reminder']);
    expect(result.shown).toEqual({ a: BASE, b: BASE });
  });

  it('takes the edit back where policy says so, with the lost value in the log', () => {
    const result = merge({}, { time: moved }, closed('revert'));
    expect(result.to).toEqual({ a: {}, b: { time } });
    expect(result.conflicts).toMatchObject([{ field: 'time', winner: 'a', lost: moved, rule: 'read-only' }]);
  });

  it('wins over an edit made at the same time, as it cannot lose', () => {
    const later: EventTime = { ...time, start: '2026-01-06T20:00:00', end: '2026-01-06T21:00:00' };
    const result = merge({ time: moved }, { time: later }, { ...closed('ignore'), master: 'b' });
    expect(result.to).toEqual({ a: {}, b: { time: moved } });
    expect(result.conflicts).toMatchObject([{ winner: 'a', kept: moved, lost: later }]);
  });

  it("keeps its owner's own fields to itself (AC-10)", () => {
    expect(merge({ reminder: '60' }, {}, closed('ignore')).to).toEqual({ a: {}, b: {} });
    expect(merge({ reminder: '60' }, {}).to).toEqual({ a: {}, b: { reminder: '60' } });
  });

  it('is not merged into where edits are taken back', () => {
    const cancelled = changes({ [FIRST]: 'cancelled' });
    const result = merge(
      { changes: cancelled },
      { changes: changes({ [SECOND]: { subject: 'x' } }) },
      closed('revert'),
    );
    expect(result.to).toEqual({ a: {}, b: { changes: cancelled } });
    expect(result.conflicts).toMatchObject([{ field: 'changes', winner: 'a', rule: 'read-only' }]);
  });

  it('is merged part by part without being written', () => {
    const result = merge(
      { changes: changes({ [FIRST]: 'cancelled' }) },
      { changes: changes({ [SECOND]: { subject: 'x' } }) },
      closed('ignore'),
    );
    expect(result.to.a).toEqual({});
    expect(result.to.b.changes).toEqual(changes({ [FIRST]: 'cancelled', [SECOND]: { subject: 'x' } }));
    expect(result.closed).toEqual(['changes']);
  });
});
