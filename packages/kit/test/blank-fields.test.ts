import type { Fields, FieldValue } from '@tidelock/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBlankFields, fillFields } from '../src/index.ts';

const names = Array.from({ length: 25 }, (_, index) => `property${index}`);
const value: fc.Arbitrary<FieldValue | undefined> = fc.constantFrom(undefined, null, '', 'x', ['a']);

it('fields are what was read of each property, and without what was not told', () => {
  const given = createBlankFields(names);
  fc.assert(
    fc.property(fc.array(value, { minLength: names.length, maxLength: names.length }), (values) => {
      const read = (property: string): FieldValue | undefined => values[names.indexOf(property)];
      const expected: Record<string, FieldValue> = {};
      for (const name of names) {
        const one = read(name);
        if (one !== undefined) expected[name] = one;
      }
      const fields: Fields = fillFields(given, read);
      expect(fields).toStrictEqual(expected);
      expect(Object.keys(fields)).toEqual(Object.keys(expected));
    }),
  );
  expect(given.blank).toEqual(Object.fromEntries(names.map((name) => [name, null])));
});
