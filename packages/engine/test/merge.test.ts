import {
  type FieldCatalogue,
  type Fields,
  type FieldValue,
  type MappingInput,
  MappingSchema,
  type Side,
} from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMapping, createCanon, type MergeInput, mergeRecord } from '../src/index.ts';

const canon = createCanon({ region: 'US' });
const text = (extra: object = {}) => ({ type: 'text', label: 'x', writable: true, ...extra }) as const;
const A: FieldCatalogue = {
  name: text(),
  notes: { ...text(), type: 'multiline' },
  tags: { ...text(), type: 'set' },
  company: text(),
};
const B: FieldCatalogue = {
  Name: text({ maxLength: 8 }),
  Notes: { ...text(), type: 'multiline' },
  Tags: { ...text(), type: 'set' },
  Company: text({ resolved: true }),
};

function compiled(rules: Partial<Record<'name' | 'notes' | 'tags' | 'company', object>> = {}) {
  const row = (field: 'name' | 'notes' | 'tags' | 'company', crm: string, extra: object = {}) => ({
    field,
    mailbox: field,
    crm,
    ...extra,
    ...rules[field],
  });
  const input: MappingInput = {
    version: 1,
    kind: 'contact',
    fields: [
      row('name', 'Name'),
      row('notes', 'Notes', { merge: 'text' }),
      row('tags', 'Tags', { merge: 'set' }),
      row('company', 'Company'),
    ],
  };
  return compileMapping(MappingSchema.parse(input), { a: A, b: B }, canon);
}

const input = (of: {
  shown?: [Fields, Fields] | null;
  a: Fields;
  b: Fields;
  at?: [number, number];
  holds?: string[];
}): MergeInput => ({
  shown: of.shown ? { a: of.shown[0], b: of.shown[1] } : { a: null, b: null },
  seen: { a: of.a, b: of.b },
  modifiedAt: { a: of.at?.[0], b: of.at?.[1] },
  master: 'b',
  skewMs: 120_000,
  holds: of.holds ?? [],
});

