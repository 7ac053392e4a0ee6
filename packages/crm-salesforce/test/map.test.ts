import { existsSync, readFileSync } from 'node:fs';
import type { Fields, FieldValue } from '@tidelock/core';
import { createBlankFields } from '@tidelock/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultMapping, toBody, toRecord, toShape, type View } from '../src/index.ts';
import { toProperty, toSelect } from '../src/map.ts';
import { chunkForQuery, quote, toSoql } from '../src/query.ts';
import { normalizeName } from '../src/query-accounts.ts';
import { CONTACT, DescribeSchema, parseInstant, toId18, toRecordId } from '../src/wire.ts';

const text = (name: string, type = 'string', length = 80) => ({
  name,
  label: name,
  type,
  length,
  createable: true,
  updateable: true,
});
const part = (name: string) => ({ ...text(name), compoundFieldName: 'MailingAddress' });
const describe_ = DescribeSchema.parse({
  fields: [
    { ...text('LastName'), nillable: false },
    text('Title'),
    text('Email', 'email'),
    text('Description', 'textarea', 32_000),
    text('Birthdate', 'date', 0),
    text('Tags__c', 'multipicklist', 4099),
    { ...text('AccountId', 'reference', 18) },
    { name: 'Name', label: 'Full Name', type: 'string', length: 121 },
    { name: 'Score__c', label: 'Score', type: 'string', length: 10, custom: true },
    { name: 'MailingAddress', label: 'Mailing Address', type: 'address' },
    ...['Street', 'City', 'State', 'PostalCode', 'Country'].map((suffix) => part(`Mailing${suffix}`)),
    part('MailingStateCode'),
    { ...text('TidelockKey__c'), length: 64, unique: true, externalId: true, custom: true },
  ],
});
const shape = toShape(describe_, { stampField: 'TidelockKey__c', companyField: null });
const view: View = {
  ...createBlankFields(Object.keys(shape.catalogue)),
  specs: shape.catalogue,
  stampField: 'TidelockKey__c',
  companyField: null,
  userId: '005000000000001AAA',
};

const SYSTEM = {
  Id: '003000000000001AAA',
  OwnerId: '005000000000002AAA',
  CreatedDate: '2026-08-01T05:00:00.000+0000',
  LastModifiedDate: '2026-08-01T06:00:01.000+0000',
  LastModifiedById: '005000000000001AAA',
  SystemModstamp: '2026-08-01T06:00:02.000+0000',
};

describe('catalogue', () => {
  it('offers what can be synchronised, addresses whole, and no stamp', () => {
    expect(Object.keys(shape.catalogue).sort()).toEqual(
      [
        'Account.Name',
        'Birthdate',
        'Description',
        'Email',
        'LastName',
        'MailingAddress',
        'Score__c',
        'Tags__c',
        'Title',
      ].sort(),
    );
    expect(shape.catalogue.LastName).toEqual({
      type: 'text',
      label: 'LastName',
      writable: true,
      required: true,
      maxLength: 80,
    });
    expect(shape.catalogue.MailingAddress?.parts).toEqual({
      street: 80,
      city: 80,
      state: 80,
      postalCode: 80,
      country: 80,
    });
    expect(shape.catalogue.Score__c?.writable).toBe(false);
    expect(shape.catalogue.Birthdate).toMatchObject({ type: 'date', yearRequired: true });
    expect(shape.stateCodes).toBe(true);
  });

  const path = '../shared/reference/crm/data/salesforce/Contact.describe.json';
  it.skipIf(!existsSync(path))(
    'holds every property of the default mapping that a recorded org has [skipped: ../shared is absent]',
    () => {
      const recorded = toShape(DescribeSchema.parse(JSON.parse(readFileSync(path, 'utf8'))), {
        stampField: 'TidelockKey__c',
        companyField: null,
      });
      const missing = defaultMapping.fields.filter((rule) => !(rule.crm in recorded.catalogue));
      expect(missing.filter((rule) => !rule.optional)).toEqual([]);
      expect(recorded.catalogue.MailingAddress?.parts?.postalCode).toBe(20);
    },
  );
});

