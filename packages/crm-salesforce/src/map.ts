import { hash } from 'node:crypto';
import type { Address, FieldSpec, Fields, FieldValue, StoreRecord } from '@tidelock/core';
import { type BlankFields, buildBody, fillFields, type Refusal } from '@tidelock/kit';
import { ADDRESS_PARTS, ADDRESSES, COMPANY } from './fields.ts';
import { type Entity, parseInstant, type Row } from './wire.ts';

/** What is asked of an object, and how. */
export interface Seen {
  readonly entity: Entity;
  /** Null: the org has none, so records tell no stamp. */
  readonly stampField: string | null;
  /** The property that a column belongs to, for messages. */
  propertyOf(column: string): string;
}

/** How rows of Contact become records of one opened store, and back. */
export interface View extends BlankFields {
  /** Properties that are read, all of them in `specs`. */
  readonly properties: readonly string[];
  /** Every property that can be written. */
  readonly specs: Readonly<Record<string, FieldSpec>>;
  /** Null: the org has none, so records tell no stamp. */
  readonly stampField: string | null;
  readonly companyField: string | null;
  /** Who we are, for `modifiedBy`. */
  readonly userId: string;
}

export const SYSTEM = [
  'Id',
  'OwnerId',
  'CreatedDate',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
];

function columnsOf(view: Pick<View, 'specs' | 'companyField'>, property: string): readonly string[] {
  const prefix = ADDRESSES[property];
  if (prefix !== undefined) {
    const parts = view.specs[property]?.parts ?? {};
    return Object.entries(ADDRESS_PARTS)
      .filter(([part]) => part in parts)
      .map(([, suffix]) => `${prefix}${suffix}`);
  }
  if (property === COMPANY) return [view.companyField ?? COMPANY];
  return [property];
}

/** The property that a column belongs to, for messages: `MailingState` is part of `MailingAddress`. */
export function toProperty(column: string, view: Pick<View, 'specs' | 'companyField'>): string {
  if (column === 'AccountId' || column === view.companyField) return COMPANY;
  const address = Object.keys(ADDRESSES).find((property) => columnsOf(view, property).includes(column));
  return address ?? column;
}

/** Columns to select; `deleted` adds those that only `queryAll` fills. */
export function toSelect(view: View, deleted = false): readonly string[] {
  const columns = view.properties.flatMap((property) => columnsOf(view, property));
  const stamp = view.stampField === null ? [] : [view.stampField];
  return [...new Set([...SYSTEM, ...(deleted ? ['IsDeleted', 'MasterRecordId'] : []), ...stamp, ...columns])];
}

export function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.includes('\r') ? value.replaceAll('\r\n', '\n') : value;
  return text.trim() === '' ? null : text;
}

const PARTS = Object.entries(ADDRESS_PARTS) as readonly [keyof Address, string][];

function toAddress(row: Row, prefix: string): Address | null {
  let address: Partial<Record<keyof Address, string>> | null = null;
  for (const [part, suffix] of PARTS) {
    const value = textOf(row[`${prefix}${suffix}`]);
    if (value === null) continue;
    address ??= {};
    address[part] = value;
  }
  return address;
}

function toCompany(row: Row, companyField: string | null): string | null {
  if (companyField !== null) return textOf(row[companyField]);
  const account = row.Account;
  return typeof account === 'object' && account !== null && 'Name' in account ? textOf(account.Name) : null;
}

function toValue(row: Row, property: string, view: View): FieldValue {
  const prefix = ADDRESSES[property];
  if (prefix !== undefined) return toAddress(row, prefix);
  if (property === COMPANY) return toCompany(row, view.companyField);
  const text = textOf(row[property]);
  if (view.specs[property]?.type !== 'set') return text;
  const members = (text ?? '').split(';').filter((member) => member !== '');
  return members.length === 0 ? null : members;
}

export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * `SystemModstamp` has whole seconds: two changes within one second share it. The digest of what is read keeps them
 * apart, so an equal version means unchanged.
 */
export function toVersion(mono: string, row: Row, content: unknown): string {
  const text = JSON.stringify([row.OwnerId, row.LastModifiedById, content]);
  return `${mono}|${hash('sha256', text, 'base64url').slice(0, 16)}`;
}

/** `SystemModstamp` as `2026-08-01T06:00:01.000Z`: string order is time order. Empty for a row without one. */
export function toMono(row: Row): string {
  const at = parseInstant(row.SystemModstamp);
  return at === undefined ? '' : new Date(at).toISOString();
}

export function toRecord(row: Row, view: View): StoreRecord {
  const fields = fillFields(view, (property) => toValue(row, property, view));
  const mono = toMono(row);
  const stamp = view.stampField === null ? undefined : textOf(row[view.stampField]);
  const createdAt = parseInstant(row.CreatedDate);
  const modifiedAt = parseInstant(row.LastModifiedDate);
  return {
    id: stringOf(row.Id),
    version: toVersion(mono, row, [fields, stamp]),
    mono,
    fields,
    ...(stamp === undefined ? {} : { stamp }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    modifiedBy: row.LastModifiedById === view.userId ? 'us' : 'other',
    owner: stringOf(row.OwnerId),
  };
}

export type Body = Record<string, string | null>;

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function putAddress(body: Body, property: string, value: FieldValue): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return false;
  const address = (value ?? {}) as Address;
  for (const [part, suffix] of PARTS) {
    const text = address[part];
    body[`${ADDRESSES[property] ?? ''}${suffix}`] = text === undefined || text === '' ? null : text;
  }
  return true;
}

/** Puts one value into the body; false when it is not of the property's type. */
function putValue(
  body: Body,
  property: string,
  { spec, value }: { spec: FieldSpec; value: FieldValue },
): boolean {
  if (spec.type === 'address') return putAddress(body, property, value);
  if (spec.type === 'set') {
    if (value !== null && !Array.isArray(value)) return false;
    body[property] = value === null || value.length === 0 ? null : value.join(';');
    return true;
  }
  if (value !== null && typeof value !== 'string') return false;
  if (spec.type === 'date' && value !== null && value !== '' && !isDay(value)) return false;
  body[property] = value === '' ? null : value;
  return true;
}

/**
 * The request body for these properties. A matched company (`Account.Name` without a text field) is left out: what it
 * becomes depends on accounts, not on the value alone.
 */
export function toBody(fields: Fields, view: View): { body: Body; refusal: Refusal | null } {
  const { companyField, specs } = view;
  return buildBody<Body>(fields, {
    body: {},
    specs,
    put(body, property, at) {
      if (property !== COMPANY) return putValue(body, property, at);
      return companyField === null || putValue(body, companyField, at);
    },
  });
}
