import type { Address, FieldCatalogue, FieldSpec, FieldType } from '@tidelock/core';
import type { WireProperty } from './wire.ts';

/** A property of our own: the five properties of a postal address as one value. The service's names are lower case. */
export const ADDRESS = 'postalAddress';

export const ADDRESS_PARTS = {
  street: 'address',
  city: 'city',
  state: 'state',
  postalCode: 'zip',
  country: 'country',
} as const satisfies Record<keyof Address, string>;

const PART_NAMES: ReadonlySet<string> = new Set(Object.values(ADDRESS_PARTS));

/** The service keeps text of up to 65,536 characters. */
const MAX_LENGTH = 65_536;

/** Standard properties whose name says more than their type, which is `string`. */
const KNOWN: Readonly<Record<string, FieldType>> = {
  email: 'email',
  work_email: 'email',
  website: 'url',
  date_of_birth: 'date',
};

/** Moves forward only: what was written is not what is there afterwards. */
const ONE_WAY: ReadonlySet<string> = new Set(['lifecyclestage']);

/** What the account's contacts look like. */
export interface Shape {
  readonly catalogue: FieldCatalogue;
  /** Undefined: it does not exist. */
  readonly stamp: WireProperty | undefined;
}

export function typeOf({ name, type, fieldType }: WireProperty): FieldType | null {
  const known = KNOWN[name];
  if (known !== undefined) return known;
  if (type === 'date') return 'date';
  if (type === 'enumeration') return fieldType === 'checkbox' ? 'set' : 'text';
  if (type !== 'string') return null;
  if (fieldType === 'phonenumber') return 'phone';
  if (fieldType === 'textarea') return 'multiline';
  return fieldType === 'text' ? 'text' : null;
}

const isReadOnly = ({ name, modificationMetadata }: WireProperty): boolean =>
  modificationMetadata?.readOnlyValue === true || ONE_WAY.has(name);

export function toSpec(property: WireProperty, type: FieldType): FieldSpec {
  const { label, name } = property;
  return {
    type,
    label: label === '' ? name : label,
    writable: !isReadOnly(property),
    ...(property.type === 'date' ? { yearRequired: true } : {}),
    ...(type === 'date' || type === 'set' ? {} : { maxLength: MAX_LENGTH }),
  };
}

function toAddressSpec(properties: readonly WireProperty[]): FieldSpec {
  const byName = new Map(properties.map((property) => [property.name, property]));
  const parts: Partial<Record<keyof Address, number>> = {};
  for (const [part, name] of Object.entries(ADDRESS_PARTS) as [keyof Address, string][])
    if (byName.has(name)) parts[part] = MAX_LENGTH;
  return { type: 'address', label: 'Address', writable: true, parts };
}

/** System properties (`hs_...`) are computed or have rules of their own; ids of owners are no content. */
const isContent = (name: string): boolean => !name.startsWith('hs_') && !name.startsWith('hubspot_');

export function toShape(properties: readonly WireProperty[], stampProperty: string): Shape {
  const catalogue: Record<string, FieldSpec> = { [ADDRESS]: toAddressSpec(properties) };
  for (const property of properties) {
    const { name } = property;
    if (name === stampProperty || PART_NAMES.has(name) || !isContent(name)) continue;
    const type = typeOf(property);
    if (type !== null) catalogue[name] = toSpec(property, type);
  }
  return { catalogue, stamp: properties.find((property) => property.name === stampProperty) };
}