describe('three-way merge', () => {
  for (const [title, shown, a, b, toA, toB] of [
    ['nothing changed', ['x', 'x'], 'x', 'x', {}, {}],
    ['A changed', ['x', 'x'], 'y', 'x', {}, { name: 'y' }],
    ['B changed', ['x', 'x'], 'x', 'z', { name: 'z' }, {}],
    ['both made the same change', ['x', 'x'], 'y', 'y', {}, {}],
    ['both changed: the master wins', ['x', 'x'], 'y', 'z', { name: 'z' }, {}],
    ['A was emptied', ['x', 'x'], null, 'x', {}, { name: null }],
    ['first contact fills A', null, null, 'z', { name: 'z' }, {}],
    ['first contact fills B', null, 'y', null, {}, { name: 'y' }],
    ['first contact, both differ: the master wins', null, 'y', 'z', { name: 'z' }, {}],
    ['B shows a truncated value: no change', ['abcdefghijk', 'abcdefgh'], 'abcdefghijk', 'abcdefgh', {}, {}],
    ['first contact with a truncated value: no change', null, 'abcdefghijk', 'abcdefgh', {}, {}],
  ] as const) {
    it(title, () => {
      const base = shown ? ([{ name: shown[0] }, { name: shown[1] }] as [Fields, Fields]) : null;
      const result = mergeRecord(compiled(), input({ shown: base, a: { name: a }, b: { name: b } }));
      expect(result.to).toEqual({ a: toA, b: toB });
    });
  }

  it('gives each side back what it showed where both show a late write of ours, and copies neither', () => {
    const late = { a: new Set(['name']), b: new Set(['name']) };
    const shown: [Fields, Fields] = [{ name: 'agreed!' }, { name: 'agreed' }];
    const both = input({ shown, a: { name: 'old' }, b: { name: null } });
    const { to, shown: base, conflicts } = mergeRecord(compiled(), { ...both, late });
    expect(to).toEqual({ a: { name: 'agreed!' }, b: { name: 'agreed' } });
    expect(base).toEqual({ a: { name: 'agreed!' }, b: { name: 'agreed' } });
    expect(conflicts).toMatchObject([
      { winner: 'b', kept: 'agreed!', lost: 'old', certainty: 'possible' },
      { winner: 'a', kept: 'agreed', lost: null, certainty: 'possible' },
    ]);
    const one = mergeRecord(compiled(), {
      ...input({ shown, a: { name: 'old' }, b: { name: 'agreed' } }),
      late: { a: late.a },
    });
    expect(one.to).toEqual({ a: { name: 'agreed' }, b: {} });
  });

  it('lets the newer side win only beyond the clock skew', () => {
    const shown: [Fields, Fields] = [{ name: 'x' }, { name: 'x' }];
    const far = mergeRecord(
      compiled(),
      input({ shown, a: { name: 'y' }, b: { name: 'z' }, at: [500_000, 100_000] }),
    );
    expect(far.to.b).toEqual({ name: 'y' });
    expect(far.conflicts).toEqual([
      { field: 'name', winner: 'a', kept: 'y', lost: 'z', rule: 'conflict:newer', certainty: 'certain' },
    ]);
    const near = mergeRecord(
      compiled(),
      input({ shown, a: { name: 'y' }, b: { name: 'z' }, at: [200_000, 100_000] }),
    );
    expect(near.to.a).toEqual({ name: 'z' });
  });

  it('holds a field for a person and touches it no more', () => {
    const mapping = compiled({ name: { conflict: 'hold' } });
    const shown: [Fields, Fields] = [{ name: 'x' }, { name: 'x' }];
    const held = mergeRecord(mapping, input({ shown, a: { name: 'y' }, b: { name: 'z' } }));
    expect(held.holds).toEqual(['name']);
    expect(held.to).toEqual({ a: {}, b: {} });
    expect(
      mergeRecord(mapping, input({ shown, a: { name: 'y' }, b: { name: 'x' }, holds: ['name'] })).to.b,
    ).toEqual({});
  });

  it('lets a field go that was held after an undo, once a person has edited one side', () => {
    const shown: [Fields, Fields] = [{ name: 'x' }, { name: 'y' }];
    const held = { shown, holds: ['name'] };
    const rests = mergeRecord(compiled(), input({ ...held, a: { name: 'x' }, b: { name: 'y' } }));
    expect([rests.to, rests.released]).toEqual([{ a: {}, b: {} }, []]);
    const edited = mergeRecord(compiled(), input({ ...held, a: { name: 'z' }, b: { name: 'y' } }));
    expect([edited.to.b, edited.released]).toEqual([{ name: 'z' }, ['name']]);
    const both = mergeRecord(compiled(), input({ ...held, a: { name: 'z' }, b: { name: 'w' } }));
    expect([both.to, both.released]).toEqual([{ a: {}, b: {} }, []]);
  });

  it('never carries the blank of a store that could not resolve a value', () => {
    const shown: [Fields, Fields] = [{ company: 'Acme' }, { company: null }];
    expect(
      mergeRecord(compiled(), input({ shown, a: { company: 'Acme' }, b: { company: null } })).to,
    ).toEqual({ a: {}, b: {} });
    const emptied = mergeRecord(
      compiled(),
      input({
        shown: [{ company: 'Acme' }, { company: 'Acme' }],
        a: { company: 'Acme' },
        b: { company: null },
      }),
    );
    expect(emptied.to).toEqual({ a: {}, b: {} });
  });

  it('respects one-way rules', () => {
    const mapping = compiled({ name: { direction: 'mailbox>crm' } });
    const shown: [Fields, Fields] = [{ name: 'x' }, { name: 'x' }];
    expect(mergeRecord(mapping, input({ shown, a: { name: 'x' }, b: { name: 'z' } })).to.a).toEqual({});
    expect(mergeRecord(mapping, input({ shown, a: { name: 'y' }, b: { name: 'z' } })).to.b).toEqual({
      name: 'y',
    });
  });

  it('takes nothing back of what was merged, while one side waits for its write', () => {
    const shown: [Fields, Fields] = [{ tags: ['x'] }, { tags: ['x', 'y', 'z'] }];
    const seen = { a: { tags: ['x', 'y'] }, b: { tags: ['x', 'y', 'z'] } };
    const result = mergeRecord(compiled(), input({ shown, ...seen }));
    expect(result.to).toEqual({ a: { tags: ['x', 'y', 'z'] }, b: {} });
    const oneWay = compiled({ tags: { direction: 'mailbox>crm' } });
    expect(mergeRecord(oneWay, input({ shown, ...seen })).to).toEqual({ a: {}, b: { tags: ['x', 'y'] } });
  });

  it('merges notes by lines and sets by members', () => {
    const shown: [Fields, Fields] = [
      { notes: 'one\ntwo\nthree', tags: ['x', 'y'] },
      { notes: 'one\ntwo\nthree', tags: ['x', 'y'] },
    ];
    const result = mergeRecord(
      compiled(),
      input({
        shown,
        a: { notes: 'ONE\ntwo\nthree', tags: ['x'] },
        b: { notes: 'one\ntwo\nthree\nfour', tags: ['x', 'y', 'z'] },
      }),
    );
    expect(result.to.a).toEqual({ notes: 'ONE\ntwo\nthree\nfour', tags: ['x', 'z'] });
    expect(result.to.b).toEqual({ notes: 'ONE\ntwo\nthree\nfour', tags: ['x', 'z'] });
    expect(result.conflicts).toEqual([]);
  });
});

