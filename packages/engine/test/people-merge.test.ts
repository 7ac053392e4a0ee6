import { type FieldCatalogue, MappingSchema, type People } from '@tidelock/core';
import { expect, it } from 'vitest';
import { compileMapping, createCanon, mergeRecord } from '../src/index.ts';

const CATALOGUE: FieldCatalogue = { people: { type: 'people', label: 'People', writable: true } };
const mapping = compileMapping(
  MappingSchema.parse({
    ...{ version: 1, kind: 'event' },
    fields: [{ field: 'people', mailbox: 'people', crm: 'people', merge: 'set' }],
  }),
  { a: CATALOGUE, b: CATALOGUE },
  createCanon({ region: 'US' }),
);
const of = (...emails: readonly string[]): People => ({
  ...{ kind: 'people', organizer: null },
  attendees: emails.map((email) => ({ email, role: 'required', response: 'none' })),
});

it.each([
  ['at first contact', null],
  ['later', { people: of('a@x.com') }],
])('people are merged one by one under `merge: set` as well, %s', (_, shown) => {
  const { to } = mergeRecord(mapping, {
    shown: { a: shown, b: shown },
    seen: { a: { people: of('a@x.com', 'c@x.com') }, b: { people: of('a@x.com', 'd@x.com') } },
    modifiedAt: { a: undefined, b: undefined },
    ...{ master: 'a', skewMs: 0, holds: [] },
  });
  const all = of('a@x.com', 'c@x.com', 'd@x.com');
  expect(to).toEqual({ a: { people: all }, b: { people: all } });
});
