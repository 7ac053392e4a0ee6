import type { Address, FieldCatalogue, FieldSpec, FieldType } from '@tidelock/core';
import type { Describe, WireField } from './wire.ts';

/** The company: an Account's name through the relationship, or a text field of Contact. */
export const COMPANY = 'Account.Name';

export const ADDRESS_PARTS = {
  street: 'Street',
  city: 'City',
  state: 'State',
  postalCode: 'PostalCode',
  country: 'Country',
} as const satisfies Record<keyof Address, string>;

/** Compound field -> prefix of its parts. */
export const ADDRESSES: Readonly<Record<string, string>> = {
  MailingAddress: 'Mailing',
  OtherAddress: 'Other',
};

const TYPES: Readonly<Record<string, FieldType>> = {
  string: 'text',
  picklist: 'text',
  combobox: 'text',
  textarea: 'multiline',
  email: 'email',
  phone: 'phone',
  date: 'date',
  url: 'url',
  multipicklist: 'set',
};

/** What the org's Contact looks like to the integration user. */
export interface Shape {
  readonly catalogue: FieldCatalogue;
  /** Undefined: it does not exist, or field-level security hides it. */
  readonly stamp: WireField | undefined;
  readonly access: {
    readonly createable: boolean;
    readonly updateable: boolean;
    readonly deletable: boolean;
  };
  /** State and country picklists are on: free text is refused unless it names an entry. */
  readonly stateCodes: boolean;
}

export interface ShapeOptions {
  readonly stampField: string;
  /** Text field that keeps the company; null = accounts are matched. */
  readonly companyField: string | null;
}

function isWritable(field: WireField): boolean {
  return field.createable && field.updateable;
}

function toSpec(field: WireField, type: FieldType): FieldSpec {
  const required = !field.nillable && !field.defaultedOnCreate && field.createable;
  return {
    type,
    label: field.label,
    writable: isWritable(field),
    ...(required ? { required } : {}),
    ...(field.length > 0 && type !== 'date' ? { maxLength: field.length } : {}),
    ...(type === 'date' ? { yearRequired: true } : {}),
  };
}

function toAddressSpec(field: WireField, parts: readonly WireField[]): FieldSpec {
  const lengths: Partial<Record<keyof Address, number>> = {};
  for (const [part, suffix] of Object.entries(ADDRESS_PARTS) as [keyof Address, string][]) {
    const found = parts.find((each) => each.name === `${ADDRESSES[field.name] ?? ''}${suffix}`);
    if (found) lengths[part] = found.length;
  }
  const writable = parts.length > 0 && parts.every(isWritable);
  return { type: 'address', label: field.label, writable, parts: lengths };
}

/** Read-only standard fields (Name, PhotoUrl) are made of others; a custom one may be a formula worth reading. */
function isOffered(field: WireField): boolean {
  return isWritable(field) || field.custom;
}

function toCompanySpec(describe: Describe, companyField: string | null): FieldSpec | null {
  if (companyField === null) {
    const reference = describe.fields.find((field) => field.name === 'AccountId');
    if (!reference) return null;
    return {
      type: 'text',
      label: 'Account Name',
      writable: isWritable(reference),
      maxLength: 255,
      resolved: true,
    };
  }
  const field = describe.fields.find((each) => each.name === companyField);
  return field ? toSpec(field, 'text') : null;
}

function toSpecOf(describe: Describe, field: WireField): FieldSpec | null {
  const prefix = ADDRESSES[field.name];
  if (prefix !== undefined && field.type === 'address') {
    const names = Object.values(ADDRESS_PARTS).map((suffix) => `${prefix}${suffix}`);
    return toAddressSpec(
      field,
      describe.fields.filter((each) => names.includes(each.name)),
    );
  }
  const type = TYPES[field.type];
  if (type === undefined || !isOffered(field)) return null;
  const inAddress = Object.keys(ADDRESSES).includes(field.compoundFieldName ?? '');
  return inAddress ? null : toSpec(field, type);
}

export function toShape(describe: Describe, { stampField, companyField }: ShapeOptions): Shape {
  const catalogue: Record<string, FieldSpec> = {};
  for (const field of describe.fields) {
    if (field.name === stampField || field.name === companyField) continue;
    const spec = toSpecOf(describe, field);
    if (spec) catalogue[field.name] = spec;
  }
  const company = toCompanySpec(describe, companyField);
  if (company) catalogue[COMPANY] = company;
  const { createable, updateable, deletable } = describe;
  return {
    catalogue,
    stamp: describe.fields.find((field) => field.name === stampField),
    access: { createable, updateable, deletable },
    stateCodes: describe.fields.some((field) => field.name === 'MailingStateCode'),
  };
}
