import { emailKey, extendedValueKey } from './contact-index.ts';
import { extendedKey } from './contact-input.ts';
import { invalidFilter, invalidQuery } from './graph-error.ts';
import type { Folder, Mailbox, StoredContact } from './mailbox.ts';
import { folderRows } from './mailbox.ts';
import type { Comparison, FilterNode, Predicate } from './odata-filter.ts';
import { compileFilter, parseFilter } from './odata-filter.ts';

const textFields = new Map<string, (contact: StoredContact) => string | null>([
  ['displayname', (contact) => contact.content.displayName],
  ['givenname', (contact) => contact.content.givenName],
  ['surname', (contact) => contact.content.surname],
]);

const timeFields = new Map<string, (contact: StoredContact) => number>([
  ['lastmodifieddatetime', (contact) => contact.modifiedAt],
  ['createddatetime', (contact) => contact.createdAt],
]);

export const holds: Record<Comparison, (difference: number) => boolean> = {
  eq: (difference) => difference === 0,
  ne: (difference) => difference !== 0,
  gt: (difference) => difference > 0,
  ge: (difference) => difference >= 0,
  lt: (difference) => difference < 0,
  le: (difference) => difference <= 0,
};

const compareText = (node: Extract<FilterNode, { op: 'compare' }>): Predicate<StoredContact> => {
  const get = textFields.get(node.field.toLowerCase());
  if (get === undefined || node.by !== 'eq' || typeof node.value !== 'string') throw invalidFilter();
  const wanted = node.value.toLowerCase();
  return (contact) => get(contact)?.toLowerCase() === wanted;
};

const compareTime = (node: Extract<FilterNode, { op: 'compare' }>): Predicate<StoredContact> | undefined => {
  const get = timeFields.get(node.field.toLowerCase());
  if (get === undefined) return undefined;
  const instant = typeof node.value === 'string' ? Date.parse(node.value) : Number.NaN;
  if (Number.isNaN(instant)) throw invalidFilter();
  const test = holds[node.by];
  return (contact) => test(get(contact) - instant);
};

const startsWith = (node: Extract<FilterNode, { op: 'call' }>): Predicate<StoredContact> => {
  const get = textFields.get(node.field.toLowerCase());
  if (node.name !== 'startswith' || get === undefined || typeof node.value !== 'string')
    throw invalidFilter();
  const wanted = node.value.toLowerCase();
  return (contact) => get(contact)?.toLowerCase().startsWith(wanted) ?? false;
};

const memberOf = (field: string): string => field.slice(field.indexOf('/') + 1).toLowerCase();

/** The index key of a lambda over e-mail addresses. */
const emailWanted = (of: FilterNode): string => {
  if (of.op !== 'compare' || of.by !== 'eq' || memberOf(of.field) !== 'address') throw invalidFilter();
  if (typeof of.value !== 'string') throw invalidFilter();
  return emailKey(of.value);
};

/** `ep/id eq '..' and ep/value eq '..'`, either way round. The name of the property is case-sensitive, its value not. */
export const extendedWanted = (of: FilterNode): string => {
  if (of.op !== 'and') throw invalidFilter();
  const wanted = new Map<string, string>();
  for (const side of [of.left, of.right]) {
    if (side.op !== 'compare' || side.by !== 'eq' || typeof side.value !== 'string') throw invalidFilter();
    wanted.set(memberOf(side.field), side.value);
  }
  const id = wanted.get('id');
  const value = wanted.get('value');
  if (id === undefined || value === undefined) throw invalidFilter();
  return extendedValueKey(extendedKey(id), value);
};

type AnyNode = Extract<FilterNode, { op: 'any' }>;

const indexKey = (node: AnyNode): string => {
  const collection = node.collection.toLowerCase();
  if (collection === 'emailaddresses') return emailWanted(node.of);
  if (collection === 'singlevalueextendedproperties') return extendedWanted(node.of);
  throw invalidFilter();
};

const leafFor =
  (mailbox: Mailbox) =>
  (node: FilterNode): Predicate<StoredContact> => {
    if (node.op === 'compare') return compareTime(node) ?? compareText(node);
    if (node.op === 'call') return startsWith(node);
    if (node.op !== 'any') throw invalidFilter();
    const found = mailbox.index.byKey.get(indexKey(node));
    return (contact) => found?.has(contact) ?? false;
  };

/** The contacts that a required lambda leaves, found by index; undefined when the filter has none. */
const narrow = (mailbox: Mailbox, folder: Folder, node: FilterNode): StoredContact[] | undefined => {
  if (node.op === 'and') return narrow(mailbox, folder, node.left) ?? narrow(mailbox, folder, node.right);
  if (node.op !== 'any') return undefined;
  const found = [...(mailbox.index.byKey.get(indexKey(node)) ?? [])];
  return found.filter((contact) => contact.folder === folder).sort((a, b) => a.row - b.row);
};

const byField = (text: string): ((a: StoredContact, b: StoredContact) => number) => {
  const [field = '', direction = 'asc', ...rest] = text.trim().split(/\s+/);
  const name = field.toLowerCase();
  const time = timeFields.get(name);
  const words = textFields.get(name);
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  if (rest.length > 0 || !/^(asc|desc)$/i.test(direction))
    throw invalidQuery(`$orderby '${text}' is not valid.`);
  if (time !== undefined) return (a, b) => sign * (time(a) - time(b));
  if (words === undefined) throw invalidQuery(`$orderby '${text}' is not supported.`);
  return (a, b) => {
    const [left, right] = [words(a)?.toLowerCase() ?? '', words(b)?.toLowerCase() ?? ''];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  };
};

const filterRows = (mailbox: Mailbox, folder: Folder, text: string): StoredContact[] => {
  const node = parseFilter(text);
  const accepts = compileFilter(node, leafFor(mailbox));
  return (narrow(mailbox, folder, node) ?? folderRows(folder)).filter(accepts);
};

/** Contacts of a folder under `$filter` and `$orderby`; a listing is kept until the mailbox changes. */
export function selectContacts(
  mailbox: Mailbox,
  folder: Folder,
  query: { filter: string | undefined; orderby: string | undefined },
): readonly StoredContact[] {
  const rows = folderRows(folder);
  if (query.filter === undefined && query.orderby === undefined) return rows;
  const key = JSON.stringify([query.filter, query.orderby]);
  const { memo } = folder;
  if (memo !== undefined && memo.key === key && memo.version === mailbox.version) return memo.rows;
  const kept = query.filter === undefined ? [...rows] : filterRows(mailbox, folder, query.filter);
  if (query.orderby !== undefined) kept.sort(byField(query.orderby));
  folder.memo = { key, version: mailbox.version, rows: kept };
  return kept;
}
