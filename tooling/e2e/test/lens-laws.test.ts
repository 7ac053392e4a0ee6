import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { loadPeople, readVcards, toEntry, toOutlook } from '@tidelock/cli';
import type { FieldValue, Side } from '@tidelock/core';
import { getFields, type MappedField, putFields } from '@tidelock/engine';
import { SHARED } from '@tidelock-tooling/openapi';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellOf, pairOf, SIDES, settle, shows } from '../src/lens-pair.ts';
import { ACCOUNTS, gapped, generated, inItsPlace, whole } from '../src/lens-values.ts';
import { type Cell, createLensWorld, type LensWorld } from '../src/lens-world.ts';
import { createWorld, type World } from '../src/world.ts';

let world: World;
let lens: LensWorld;
beforeAll(async () => {
  world = await createWorld();
  for (const name of ACCOUNTS) world.salesforce.admin.createAccount({ Name: name });
  lens = await createLensWorld(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const FIELDS = [
  'prefix',
  'firstName',
  'middleName',
  'lastName',
  'suffix',
  'company',
  'jobTitle',
  'department',
  'email',
  'email2',
  'email3',
  'businessPhone',
  'businessPhone2',
  'homePhone',
  'mobilePhone',
  'businessAddress',
  'homeAddress',
  'birthday',
  'assistant',
  'manager',
  'notes',
  'webPage',
];

const fieldOf = (name: string): MappedField => {
  const found = lens.mapping.byName.get(name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
};

/** Equal as the product compares: the way a value is written is part of no law. */
function expectSame(
  field: MappedField,
  actual: FieldValue | undefined,
  wanted: FieldValue | undefined,
): void {
  const is = actual ?? null;
  const should = wanted ?? null;
  if (!field.equal(is, should)) expect({ field: field.name, is }).toEqual({ field: field.name, is: should });
}

/** PutGet and frame for one value: the field shows its projection, and nothing else moved. */
function checkPut(side: Side, cell: Cell, put: { field: MappedField; value: FieldValue }): void {
  const { field, value } = put;
  const record = cell.read();
  const before = getFields(lens.mapping, side, record);
  const values = { [field.name]: value };
  const patch = putFields(lens.mapping, side, { values, current: record });
  if (Object.keys(patch).length > 0) cell.write(patch);
  const after = shows(lens, side, cell);
  const held = field.project(side, value);
  expectSame(field, after[field.name], held === undefined ? before[field.name] : held);
  for (const other of lens.mapping.fields) {
    if (other !== field) expectSame(other, after[other.name], before[other.name]);
  }
}

describe('lens laws of the default mapping, over the catalogues and the wire of both adapters', () => {
  it('has every field on both sides', () => {
    expect(lens.mapping.findings).toEqual([]);
    expect(lens.mapping.fields.map((field) => field.name)).toEqual(FIELDS);
  });

  describe.each(SIDES)('side %s', (side) => {
    it('GetPut: putting back what is shown changes nothing', () => {
      const law = fc.property(gapped(lens.mapping), (values) => {
        const record = cellOf(lens, side, values).read();
        const shown = getFields(lens.mapping, side, record);
        expect(putFields(lens.mapping, side, { values: shown, current: record })).toEqual({});
      });
      fc.assert(law, { numRuns: 60 });
    });

    it.each(FIELDS)('PutGet, frame, blank: %s', (name) => {
      const field = fieldOf(name);
      const law = fc.property(whole(lens.mapping), generated(field), (values, value) => {
        const first = name === 'lastName' ? 'Somebody' : null;
        const cell = cellOf(lens, side, inItsPlace(field, { ...values, [name]: first }));
        const held = field.project(side, value);
        if (held !== undefined) expect(field.project(side, held)).toEqual(held);
        checkPut(side, cell, { field, value });
        checkPut(side, cell, { field, value: null });
        if (field.spec[side].required !== true) expect(shows(lens, side, cell)[name]).toBeNull();
      });
      fc.assert(law, { numRuns: 15 });
    });

    it('blank in every form is blank', () => {
      for (const field of lens.mapping.fields) {
        for (const form of ['', '  ', [], {}, null] as FieldValue[]) expect(field.clean(form)).toBeNull();
        const held = field.spec[side].required === true ? undefined : null;
        expect(field.project(side, null)).toBe(held);
      }
    });
  });

  it('what a side requires gets a stand-in, and a blank never replaces it', () => {
    const { required } = lens;
    expect(fieldOf('lastName').spec.b.required).toBe(true);
    expect(required('b', { lastName: null, company: 'Acme Ltd' }).lastName).toBe('Acme Ltd');
    expect(required('b', { lastName: null, email: 'ann@example.com' }).lastName).toBe('ann');
    const record = cellOf(lens, 'b', { lastName: 'Kept' }).read();
    expect(putFields(lens.mapping, 'b', { values: { lastName: null }, current: record })).toEqual({});
  });
});

describe('two sides come to rest', () => {
  it.each(SIDES)('after at most 2 hops, from a new partner of side %s', (side) => {
    const law = fc.property(gapped(lens.mapping), (values) => {
      const cell = cellOf(lens, side, values);
      const before = shows(lens, side, cell);
      const { cells, shown } = pairOf(lens, side, cell);
      // The create was the first hop.
      expect(settle(lens, cells, { base: shown, limit: 1 })).toBeLessThanOrEqual(1);
      // What the other side could not hold is still here.
      const after = shows(lens, side, cell);
      for (const field of lens.mapping.fields) expectSame(field, after[field.name], before[field.name]);
    });
    fc.assert(law, { numRuns: 60 });
  });

  it('after at most 2 hops, from two records that differ in anything', () => {
    const law = fc.property(whole(lens.mapping), whole(lens.mapping), (left, right) => {
      const cells = { a: cellOf(lens, 'a', left), b: cellOf(lens, 'b', right) };
      expect(settle(lens, cells, { base: { a: null, b: null }, limit: 2 })).toBeLessThanOrEqual(2);
    });
    fc.assert(law, { numRuns: 60 });
  });
});

describe('real people', () => {
  /** The laws on one real contact, in the mailbox's own shape. */
  function checkReal(native: Readonly<Record<string, unknown>>): void {
    const cell = lens.adopt('a', native);
    const before = shows(lens, 'a', cell);
    expect(putFields(lens.mapping, 'a', { values: before, current: cell.read() })).toEqual({});
    const sent = lens.required('b', before);
    if (sent.lastName === null || sent.lastName === undefined) return;
    const { cells, shown } = pairOf(lens, 'a', cell);
    const there = shows(lens, 'b', cells.b);
    for (const field of lens.mapping.fields) {
      const known = field.name !== 'company' || ACCOUNTS.includes(String(sent.company));
      const wanted = known ? (field.project('b', sent[field.name] ?? null) ?? null) : null;
      expectSame(field, there[field.name], wanted);
    }
    const base = { ...shown, b: { ...shown.b, company: there.company ?? null } };
    expect(settle(lens, cells, { base, limit: 0 })).toBe(0);
    const after = shows(lens, 'a', cell);
    for (const field of lens.mapping.fields) expectSame(field, after[field.name], before[field.name]);
  }

  it('hold the laws: the people of the demo', () => {
    const people = loadPeople();
    expect(people.length).toBeGreaterThan(400);
    for (const person of people) checkReal(toOutlook(toEntry(person)));
  });

  const vcards = `${SHARED}data/vcards/`;
  it.skipIf(!existsSync(vcards))('hold the laws: the shared vCards [skipped: ../shared is absent]', () => {
    const contacts = readdirSync(vcards)
      .filter((name) => name.endsWith('.vcf'))
      .flatMap((name) => readVcards(readFileSync(`${vcards}${name}`)).contacts);
    expect(contacts.length).toBeGreaterThan(10);
    for (const contact of contacts) checkReal(contact);
  });
});
