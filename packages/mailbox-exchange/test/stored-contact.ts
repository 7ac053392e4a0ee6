import type { Fields } from '@tidelock/core';
import { createCatalogue } from '../src/catalogue.ts';
import { fromGraph, type Layout, toRecord, WireContact } from '../src/index.ts';

export const layout: Layout = { namespace: '11111111-2222-4333-8444-555555555555', custom: ['Region'] };
export const catalogue = createCatalogue(layout.custom);
const BLANK: WireContact = WireContact.parse({ id: 'A' });

export type Body = Readonly<Record<string, unknown>>;

const cleanAddress = (value: unknown): unknown =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, part]) => part !== null && part !== ''));

/** What the service does with a body: a merge in which complex values are replaced whole. */
export function store(before: Body, body: Body): Body {
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith('Address')) after[name] = cleanAddress(value);
    else if (name === 'emailAddresses') {
      after[name] = (value as { address: string; name?: string }[]).map((each) => ({
        address: each.address,
        name: each.name ?? each.address,
      }));
    } else if (name === 'singleValueExtendedProperties') {
      const held = new Map(
        ((before[name] ?? []) as { id: string; value: string }[]).map((each) => [each.id, each]),
      );
      for (const each of value as { id: string; value: string }[]) held.set(each.id, each);
      after[name] = [...held.values()];
    } else after[name] = value;
  }
  return after;
}

export const read = (body: Body): Fields =>
  fromGraph(WireContact.parse({ ...BLANK, ...body }), layout, { extended: true });

export const shown = (body: Body) => {
  const wire = WireContact.parse({
    ...body,
    id: 'A',
    '@odata.etag': 'W/"1"',
    lastModifiedDateTime: '2026-01-01T00:00:00Z',
  });
  const record = toRecord(wire, { layout, extended: true });
  if (record === undefined) throw new Error('no record');
  return record;
};
