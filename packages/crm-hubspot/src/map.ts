import type { Address, FieldSpec, Fields, FieldValue, StoreRecord } from '@tidelock/core';
import { type BlankFields, buildBody, fillFields, type Refusal } from '@tidelock/kit';
import { ADDRESS, ADDRESS_PARTS } from './fields.ts';
import { parseInstant, type WireContact } from './wire.ts';

/** What sets one sort of object apart from the others. */
export interface ObjectKind {
  readonly type: 'contacts' | 'meetings';
  /** Properties with the time of the last change, and of the making. */
  readonly modified: string;
  readonly created: string;
  /** Changes carry whole records; otherwise whoever wants one reads it. */
  readonly content: boolean;
  /** Names to ask for. */
  toNames(view: View): readonly string[];
  /** Our property for one of the service's, for messages: `zip` is part of `postalAddress`. */
  toProperty(name: string): string;
}

/** How objects become records of one opened store, and back. */
export interface View extends BlankFields {
  readonly object: ObjectKind;
  /** Properties that are read, all of them in `specs`. */
  readonly properties: readonly string[];
  /** Every property that can be written. */
  readonly specs: Readonly<Record<string, FieldSpec>>;
  readonly stampProperty: string;
}

export const OWNER = 'hubspot_owner_id';
/** Ids that went into this record in merges, separated by semicolons. */
export const MERGED_IDS = 'hs_merged_object_ids';

const namesOf = (property: string): readonly string[] =>
  property === ADDRESS ? Object.values(ADDRESS_PARTS) : [property];

export const CONTACTS: ObjectKind = {
  type: 'contacts',
  modified: 'lastmodifieddate',
  created: 'createdate',
  content: true,
  toNames: ({ properties, stampProperty }) => [
    ...new Set([...properties.flatMap(namesOf), stampProperty, OWNER, MERGED_IDS]),
  ],
  toProperty: (name) => ((Object.values(ADDRESS_PARTS) as string[]).includes(name) ? ADDRESS : name),
};

export function mergedIdsOf(contact: WireContact): readonly string[] {
  const text = contact.properties[MERGED_IDS] ?? '';
  return text.split(';').filter((id) => /^\d+$/.test(id));
}

export function textOf(value: string | null | undefined): string | null {
  const text = value?.replaceAll('\r\n', '\n') ?? '';
  return text.trim() === '' ? null : text;
}

function toAddress(contact: WireContact): Address | null {
  const address: Partial<Record<keyof Address, string>> = {};
  for (const [part, name] of Object.entries(ADDRESS_PARTS) as [keyof Address, string][]) {
    const text = textOf(contact.properties[name]);
    if (text !== null) address[part] = text;
  }
  return Object.keys(address).length === 0 ? null : address;
}

/** `YYYY-MM-DD` or `--MM-DD`; anything else that people typed is unknown to us, which is not blank. */
const DAY = /^(\d{4}|-)-(\d{2})-(\d{2})$/;

function toDay(text: string | null): string | null | undefined {
  if (text === null) return null;
  if (DAY.test(text)) return text;
  const at = /^\d{4}-\d{2}-\d{2}T00:00:00(\.000)?Z$/.test(text) ? text.slice(0, 10) : undefined;
  return at;
}

/** Undefined: the answer does not hold the property, or not in a form that can be read. */
function toValue(
  contact: WireContact,
  property: string,
  spec: FieldSpec | undefined,
): FieldValue | undefined {
  if (namesOf(property).some((name) => contact.properties[name] === undefined)) return undefined;
  if (property === ADDRESS) return toAddress(contact);
  const text = textOf(contact.properties[property]);
  if (spec?.type === 'date') return toDay(text);
  if (spec?.type !== 'set') return text;
  const members = (text ?? '').split(';').filter((member) => member !== '');
  return members.length === 0 ? null : members;
}

/** A contact as the service shows it. Answers to writes hold only a part: the rest is absent, not blank. */
export function toRecord(contact: WireContact, view: View): StoreRecord {
  const fields = fillFields(view, (property) => toValue(contact, property, view.specs[property]));
  const createdAt = parseInstant(contact.createdAt);
  const modifiedAt = parseInstant(contact.updatedAt);
  const mono = toMono(contact);
  const stamp = contact.properties[view.stampProperty];
  const owner = textOf(contact.properties[OWNER]);
  return {
    id: contact.id,
    version: mono,
    mono,
    fields,
    ...(stamp === undefined ? {} : { stamp: textOf(stamp) }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(owner === null ? {} : { owner }),
  };
}

/** Time of the last change, to the millisecond: `2026-08-01T06:00:01.000Z`. String order is time order. */
export function toMono(contact: WireContact): string {
  const at = parseInstant(contact.updatedAt);
  return at === undefined ? '' : new Date(at).toISOString();
}

/** `''` clears. */
export type Body = Record<string, string>;

function putAddress(body: Body, value: FieldValue): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return false;
  const address = (value ?? {}) as Address;
  for (const [part, name] of Object.entries(ADDRESS_PARTS) as [keyof Address, string][])
    body[name] = address[part] ?? '';
  return true;
}

/** Puts one value into the body; false when it is not of the property's type. */
function putValue(body: Body, property: string, of: { spec: FieldSpec; value: FieldValue }): boolean {
  const { spec, value } = of;
  if (property === ADDRESS) return putAddress(body, value);
  if (spec.type === 'set') {
    if (value !== null && !Array.isArray(value)) return false;
    body[property] = (value ?? []).join(';');
    return true;
  }
  if (value !== null && typeof value !== 'string') return false;
  if (spec.type === 'date' && value !== null && !DAY.test(value)) return false;
  body[property] = value ?? '';
  return true;
}

/** The properties to send; an address is sent whole. */
export const toBody = (fields: Fields, { specs }: View): { body: Body; refusal: Refusal | null } =>
  buildBody<Body>(fields, { body: {}, specs, put: putValue });

export function putOwner(body: Body, owner: string): void {
  body[OWNER] = owner;
}
