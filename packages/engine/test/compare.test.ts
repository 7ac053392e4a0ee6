import { type FieldSpec, type Fields, MappingSchema } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { compileMapping, createCanon, divergences, isAudited } from '../src/index.ts';
import { newLink } from '../src/new-link.ts';

const text = (extra: Partial<FieldSpec> = {}): FieldSpec => ({
  type: 'text',
  label: 'x',
  writable: true,
  ...extra,
});
const mapping = compileMapping(
  MappingSchema.parse({
    version: 1,
    kind: 'contact',
    fields: [
      { field: 'title', mailbox: 'title', crm: 'Title' },
      { field: 'town', mailbox: 'town', crm: 'Town' },
      { field: 'mail', mailbox: 'mail', crm: 'Mail' },
      { field: 'oneWay', mailbox: 'one', crm: 'One', direction: 'mailbox>crm' },
      { field: 'company', mailbox: 'org', crm: 'Org' },
    ],
  }),
  {
    a: { title: text(), town: text(), mail: text({ type: 'email' }), one: text(), org: text() },
    b: {
      Title: text(),
      Town: text({ maxLength: 4 }),
      Mail: text({ type: 'email', maxLength: 12 }),
      One: text(),
      Org: text({ resolved: true }),
    },
  },
  createCanon({ region: 'US' }),
);
const same: Fields = { title: 't', town: 'Rome', mail: 'a@example.com', oneWay: 'x', company: 'Acme' };
const ref = { id: 'x', inc: 0, version: 'v', mono: '1', stamp: null, gen: 1 };
const pair = (shownA: Fields, shownB: Fields) => ({
  ...newLink('lane', 'k', 0),
  ...{
    status: 'live' as const,
    a: ref,
    b: ref,
    shownA: { ...same, ...shownA },
    shownB: { ...same, ...shownB },
  },
});

describe('latent divergence', () => {
  it.each([
    ['nothing', {}, {}, []],
    ['both have a value', { title: 'x' }, { title: 'y' }, [{ field: 'title', kind: 'ask' }]],
    ['one is blank', { title: 'x' }, { title: null }, [{ field: 'title', kind: 'fill' }]],
    ['cut by the store', { town: 'Romeville' }, { town: 'Rome' }, []],
    ['cut, and still another one', { town: 'Paris' }, { town: 'Rome' }, [{ field: 'town', kind: 'ask' }]],
    ['does not fit at all', { mail: 'long.name@example.com' }, { mail: null }, []],
    ['one direction only', { oneWay: 'x' }, { oneWay: 'y' }, []],
    ['could not be resolved', { company: 'Acme' }, { company: null }, []],
  ])('%s', (...row) => {
    const [, a, b, expected] = row;
    expect(divergences(mapping, pair(a, b))).toEqual(expected);
  });

  it('is not looked for where a look is due anyway, or a person has the field', () => {
    const link = pair({ title: 'x' }, { title: 'y' });
    expect(divergences(mapping, { ...link, dirtyA: 3 })).toEqual([]);
    expect(divergences(mapping, { ...link, goneB: true })).toEqual([]);
    expect(divergences(mapping, { ...link, status: 'out' })).toEqual([]);
    expect(divergences(mapping, { ...link, holds: ['title'] })).toEqual([]);
  });

  it('is looked for after every enumeration but the first', () => {
    const feed = {
      ...{
        id: 'f',
        store: 's',
        side: 'a' as const,
        key: '1',
        cursor: 'c',
        gen: 2,
        scanning: false,
        scopeHash: null,
      },
      ...{ fence: 1, leaseUntil: 0, leaseOwner: null, pageHash: null, scannedAt: 500 },
      dueAt: 0,
    };
    expect(isAudited([feed], 400)).toBe(true);
    expect(isAudited([feed], 600)).toBe(false);
    expect(isAudited([{ ...feed, gen: 1 }], 400)).toBe(false);
    expect(isAudited([feed, { ...feed, scanning: true }], 400)).toBe(false);
  });
});
