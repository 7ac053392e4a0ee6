import type { EmailAddress } from './contact-content.ts';
import { addressProperties, emailSlots, listLimits, stringProperties } from './contact-content.ts';
import { contactPropertyNames, extendedKey } from './contact-input.ts';
import { badRequest } from './graph-error.ts';
import type { StoredContact } from './mailbox.ts';
import type { QueryOptions } from './query-options.ts';
import { readSelect } from './query-options.ts';

export interface ContactView {
  /** Undefined: all. */
  select: readonly string[] | undefined;
  /** Extended properties to show, by key with the id as asked. */
  expand: ReadonlyMap<string, string>;
  immutableIds: boolean;
}

export const toInstant = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

export const toEtag = (changeKey: string): string => `W/"${changeKey}"`;

const slotReader =
  (index: number) =>
  (contact: StoredContact): EmailAddress | null =>
    contact.content.emailAddresses[index] ?? null;

const contentNames = [
  ...stringProperties,
  ...addressProperties,
  ...(Object.keys(listLimits) as (keyof typeof listLimits)[]),
  'emailAddresses',
  'birthday',
] as const;

const getters = new Map<string, (contact: StoredContact) => unknown>([
  ['createdDateTime', (contact) => toInstant(contact.createdAt)],
  ['lastModifiedDateTime', (contact) => toInstant(contact.modifiedAt)],
  ['changeKey', (contact) => contact.changeKey],
  ['parentFolderId', (contact) => contact.folder?.id ?? null],
  ...contentNames.map((name) => [name, (contact: StoredContact) => contact.content[name]] as const),
  ...emailSlots.map((name, index) => [name, slotReader(index)] as const),
]);

const allNames = [...getters.keys()];

export const idOf = (contact: { id: string; immutableId: string }, immutableIds: boolean): string =>
  immutableIds ? contact.immutableId : contact.id;

/** Never holds an extended property that was not asked for by `$expand`. Etag and id come under every `$select`. */
export function toGraphContact(contact: StoredContact, view: ContactView): Record<string, unknown> {
  const item: Record<string, unknown> = {
    '@odata.etag': toEtag(contact.changeKey),
    id: idOf(contact, view.immutableIds),
  };
  for (const name of view.select ?? allNames) {
    const get = getters.get(name);
    if (get !== undefined) item[name] = get(contact);
  }
  const extended = [...view.expand].flatMap(([key, id]) => {
    const value = contact.extended.get(key);
    return value === undefined ? [] : [{ id, value }];
  });
  if (extended.length > 0) item.singleValueExtendedProperties = extended;
  return item;
}

const expandForm = /^singleValueExtendedProperties\s*\(\s*\$filter\s*=\s*(.+)\)$/i;
const idForm = /^\s*id\s+eq\s+'((?:[^']|'')*)'\s*$/i;

/** The extended properties that one part of `$expand` asks for, by key with the id as asked; undefined for another part. */
export function readExpandedIds(part: string): ReadonlyMap<string, string> | undefined {
  const filter = expandForm.exec(part.trim())?.[1];
  if (filter === undefined) return undefined;
  const asked = new Map<string, string>();
  for (const each of filter.split(/\s+or\s+/i)) {
    const id = idForm.exec(each)?.[1]?.replaceAll("''", "'");
    if (id === undefined) throw badRequest('The filter inside $expand must compare id with eq.');
    asked.set(extendedKey(id), id);
  }
  return asked;
}

const readExpand = (options: QueryOptions): ReadonlyMap<string, string> => {
  const text = options.get('expand');
  if (text === undefined) return new Map();
  const asked = readExpandedIds(text);
  if (asked !== undefined) return asked;
  throw badRequest(`Parsing OData Select and Expand failed: '${text}' cannot be expanded on a contact.`);
};

export const readContactView = (options: QueryOptions, immutableIds: boolean): ContactView => ({
  select: readSelect(options, new Set([...contactPropertyNames, 'id']), 'contact'),
  expand: readExpand(options),
  immutableIds,
});
