import type { Contact } from '@microsoft/microsoft-graph-types';
import { describe, expect, it } from 'vitest';
import { fromBirthday, toBirthday, toMono } from '../src/dates.ts';
import { fromGraph, toGraph, toRecord, WireContact } from '../src/index.ts';
import { newDisplayName, nextDisplayName } from '../src/names.ts';
import { type Body, layout, read, shown } from './stored-contact.ts';

describe('reading', () => {
  it('turns every blank form into null', () => {
    const fields = read({
      title: '',
      surname: null,
      emailAddresses: [],
      businessPhones: null,
      homePhones: [],
      homeAddress: {},
      otherAddress: { street: '', city: null },
      categories: [],
      personalNotes: '',
      birthday: null,
      mobilePhone: '',
    });
    for (const name of [
      'title',
      'surname',
      'email1',
      'businessPhone',
      'homePhone2',
      'homeAddress',
      'otherAddress',
      'categories',
      'personalNotes',
      'birthday',
      'mobilePhone',
      'x:Region',
    ])
      expect(fields[name], name).toBeNull();
  });

  it('leaves absent and unreadable properties out: unknown is not blank', () => {
    const fields = fromGraph(
      WireContact.parse({ id: 'A', surname: 7, birthday: 'soon', emailAddresses: 'x' }),
      layout,
      { extended: false },
    );
    expect(fields).toEqual({});
  });

  it('keeps lines apart by LF', () => {
    expect(read({ personalNotes: 'a\r\nb\rc\n' }).personalNotes).toBe('a\nb\nc\n');
    expect(read({ homeAddress: { street: 'a\r\nb' } }).homeAddress).toEqual({ street: 'a\nb' });
  });

  it('skips e-mail entries without an address', () => {
    const fields = read({
      emailAddresses: [{ name: 'X' }, { address: '', name: 'Y' }, { address: 'a@example.com' }],
    });
    expect([fields.email1, fields.email2]).toEqual(['a@example.com', null]);
  });

  it('reads a contact as the type package describes it', () => {
    const contact: Contact = {
      id: 'A',
      surname: 'Lee',
      businessPhones: ['1', '2'],
      homeAddress: { countryOrRegion: 'DE' },
      singleValueExtendedProperties: [
        { id: `String {${layout.namespace.toUpperCase()}} Name Region`, value: 'North' },
        { id: `String {${layout.namespace}} Name TidelockStamp`, value: 'ABC' },
      ],
    };
    const record = shown(contact as Body);
    expect(record).toMatchObject({
      stamp: 'abc',
      version: 'W/"1"',
      mono: '2026-01-01T00:00:00.0000000Z',
      fields: {
        surname: 'Lee',
        businessPhone: '1',
        businessPhone2: '2',
        homeAddress: { country: 'DE' },
        'x:Region': 'North',
      },
    });
    expect(
      toRecord(WireContact.parse({ id: 'A', changeKey: 'k', lastModifiedDateTime: '2026-01-01T00:00:00Z' }), {
        layout,
        extended: false,
      }),
    ).toMatchObject({ version: 'W/"k"' });
    expect(
      toRecord(WireContact.parse({ id: 'A', lastModifiedDateTime: '2026-01-01T00:00:00Z' }), {
        layout,
        extended: false,
      }),
    ).toBeUndefined();
  });
});

describe('birthdays', () => {
  it.each([
    ['1974-07-22', '1974-07-22'],
    ['1974-07-22T00:00:00Z', '1974-07-22'],
    ['1974-07-22T11:59:00Z', '1974-07-22'],
    ['1974-07-21T22:00:00Z', '1974-07-22'],
    ['1974-07-21T13:00:00+00:00', '1974-07-22'],
    ['1974-07-22T05:00:00', '1974-07-22'],
    ['1604-02-29T11:59:00Z', '--02-29'],
    ['1603-12-31T23:00:00Z', '--01-01'],
  ])('%s is %s', (instant, date) => {
    expect(fromBirthday(instant)).toBe(date);
  });

  it.each([
    ['1974-07-22', '1974-07-22T11:59:00Z'],
    ['--02-29', '1604-02-29T11:59:00Z'],
    ['2025-02-29', undefined],
    ['1974-7-22', undefined],
    ['1500-01-01', undefined],
  ])('%s is written as %s', (date, instant) => {
    expect(toBirthday(date)).toBe(instant);
  });

  it('orders instants as texts', () => {
    expect(toMono('2026-08-01T06:00:01Z')).toBe('2026-08-01T06:00:01.0000000Z');
    expect(toMono('2026-08-01T06:00:01.25Z')).toBe('2026-08-01T06:00:01.2500000Z');
    expect(toMono('2026-08-01T08:00:01+02:00')).toBe('2026-08-01T06:00:01.0000000Z');
    expect(toMono('')).toBeUndefined();
  });
});

