import type { FieldCatalogue, FieldSpec, Fields, FieldType, FieldValue, StoreRecord } from '@tidelock/core';
import type { WireContact, WireField } from './wire.ts';

const TYPES: Readonly<Record<string, FieldType>> = {
  text: 'text',
  long_text: 'multiline',
  email: 'email',
  phone: 'phone',
  date: 'date',
  url: 'url',
  tags: 'set',
  address: 'address',
};

/** Fields of a type that the contract has no word for are left out: they cannot be synchronised. */
export function toCatalogue(fields: readonly WireField[]): FieldCatalogue {
  const entries = fields.flatMap(({ name, label, type, max_length, required, read_only }) => {
    const known = TYPES[type];
    if (known === undefined || name === 'external_key') return [];
    const spec: FieldSpec = {
      type: known,
      label,
      writable: read_only !== true,
      ...(required === true ? { required } : {}),
      ...(max_length === undefined ? {} : { maxLength: max_length }),
      ...(known === 'address' ? { parts: { street: 60, city: 40, postalCode: 12, country: 40 } } : {}),
    };
    return [[name, spec] as const];
  });
  return Object.fromEntries(entries);
}

/** A contact as the service shows it. What it leaves out is blank: it always answers with whole contacts. */
export function toRecord(contact: WireContact, properties: readonly string[]): StoreRecord {
  const fields: Record<string, FieldValue> = {};
  for (const property of properties) fields[property] = (contact.fields[property] as FieldValue) ?? null;
  return {
    id: contact.id,
    version: String(contact.version),
    mono: toMono(contact.sequence),
    fields,
    stamp: contact.external_key,
    modifiedAt: Date.parse(contact.changed_at),
    ...(contact.owner_id ? { owner: contact.owner_id } : {}),
  };
}

/** String order is the order of the changes. */
export const toMono = (sequence: number): string => String(sequence).padStart(15, '0');

export type Body = Record<string, FieldValue>;

/** The fields to send, or the one that cannot be. `null` clears. */
export function toBody(
  fields: Fields,
  catalogue: FieldCatalogue,
): { readonly body: Body } | { readonly refused: string; readonly code: 'unsupported' | 'read-only' } {
  const body: Body = {};
  for (const [property, value] of Object.entries(fields)) {
    const spec = Object.hasOwn(catalogue, property) ? catalogue[property] : undefined;
    if (spec === undefined) return { refused: property, code: 'unsupported' };
    if (!spec.writable) return { refused: property, code: 'read-only' };
    body[property] = value;
  }
  return { body };
}
