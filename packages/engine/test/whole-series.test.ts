import {
  type EventTime,
  type FieldCatalogue,
  type Fields,
  MappingSchema,
  type Recurrence,
} from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { compileMapping, createCanon, type MergeResult, mergeRecord } from '../src/index.ts';

const CATALOGUE: FieldCatalogue = {
  time: { type: 'time', label: 'When', writable: true },
  rule: { type: 'recurrence', label: 'Rule', writable: true },
  changes: { type: 'occurrences', label: 'Changes', writable: true },
};
const mappingOf = (conflict: 'mailbox' | 'crm' | 'hold') =>
  compileMapping(
    MappingSchema.parse({
      version: 1,
      kind: 'event',
      fields: Object.keys(CATALOGUE).map((field) => ({ field, mailbox: field, crm: field, conflict })),
    }),
    { a: CATALOGUE, b: CATALOGUE },
    createCanon({ region: 'US' }),
  );

const ZONE = 'Europe/Berlin';
const at = (day: string, hour = '09'): EventTime => ({
  ...{ kind: 'time', start: `${day}T${hour}:00:00`, end: `${day}T${hour}:30:00`, zone: ZONE },
});
const weekly = (day: 'tuesday' | 'thursday' | 'friday', more: Partial<Recurrence> = {}): Recurrence => ({
  ...{ kind: 'recurrence', every: 'week', interval: 1, days: [day], weekStart: 'monday', zone: ZONE },
  ...more,
});

const BASE: Fields = { time: at('2026-01-06'), rule: weekly('tuesday'), changes: null };
const THURSDAYS: Fields = { time: at('2026-01-08'), rule: weekly('thursday') };
const FRIDAYS: Fields = { time: at('2026-01-09'), rule: weekly('friday') };

function merge(
  of: { a: Fields; b: Fields; conflict?: 'mailbox' | 'crm' | 'hold' },
  base: Fields | null = BASE,
): MergeResult {
  const { a, b, conflict = 'mailbox' } = of;
  return mergeRecord(mappingOf(conflict), {
    shown: { a: base, b: base },
    seen: { a: { ...BASE, ...a }, b: { ...BASE, ...b } },
    modifiedAt: { a: undefined, b: undefined },
    master: 'a',
    skewMs: 0,
    holds: [],
  });
}

describe('when a series is, and by which rule it goes on', () => {
  it('comes from one side where the two do not belong together', () => {
    const cut = { rule: weekly('tuesday', { until: '2026-02-03' }) };
    const result = merge({ a: THURSDAYS, b: cut });
    expect(result.to).toEqual({ a: {}, b: THURSDAYS });
    expect(result.conflicts).toMatchObject([
      { field: 'rule', winner: 'a', kept: THURSDAYS.rule, lost: cut.rule },
    ]);
    expect(result.shown.b).toMatchObject(THURSDAYS);
  });

  it('is what the CRM says where the CRM wins, and what the mailbox had changed is kept as what lost', () => {
    const cut = { rule: weekly('tuesday', { until: '2026-02-03' }) };
    const result = merge({ a: THURSDAYS, b: cut, conflict: 'crm' });
    expect(result.to).toEqual({ a: { time: BASE.time ?? null, ...cut }, b: {} });
    expect(result.conflicts.map(({ field, lost }) => [field, lost])).toEqual([
      ['time', THURSDAYS.time],
      ['rule', THURSDAYS.rule],
    ]);
  });

  it('is merged field by field where the two still belong together', () => {
    const [later, cut] = [
      { time: at('2026-01-06', '11') },
      { rule: weekly('tuesday', { until: '2026-02-03' }) },
    ];
    const result = merge({ a: later, b: cut });
    expect(result.to).toEqual({ a: cut, b: later });
    expect(result.conflicts).toEqual([]);
  });

  it.each(['mailbox', 'crm', 'hold'] as const)(
    'is what somebody made of it on one side, whatever it is, where nobody changed the other (%s)',
    (conflict) => {
      // Cut off before its first day, and moved to a day that its rule does not have.
      const edits: Fields[] = [
        { rule: weekly('tuesday', { until: '2026-01-05' }) },
        { time: at('2026-01-07') },
      ];
      for (const made of edits) {
        expect(merge({ a: made, b: {}, conflict })).toMatchObject({ to: { a: {}, b: made }, conflicts: [] });
        expect(merge({ a: {}, b: made, conflict })).toMatchObject({ to: { a: made, b: {} }, conflicts: [] });
      }
    },
  );

  it('waits for a person as a whole where one is asked', () => {
    const result = merge({
      a: THURSDAYS,
      b: { rule: FRIDAYS.rule ?? null, time: BASE.time ?? null },
      conflict: 'hold',
    });
    expect(result.to).toEqual({ a: {}, b: {} });
    expect([...result.holds].sort()).toEqual(['rule', 'time']);
    expect(result.shown).toMatchObject({ a: BASE, b: BASE });
  });

  it('is merged as at first contact as long as the two have not agreed about it, whatever else they have agreed about', () => {
    // Cut off before its first day: such a series has no day at all, and begins on none of its rule.
    const [a, b] = [
      { time: at('2026-01-13'), rule: weekly('tuesday', { until: '2026-01-12' }) },
      { time: at('2026-01-20'), rule: weekly('tuesday') },
    ];
    const first = merge({ a, b, conflict: 'crm' }, null);
    expect(first.to).toEqual({ a: {}, b: a });
    // The write waits, for whatever reason; the changes, which were equal, are a base by now.
    const { changes = null } = BASE;
    expect(merge({ a, b, conflict: 'crm' }, { changes }).to).toEqual(first.to);
  });

  it('keeps the series of one side where the other never had one', () => {
    const result = merge({ a: { time: at('2026-01-08'), rule: null }, b: {} }, null);
    expect(result.to).toEqual({ a: { time: BASE.time ?? null, rule: BASE.rule ?? null }, b: {} });
  });
});