describe('rows to records', () => {
  it.each<readonly [string, Record<string, unknown>, readonly [string, FieldValue]]>([
    ['text', { Title: 'CTO' }, ['Title', 'CTO']],
    ['null', { Title: null }, ['Title', null]],
    ['an absent column', {}, ['Title', null]],
    ['an empty text', { Title: '' }, ['Title', null]],
    ['white space', { Title: '  ' }, ['Title', null]],
    ['line ends', { Description: 'a\r\nb' }, ['Description', 'a\nb']],
    ['a set', { Tags__c: 'x;y' }, ['Tags__c', ['x', 'y']]],
    ['an empty set', { Tags__c: null }, ['Tags__c', null]],
    ['an address', { MailingCity: 'Bern' }, ['MailingAddress', { city: 'Bern' }]],
    ['a blank address', { MailingCity: null }, ['MailingAddress', null]],
    ['a company', { Account: { attributes: {}, Name: 'Acme' } }, ['Account.Name', 'Acme']],
    ['no company', { Account: null }, ['Account.Name', null]],
  ])('%s', (_, row, [property, value]) => {
    expect(toRecord({ ...SYSTEM, ...row }, view).fields[property]).toEqual(value);
  });

  it('carry stamp, times, owner and who changed them', () => {
    expect(toRecord({ ...SYSTEM, TidelockKey__c: 'k' }, view)).toMatchObject({
      id: SYSTEM.Id,
      mono: '2026-08-01T06:00:02.000Z',
      stamp: 'k',
      createdAt: Date.UTC(2026, 7, 1, 5),
      modifiedAt: Date.UTC(2026, 7, 1, 6, 0, 1),
      modifiedBy: 'us',
      owner: SYSTEM.OwnerId,
    });
    expect(toRecord({ ...SYSTEM, LastModifiedById: 'x' }, view).modifiedBy).toBe('other');
    expect('stamp' in toRecord(SYSTEM, { ...view, stampField: null })).toBe(false);
  });
});

describe('records to bodies', () => {
  it.each<[string, Fields, unknown]>([
    ['a blank', { Title: null }, { Title: null }],
    ['an empty text', { Title: '' }, { Title: null }],
    ['a set', { Tags__c: ['x', 'y'] }, { Tags__c: 'x;y' }],
    ['a matched company is left out', { 'Account.Name': 'Acme', Title: 'x' }, { Title: 'x' }],
    [
      'an address is written whole',
      { MailingAddress: { city: 'Bern' } },
      {
        MailingStreet: null,
        MailingCity: 'Bern',
        MailingState: null,
        MailingPostalCode: null,
        MailingCountry: null,
      },
    ],
  ])('%s', (_, fields, body) => {
    expect(toBody(fields, view)).toEqual({ body, refusal: null });
  });

  it.each<[string, Fields, string]>([
    ['an unknown property', { 'no-such': 'x' }, 'unsupported'],
    ['a property of every object', { constructor: 'x' }, 'unsupported'],
    ['a formula', { Score__c: 'x' }, 'read-only'],
    ['a date without a year', { Birthdate: '--02-28' }, 'invalid'],
    ['a day that does not exist', { Birthdate: '2026-02-30' }, 'invalid'],
    ['a text for an address', { MailingAddress: 'Bern' }, 'invalid'],
    ['a list for a text', { Title: ['x'] }, 'invalid'],
  ])('refuses %s', (_, fields, code) => {
    expect(toBody(fields, view).refusal?.code).toBe(code);
  });

  it('PutGet: what is written is what is read, and GetPut: what is read changes nothing', () => {
    const line = fc.stringMatching(/^[^\s;](?:[^\r;]{0,30}[^\s;])?$/);
    const blank = fc.constant(null);
    const address = fc
      .record(
        { street: line, city: line, state: line, postalCode: line, country: line },
        { requiredKeys: ['city'] },
      )
      .map((value) => value);
    const fields = fc.record({
      Title: fc.oneof(line, blank),
      Description: fc.oneof(line, blank),
      Tags__c: fc.oneof(fc.array(line, { minLength: 1, maxLength: 4 }), blank),
      MailingAddress: fc.oneof(address, blank),
    });
    fc.assert(
      fc.property(fields, (value) => {
        const first = toBody(value, view);
        expect(first.refusal).toBeNull();
        const record = toRecord({ ...SYSTEM, ...first.body }, view);
        for (const [property, expected] of Object.entries(value)) {
          expect(record.fields[property]).toEqual(expected);
        }
        const again = Object.fromEntries(
          Object.keys(value).map((name) => [name, record.fields[name] ?? null]),
        );
        expect(toBody(again, view).body).toEqual(first.body);
      }),
    );
  });

  it('select names every column once', () => {
    const columns = toSelect(view, true);
    expect(new Set(columns).size).toBe(columns.length);
    expect(columns).toEqual(
      expect.arrayContaining(['IsDeleted', 'MasterRecordId', 'MailingCity', 'Account.Name']),
    );
  });
});

