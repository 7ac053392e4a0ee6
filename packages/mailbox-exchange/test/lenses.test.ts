import type { Address, Fields, FieldValue } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFields } from '../src/check-values.ts';
import { toGraph } from '../src/index.ts';
import { catalogue, layout, read, shown, store } from './stored-contact.ts';

const words = fc.stringMatching(/^[A-Za-zäß][A-Za-zäß .'-]{0,18}[a-z]$/);
const arbitraryOf: Record<string, fc.Arbitrary<FieldValue>> = {
  text: words,
  url: words.map((word) => `https://example.com/${encodeURIComponent(word)}`),
  multiline: fc.array(words, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n')),
  email: fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `${name}@example.com`),
  phone: fc.stringMatching(/^\+1 202 555 0\d{3}$/),
  date: fc.oneof(
    fc
      .date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
    fc.constantFrom('--02-29', '--12-31', '--01-01'),
  ),
  address: fc.record(
    { street: words, city: words, country: words },
    { requiredKeys: ['street'] },
  ) as fc.Arbitrary<Address>,
  set: fc.uniqueArray(words, { minLength: 1, maxLength: 3 }),
};

const property = fc.constantFrom(...Object.keys(catalogue));
const valueFor = (name: string): fc.Arbitrary<FieldValue> =>
  arbitraryOf[catalogue[name]?.type ?? 'text'] ?? words;
const fieldsArbitrary = fc.record(
  Object.fromEntries(
    Object.keys(catalogue).map((name) => [name, fc.oneof(valueFor(name), fc.constant(null))]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Fields>;
const wireArbitrary = fieldsArbitrary.map((fields) => store({}, toGraph(fields, layout)));

const GROUPS = [
  ['email1', 'email2', 'email3'],
  ['businessPhone', 'businessPhone2'],
  ['homePhone', 'homePhone2'],
];
const groupOf = (name: string): readonly string[] => GROUPS.find((group) => group.includes(name)) ?? [name];

describe('contacts as lenses', () => {
  it('PutGet: what is written is shown, arrays without gaps', () => {
    fc.assert(
      fc.property(
        wireArbitrary,
        property.chain((name) => fc.tuple(fc.constant(name), valueFor(name))),
        (wire, [name, value]) => {
          const before = shown(wire);
          const after = read(store(wire, toGraph({ [name]: value }, layout, { before })));
          const expected = groupOf(name).map((slot) =>
            slot === name ? value : (before.fields[slot] ?? null),
          );
          const kept = expected.filter((each) => each !== null);
          expect(groupOf(name).map((slot) => after[slot] ?? null)).toEqual(
            expected.map((_, index) => kept[index] ?? null),
          );
        },
      ),
    );
  });

  it('GetPut: writing back what is shown changes nothing, names included', () => {
    fc.assert(
      fc.property(wireArbitrary, fc.option(words), (wire, display) => {
        const held = display === null ? wire : { ...wire, displayName: display };
        const before = shown(held);
        const after = store(held, toGraph(before.fields, layout, { before }));
        expect(read(after)).toEqual(before.fields);
        expect(after.displayName ?? null).toEqual(held.displayName ?? null);
        expect(after.emailAddresses ?? []).toEqual(held.emailAddresses ?? []);
      }),
    );
  });

  it('PutPut: a second write of the values shown sends the same arrays', () => {
    fc.assert(
      fc.property(wireArbitrary, fieldsArbitrary, (wire, patch) => {
        const once = store(wire, toGraph(patch, layout, { before: shown(wire) }));
        const twice = store(once, toGraph(shown(once).fields, layout, { before: shown(once) }));
        expect(read(twice)).toEqual(read(once));
      }),
    );
  });

  it('frame: a patch leaves every other property, but for those in the same array', () => {
    fc.assert(
      fc.property(wireArbitrary, property, (wire, name) => {
        const before = shown(wire);
        const after = read(store(wire, toGraph({ [name]: null }, layout, { before })));
        for (const other of Object.keys(before.fields)) {
          if (!groupOf(name).includes(other)) expect(after[other]).toEqual(before.fields[other]);
        }
      }),
    );
  });

  it.each(Object.keys(catalogue))('%s can be cleared, and is null then', (name) => {
    const [value = null] = fc.sample(valueFor(name), { numRuns: 1, seed: 1 });
    const wire = store({}, toGraph({ [name]: value, surname: 'Lee' }, layout));
    const shownBefore = read(wire)[name];
    if (groupOf(name).length === 1 || groupOf(name)[0] === name)
      expect(shownBefore).toEqual(name === 'surname' ? 'Lee' : value);
    for (const blank of [null, ...(typeof value === 'string' ? [''] : [])]) {
      expect(
        read(store(wire, toGraph({ [name]: blank }, layout, { before: shown(wire) })))[name] ?? null,
      ).toBeNull();
    }
  });

  it('accepts what the catalogue accepts, and nothing else', () => {
    fc.assert(fc.property(fieldsArbitrary, (fields) => checkFields(fields, catalogue) === undefined));
    const codes = (fields: Fields) => checkFields(fields, catalogue)?.code;
    expect(codes({ surname: 'x'.repeat(256) })).toBe('too-long');
    expect(codes({ homeAddress: { street: 'x'.repeat(256) } })).toBe('too-long');
    expect(codes({ categories: ['x'.repeat(256)] })).toBe('too-long');
    expect(codes({ birthday: '2026-02-30' })).toBe('invalid');
    expect(codes({ birthday: '1604-03-01' })).toBe('invalid');
    expect(codes({ surname: ['a'] })).toBe('invalid');
    expect(codes({ categories: 'a' })).toBe('invalid');
    expect(codes({ homeAddress: 'a' })).toBe('invalid');
    expect(codes({ constructor: 'a' })).toBe('unsupported');
    expect(codes({ 'x:Other': 'a' })).toBe('unsupported');
  });
});
