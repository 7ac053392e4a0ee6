import type { Address, Fields, FieldValue, StoreRecord } from '@tidelock/core';
import { ADDRESS_PROPERTIES, CUSTOM_PREFIX, EMAIL_SLOTS, PHONE_SLOTS, TEXT_PROPERTIES } from './catalogue.ts';
import { STAMP_NAME } from './config.ts';
import { fromBirthday, toBirthday, toMillis, toMono } from './dates.ts';
import { newDisplayName, nextDisplayName } from './names.ts';
import { composeSlots, isTouched, readSlots } from './slots.ts';
import type { WireContact, WireEmail } from './wire.ts';

/** Where the extended properties of this connection are. */
export interface Layout {
  readonly namespace: string;
  readonly custom: readonly string[];
}

/** What a write needs of the contact and the catalogue does not show. Kept in `StoreRecord.extra`. */
export interface Extra {
  readonly displayName: string | null | undefined;
  readonly emails: readonly WireEmail[];
  readonly phones: Readonly<Record<keyof typeof PHONE_SLOTS, readonly string[]>>;
}

/** Named MAPI property. The name is case-sensitive; searches ignore the case of the value. */
const extendedId = (layout: Layout, name: string): string => `String {${layout.namespace}} Name ${name}`;
export const stampId = (layout: Layout): string => extendedId(layout, STAMP_NAME);
export const extendedIds = (layout: Layout): readonly string[] => [
  stampId(layout),
  ...layout.custom.map((name) => extendedId(layout, name)),
];

const isText = (value: string | null | undefined): value is string =>
  typeof value === 'string' && value !== '';
const toLf = (text: string): string =>
  text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text;
const blankToNull = (value: string | null): string | null => (isText(value) ? value : null);

const ADDRESS_PARTS = [
  ['street', 'street'],
  ['city', 'city'],
  ['state', 'state'],
  ['postalCode', 'postalCode'],
  ['country', 'countryOrRegion'],
] as const;

function fromAddress(wire: NonNullable<WireContact['homeAddress']>): Address | null {
  let address: { -readonly [part in keyof Address]: Address[part] } | null = null;
  for (const [part, name] of ADDRESS_PARTS) {
    const value = wire[name];
    if (!isText(value)) continue;
    address ??= {};
    address[part] = toLf(value);
  }
  return address;
}

const fromSet = (values: readonly string[]): readonly string[] | null => {
  const kept = values.filter(isText);
  return kept.length === 0 ? null : kept;
};

const addressesOf = (emails: readonly WireEmail[]): string[] =>
  emails.map((each) => each.address).filter(isText);

function fromExtended(wire: WireContact, layout: Layout): Map<string, string> {
  const shown = new Map<string, string>();
  for (const { id, value } of wire.singleValueExtendedProperties ?? []) {
    // The service may print the GUID in another case than it was asked for.
    const key = id.replace(/\{[^}]*\}/, (guid) => guid.toLowerCase());
    if (isText(value)) shown.set(key.replace(`String {${layout.namespace}} Name `, ''), value);
  }
  return shown;
}

/** Sets what is known; undefined is absent. */
function put(fields: Record<string, FieldValue>, name: string, value: FieldValue | undefined): void {
  if (value === undefined) delete fields[name];
  else fields[name] = value;
}

/** `to` is applied to what the answer holds; null and absent are passed on. */
function known<T, R>(value: T | null | undefined, to: (value: T) => R): R | null | undefined {
  if (value === undefined) return undefined;
  return value === null ? null : to(value);
}

const TEXTS = [...TEXT_PROPERTIES, 'businessHomePage', 'mobilePhone'] as const;
const PHONES = Object.entries(PHONE_SLOTS) as [keyof typeof PHONE_SLOTS, readonly string[]][];

function readTexts(fields: Record<string, FieldValue>, wire: WireContact): void {
  for (const name of TEXTS) {
    put(fields, name, known(wire[name], blankToNull));
  }
  put(
    fields,
    'personalNotes',
    known(wire.personalNotes, (text) => blankToNull(toLf(text))),
  );
  put(fields, 'birthday', wire.birthday === '' ? null : known(wire.birthday, fromBirthday));
}

function readArrays(fields: Record<string, FieldValue>, wire: WireContact): void {
  readSlots(fields, EMAIL_SLOTS, known(wire.emailAddresses, addressesOf));
  for (const [name, slots] of PHONES)
    readSlots(
      fields,
      slots,
      known(wire[name], (values) => values.filter(isText)),
    );
  put(fields, 'categories', known(wire.categories, fromSet));
}

/**
 * Every property of the catalogue, blank. Copied for each contact: an object that grows property by property is moved a dozen
 * times on the way.
 */
const BLANK: Fields = Object.fromEntries(
  [
    ...[...TEXTS, 'personalNotes', 'birthday'],
    ...[...EMAIL_SLOTS, ...PHONES.flatMap(([, slots]) => slots)],
    ...['categories', ...ADDRESS_PROPERTIES],
  ].map((name) => [name, null]),
);

/**
 * The catalogue's properties of a contact. Blank in any form is null; absent or unreadable in the answer is absent
 * here. `extended`: the answer was asked for the extended properties, so a missing one is blank.
 */
export function fromGraph(wire: WireContact, layout: Layout, options: { extended: boolean }): Fields {
  const fields: Record<string, FieldValue> = { ...BLANK };
  readTexts(fields, wire);
  readArrays(fields, wire);
  for (const name of ADDRESS_PROPERTIES) put(fields, name, known(wire[name], fromAddress));
  if (!options.extended) return fields;
  const shown = fromExtended(wire, layout);
  for (const name of layout.custom) fields[`${CUSTOM_PREFIX}${name}`] = shown.get(name) ?? null;
  return fields;
}