describe('columns', () => {
  it('are named by the property that a person knows', () => {
    const named = ['MailingState', 'AccountId', 'Title', 'OwnerId'].map((column) => toProperty(column, view));
    expect(named).toEqual(['MailingAddress', 'Account.Name', 'Title', 'OwnerId']);
  });
});

describe('versions', () => {
  it('differ exactly when stamp or content do', () => {
    const one = toRecord({ ...SYSTEM, Title: 'a' }, view).version;
    expect(toRecord({ ...SYSTEM, Title: 'a', attributes: {} }, view).version).toBe(one);
    expect(toRecord({ ...SYSTEM, Title: 'b' }, view).version).not.toBe(one);
    expect(toRecord({ ...SYSTEM, Title: 'a', SystemModstamp: SYSTEM.CreatedDate }, view).version).not.toBe(
      one,
    );
  });
});

describe('SOQL', () => {
  it('quotes data', () => {
    expect(quote(`o'br\\ien"`)).toBe(`'o\\'br\\\\ien\\"'`);
    expect(quote('a\nb\u0000')).toBe(`'a\\nb '`);
    expect(toSoql({ operation: 'x', object: 'Contact', select: ['Id'], where: ['a', 'b'], limit: 1 })).toBe(
      'SELECT Id FROM Contact WHERE a AND b LIMIT 1',
    );
  });

  it('splits values so that a statement fits into a URI', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 90 }), { maxLength: 400 }), (values) => {
        const groups = chunkForQuery(values, 2);
        expect(groups.flat()).toEqual(values);
        for (const group of groups) {
          const size = new URLSearchParams({ q: group.map(quote).join(',') }).toString().length * 2;
          expect(group.length > 0 && (size <= 11_000 || group.length === 1)).toBe(true);
        }
      }),
    );
  });
});

describe('ids and times', () => {
  it.each([
    ['003000000000001', '003000000000001AAA'],
    ['0035e00000ABcDe', '0035e00000ABcDeAAL'],
    ['003000000000001AAA', '003000000000001AAA'],
    ['short', null],
    ["003' OR Id != '", null],
  ])('%s -> %s', (id, expected) => {
    expect(toId18(id)).toBe(expected);
  });

  it('takes contacts only, and offsets without a colon', () => {
    expect(toRecordId('001000000000001AAA', CONTACT)).toBeNull();
    expect(parseInstant('2026-08-01T06:00:01.000+0200')).toBe(Date.UTC(2026, 7, 1, 4, 0, 1));
    expect([parseInstant(null), parseInstant('soon')]).toEqual([undefined, undefined]);
    expect(normalizeName('  ＡＣＭＥ \t Inc ')).toBe('acme inc');
  });
});

describe('default mapping', () => {
  it('names each property once and marks custom fields optional', () => {
    const { fields } = defaultMapping;
    for (const side of ['mailbox', 'crm', 'field'] as const) {
      expect(new Set(fields.map((rule) => rule[side])).size).toBe(fields.length);
    }
    expect(fields.filter((rule) => rule.crm.endsWith('__c')).every((rule) => rule.optional)).toBe(true);
    expect(fields.find((rule) => rule.field === 'lastName')?.fallback).toEqual(['company', 'email']);
  });
});