describe('display names', () => {
  const ann = { givenName: 'Ann', surname: 'Lee' };
  it.each([
    ['a composed one follows', 'Ann Lee', ann, { surname: 'Ray' }, 'Ann Ray'],
    ['a custom one stays and is sent', 'Annie', ann, { surname: 'Ray' }, 'Annie'],
    ['"Surname, First" keeps its style', 'Lee, Ann', ann, { surname: 'Ray' }, 'Ray, Ann'],
    ['a title left out stays out', 'Ann Lee', { ...ann, title: 'Dr' }, { surname: 'Ray' }, 'Ann Ray'],
    [
      'an equal name part sends what is there',
      'Ann Lee',
      { ...ann, title: 'Dr' },
      { surname: 'Lee' },
      'Ann Lee',
    ],
    ['without names the company stands in', 'Acme', { companyName: 'Acme' }, { companyName: 'Apex' }, 'Apex'],
    [
      'names cleared fall back to the company',
      'Ann Lee',
      { ...ann, companyName: 'Acme' },
      { givenName: null, surname: null },
      'Acme',
    ],
    ['everything cleared', 'Ann Lee', ann, { givenName: null, surname: null }, null],
    ['other properties do not touch it', 'Ann Lee', ann, { jobTitle: 'x' }, undefined],
    ['unknown is not sent', undefined, ann, { surname: 'Ray' }, undefined],
  ])('%s', (...row) => {
    const [, present, before, patch, expected] = row;
    expect(nextDisplayName(present, before, patch)).toBe(expected);
  });

  it('is made for a new contact', () => {
    expect(newDisplayName({ title: 'Dr', givenName: 'Ann', surname: 'Lee', generation: 'Jr' })).toBe(
      'Dr Ann Lee Jr',
    );
    expect(newDisplayName({ email1: 'a@example.com' })).toBe('a@example.com');
    expect(newDisplayName({})).toBeNull();
  });
});

describe('writing', () => {
  it('keeps the display names of addresses that stay, and composes arrays from what was read', () => {
    const before = shown({
      emailAddresses: [
        { address: 'A@example.com', name: 'Ann (work)' },
        { address: 'b@example.com', name: 'Ben' },
      ],
      businessPhones: ['1', '2', '3'],
    });
    expect(toGraph({ email2: 'c@example.com' }, layout, { before }).emailAddresses).toEqual([
      { address: 'A@example.com', name: 'Ann (work)' },
      { address: 'c@example.com' },
    ]);
    expect(toGraph({ email1: null }, layout, { before }).emailAddresses).toEqual([
      { address: 'b@example.com', name: 'Ben' },
    ]);
    expect(toGraph({ email1: 'a@example.com' }, layout, { before }).emailAddresses).toMatchObject([
      { name: 'Ann (work)' },
      {},
    ]);
    expect(toGraph({ businessPhone: null }, layout, { before }).businessPhones).toEqual(['2', '3']);
  });

  it('composes from the fields where the record came without its private part', () => {
    const before = { fields: { email1: 'a@example.com', email2: 'b@example.com' } };
    expect(toGraph({ email1: 'c@example.com' }, layout, { before }).emailAddresses).toEqual([
      { address: 'c@example.com' },
      { address: 'b@example.com' },
    ]);
  });

  it('replaces an address whole, and sends nothing that is not in the patch', () => {
    expect(toGraph({ homeAddress: { city: 'Ulm', country: 'DE' } }, layout, { before: shown({}) })).toEqual({
      homeAddress: { street: null, city: 'Ulm', state: null, countryOrRegion: 'DE', postalCode: null },
    });
  });

  it('leaves blanks out of a new contact, and stamps it in lower case', () => {
    expect(
      toGraph({ surname: 'Lee', title: null, email1: '', categories: null }, layout, { stamp: 'ABC' }),
    ).toEqual({
      surname: 'Lee',
      displayName: 'Lee',
      singleValueExtendedProperties: [
        { id: `String {${layout.namespace}} Name TidelockStamp`, value: 'abc' },
      ],
    });
  });
});