function toExtra(wire: WireContact): Extra {
  return {
    displayName: wire.displayName,
    emails: (wire.emailAddresses ?? []).filter((each) => isText(each.address)),
    phones: {
      businessPhones: (wire.businessPhones ?? []).filter(isText),
      homePhones: (wire.homePhones ?? []).filter(isText),
    },
  };
}

/** `bare`: without what only a write starts from. */
export interface RecordSource {
  readonly layout: Layout;
  readonly extended: boolean;
  readonly bare?: boolean | undefined;
}

/** Undefined when the contact has no version or no modification time, which the service always gives. */
export function toRecord(
  wire: WireContact,
  { layout, extended, bare = false }: RecordSource,
): StoreRecord | undefined {
  const version = wire['@odata.etag'] ?? (isText(wire.changeKey) ? `W/"${wire.changeKey}"` : undefined);
  const mono = toMono(wire.lastModifiedDateTime);
  if (version === undefined || mono === undefined) return undefined;
  const createdAt = toMillis(wire.createdDateTime);
  const modifiedAt = toMillis(wire.lastModifiedDateTime);
  const stamp = extended ? (fromExtended(wire, layout).get(STAMP_NAME)?.toLowerCase() ?? null) : undefined;
  return {
    id: wire.id,
    version,
    mono,
    fields: fromGraph(wire, layout, { extended }),
    ...(stamp === undefined ? {} : { stamp }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(isText(wire.parentFolderId) ? { container: wire.parentFolderId } : {}),
    ...(bare ? {} : { extra: toExtra(wire) }),
  };
}

/** What a write starts from: the fields shown before it, and what only the adapter knows. */
export interface Before {
  readonly fields: Fields;
  readonly extra?: unknown;
}

function extraOf(before: Before | undefined): Extra {
  const extra = before?.extra as Extra | undefined;
  if (extra !== undefined) return extra;
  const fields = before?.fields ?? {};
  const list = (slots: readonly string[]): string[] =>
    slots
      .map((slot) => fields[slot])
      .filter((value) => typeof value === 'string' && value !== '') as string[];
  return {
    displayName: undefined,
    emails: list(EMAIL_SLOTS).map((address) => ({ address })),
    phones: { businessPhones: list(PHONE_SLOTS.businessPhones), homePhones: list(PHONE_SLOTS.homePhones) },
  };
}

/** Whole arrays, because the service replaces them whole. Addresses that stay keep their display names. */
function writeArrays(body: Record<string, unknown>, patch: Fields, extra: Extra): void {
  if (isTouched(EMAIL_SLOTS, patch)) {
    const names = new Map(extra.emails.map((each) => [each.address?.toLowerCase(), each.name]));
    body.emailAddresses = composeSlots({ slots: EMAIL_SLOTS, current: addressesOf(extra.emails) }, patch).map(
      (address) => {
        const name = names.get(address.toLowerCase());
        return isText(name) ? { address, name } : { address };
      },
    );
  }
  for (const [name, slots] of PHONES) {
    const current = extra.phones[name];
    if (isTouched(slots, patch)) body[name] = composeSlots({ slots, current }, patch);
  }
}

const toAddress = (value: Address | null): Record<string, string | null> => ({
  street: value?.street || null,
  city: value?.city || null,
  state: value?.state || null,
  countryOrRegion: value?.country || null,
  postalCode: value?.postalCode || null,
});

const SINGLES = [...TEXT_PROPERTIES, 'businessHomePage', 'mobilePhone', 'personalNotes'];

function writeSingles(body: Record<string, unknown>, patch: Fields): void {
  for (const name of SINGLES) {
    const value = patch[name];
    if (value !== undefined) body[name] = value === '' ? null : value;
  }
  for (const name of ADDRESS_PROPERTIES) {
    if (patch[name] !== undefined) body[name] = toAddress(patch[name] as Address | null);
  }
  if (patch.categories !== undefined)
    body.categories = [...new Set(patch.categories as readonly string[] | null)];
  if (patch.birthday !== undefined) {
    body.birthday = typeof patch.birthday === 'string' ? (toBirthday(patch.birthday) ?? null) : null;
  }
}

function toExtended(
  patch: Fields,
  layout: Layout,
  stamp: string | undefined,
): { id: string; value: string }[] {
  const own = layout.custom.flatMap((name) => {
    const value = patch[`${CUSTOM_PREFIX}${name}`];
    // Named properties cannot be removed by null; an empty text is blank.
    return value === undefined
      ? []
      : [{ id: extendedId(layout, name), value: typeof value === 'string' ? value : '' }];
  });
  return stamp === undefined ? own : [{ id: stampId(layout), value: stamp.toLowerCase() }, ...own];
}

function withoutBlanks(fields: Fields): Fields {
  const left: Record<string, FieldValue> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value !== undefined && value !== null && value !== '') left[name] = value;
  }
  return left;
}

/** Body of a PATCH (`before` given) or of a POST, for values that the catalogue accepts. */
export function toGraph(
  patch: Fields,
  layout: Layout,
  given: { readonly before?: Before; readonly stamp?: string } = {},
): Record<string, unknown> {
  const { before, stamp } = given;
  const written = before === undefined ? withoutBlanks(patch) : patch;
  const extra = extraOf(before);
  const body: Record<string, unknown> = {};
  writeSingles(body, written);
  writeArrays(body, written, extra);
  const displayName =
    before === undefined
      ? (newDisplayName(written) ?? undefined)
      : nextDisplayName(extra.displayName, before.fields, written);
  if (displayName !== undefined) body.displayName = displayName;
  const extended = toExtended(written, layout, stamp);
  if (extended.length > 0) body.singleValueExtendedProperties = extended;
  return body;
}
