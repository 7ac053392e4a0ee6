import type { ContactContent, EmailAddress, PhysicalAddress } from './contact-content.ts';
import {
  addressFields,
  addressProperties,
  emailLimit,
  emailSlots,
  listLimits,
  stringProperties,
} from './contact-content.ts';
import { GraphFailure, invalidProperty, unreadableBody } from './graph-error.ts';

/** A write as sent: changed properties, and extended properties by their id. */
export interface ContactWrite {
  changes: Partial<ContactContent>;
  extended: ReadonlyMap<string, string>;
}

type Reader = (value: unknown, name: string) => unknown;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrongType = (name: string, expected: string): GraphFailure =>
  unreadableBody(`Cannot convert the value of property '${name}' to the expected type '${expected}'.`);

const readString: Reader = (value, name) => {
  if (value !== null && typeof value !== 'string') throw wrongType(name, 'Edm.String');
  return value;
};

const readList =
  (limit: number): Reader =>
  (value, name) => {
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw wrongType(name, 'Collection(Edm.String)');
    }
    if (value.length > limit)
      throw invalidProperty(`The property '${name}' can hold at most ${limit} values.`);
    return Object.freeze([...value]);
  };

const refuseUnknown = (value: Record<string, unknown>, known: readonly string[], type: string): void => {
  for (const key of Object.keys(value)) {
    if (known.includes(key) || key.startsWith('@')) continue;
    throw unreadableBody(
      `The property '${key}' does not exist on type 'microsoft.graph.${type}'. Make sure to only use property names ` +
        'that are defined by the type.',
    );
  }
};

const readEmail = (value: unknown, name: string): EmailAddress => {
  if (!isRecord(value)) throw wrongType(name, 'microsoft.graph.emailAddress');
  refuseUnknown(value, ['address', 'name'], 'emailAddress');
  const address = readString(value.address ?? null, `${name}/address`);
  const label = readString(value.name ?? null, `${name}/name`);
  if (typeof address !== 'string' || address === '')
    throw invalidProperty(`The property '${name}' has no address.`);
  return Object.freeze({ name: typeof label === 'string' && label !== '' ? label : address, address });
};

const readEmails: Reader = (value, name) => {
  if (!Array.isArray(value)) throw wrongType(name, 'Collection(microsoft.graph.emailAddress)');
  if (value.length > emailLimit) {
    throw invalidProperty(`The property '${name}' can hold at most ${emailLimit} values.`);
  }
  return Object.freeze(value.map((item) => readEmail(item, name)));
};

const readAddress: Reader = (value, name): PhysicalAddress => {
  if (value === null) return Object.freeze({});
  if (!isRecord(value)) throw wrongType(name, 'microsoft.graph.physicalAddress');
  refuseUnknown(value, addressFields, 'physicalAddress');
  const address: Record<string, string> = {};
  for (const field of addressFields) {
    const text = readString(value[field] ?? null, `${name}/${field}`);
    if (typeof text === 'string') address[field] = text;
  }
  return Object.freeze(address);
};

const instantForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d))?$/;

const readInstant: Reader = (value, name) => {
  if (value === null) return null;
  const at = typeof value === 'string' && instantForm.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw wrongType(name, 'Edm.DateTimeOffset');
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
};

/** Accepted and ignored: the service keeps these itself, and there is no move by `parentFolderId`. */
const readOnlyProperties = new Set([
  'id',
  'changeKey',
  'createdDateTime',
  'lastModifiedDateTime',
  'parentFolderId',
]);

const readers = new Map<string, Reader>([
  ...stringProperties.map((name) => [name, readString] as const),
  ...addressProperties.map((name) => [name, readAddress] as const),
  ...Object.entries(listLimits).map(([name, limit]) => [name, readList(limit)] as const),
  ['emailAddresses', readEmails],
  ['birthday', readInstant],
]);

export const contactPropertyNames: ReadonlySet<string> = new Set([
  ...readers.keys(),
  ...readOnlyProperties,
  ...emailSlots,
]);

const extendedForm =
  /^(String|Integer|Boolean|SystemTime|Binary|Double|Float|Long|Short|Currency|CLSID) (\{[0-9a-f-]{36}\} (Name \S.*|Id 0x[0-9a-f]{1,4})|0x[0-9a-f]{1,8})$/i;

/** Identity of an extended property: its GUID ignores case, its name does not. */
export const extendedKey = (id: string): string => id.replace(/\{[^}]*\}/, (guid) => guid.toLowerCase());

export const readExtended = (value: unknown): ReadonlyMap<string, string> => {
  if (!Array.isArray(value)) {
    throw wrongType(
      'singleValueExtendedProperties',
      'Collection(microsoft.graph.singleValueLegacyExtendedProperty)',
    );
  }
  const found = new Map<string, string>();
  for (const item of value) {
    const id: unknown = isRecord(item) ? item.id : undefined;
    const text: unknown = isRecord(item) ? item.value : undefined;
    if (typeof id !== 'string' || !extendedForm.test(id)) {
      throw new GraphFailure(400, 'ErrorInvalidProperty', 'The extended property id is not valid.');
    }
    if (typeof text !== 'string') {
      throw new GraphFailure(
        400,
        'ErrorInvalidProperty',
        'The value of an extended property must be a string.',
      );
    }
    found.set(extendedKey(id), text);
  }
  return found;
};

const readSlots = (
  body: Record<string, unknown>,
  current: readonly EmailAddress[],
): EmailAddress[] | undefined => {
  if (!emailSlots.some((slot) => slot in body)) return undefined;
  if ('emailAddresses' in body) {
    throw invalidProperty('emailAddresses cannot be written together with its single slots.');
  }
  const slots: (EmailAddress | undefined)[] = emailSlots.map((slot, index) => {
    if (!(slot in body)) return current[index];
    return body[slot] === null ? undefined : readEmail(body[slot], slot);
  });
  return slots.filter((slot) => slot !== undefined);
};

/** `current` is what the single e-mail slots are merged into. Fails as the service refuses: RequestBodyRead and so on. */
export function readContactWrite(body: unknown, current: readonly EmailAddress[]): ContactWrite {
  if (!isRecord(body)) throw unreadableBody('The request body is not an object.');
  const changes: Record<string, unknown> = {};
  let extended: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of Object.entries(body)) {
    const reader = readers.get(name);
    if (reader !== undefined) changes[name] = reader(value, name);
    else if (name === 'singleValueExtendedProperties') extended = readExtended(value);
    else if (name === 'multiValueExtendedProperties' || name === 'extensions') {
      throw new GraphFailure(501, 'NotImplemented', 'This operation target is not yet supported.');
    } else if (!contactPropertyNames.has(name)) refuseUnknown({ [name]: value }, [], 'contact');
  }
  const slots = readSlots(body, current);
  if (slots !== undefined) changes.emailAddresses = Object.freeze(slots);
  return { changes: changes as Partial<ContactContent>, extended };
}