const value: fc.Arbitrary<FieldValue> = fc
  .option(fc.string({ minLength: 1, maxLength: 12 }), { nil: null })
  .map((v) => canon.clean('text', v));
const fields: fc.Arbitrary<Fields> = fc.record({ name: value, notes: value, company: value });

describe('three-way merge, properties', () => {
  const mapping = compiled();
  const applied = (seen: Fields, to: Fields, side: Side): Fields => {
    const out: Record<string, FieldValue> = { ...seen };
    for (const [name, v] of Object.entries(to))
      out[name] = mapping.byName.get(name)?.project(side, v) ?? null;
    return out;
  };

  it('is quiet after it has been applied: a second merge writes nothing', () => {
    fc.assert(
      fc.property(fc.option(fc.tuple(fields, fields), { nil: null }), fields, fields, (shown, a, b) => {
        const first = mergeRecord(mapping, input({ shown, a, b }));
        const after = { a: applied(a, first.to.a, 'a'), b: applied(b, first.to.b, 'b') };
        const second = mergeRecord(
          mapping,
          input({ shown: [first.shown.a, first.shown.b], ...after, holds: [...first.holds] }),
        );
        expect(second.to).toEqual({ a: {}, b: {} });
        expect(second.conflicts).toEqual([]);
      }),
    );
  });

  it('loses no value silently: what was there is kept, or is the loser of a conflict, or was changed by its own side', () => {
    fc.assert(
      fc.property(fields, fields, fields, (base, a, b) => {
        const result = mergeRecord(mapping, input({ shown: [base, base], a, b }));
        for (const change of result.changes) {
          const [from, at] = change.to === 'a' ? [b, a] : [a, b];
          const field = mapping.byName.get(change.field);
          const overwrittenEdit =
            field !== undefined && !field.equal(at[change.field] ?? null, base[change.field] ?? null);
          const logged = result.conflicts.some((conflict) => conflict.field === change.field);
          expect(overwrittenEdit && !logged && !change.rule.startsWith('merge:')).toBe(false);
          expect(from[change.field] === undefined).toBe(false);
        }
      }),
    );
  });

  it('is symmetric: mirrored input gives mirrored output', () => {
    const plain = compileMapping(
      MappingSchema.parse({
        version: 1,
        kind: 'contact',
        fields: [{ field: 'name', mailbox: 'x', crm: 'x', conflict: 'newer' }],
      }),
      { a: { x: text() }, b: { x: text() } },
      canon,
    );
    fc.assert(
      fc.property(value, value, value, (base, a, b) => {
        const at = (master: Side, x: FieldValue, y: FieldValue): MergeInput => ({
          ...input({ shown: [{ name: base }, { name: base }], a: { name: x }, b: { name: y } }),
          master,
        });
        const one = mergeRecord(plain, at('b', a, b));
        const two = mergeRecord(plain, at('a', b, a));
        expect(two.to.a).toEqual(one.to.b);
        expect(two.to.b).toEqual(one.to.a);
      }),
    );
  });
});
