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

const holds: Record<Comparison, (difference: number) => boolean> = {
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

const anyEmail = (of: FilterNode): Predicate<StoredContact> => {
  if (of.op !== 'compare' || of.by !== 'eq' || memberOf(of.field) !== 'address') throw invalidFilter();
  if (typeof of.value !== 'string') throw invalidFilter();
  const wanted = of.value.toLowerCase();
  return (contact) => contact.content.emailAddresses.some((email) => email.address.toLowerCase() === wanted);
};

/** `ep/id eq '..' and ep/value eq '..'`, either way round. The name of the property is case-sensitive, its value not. */
const anyExtended = (of: FilterNode): Predicate<StoredContact> => {
  if (of.op !== 'and') throw invalidFilter();
  const wanted = new Map<string, string>();
  for (const side of [of.left, of.right]) {
    if (side.op !== 'compare' || side.by !== 'eq' || typeof side.value !== 'string') throw invalidFilter();
    wanted.set(memberOf(side.field), side.value);
  }
  const id = wanted.get('id');
  const value = wanted.get('value')?.toLowerCase();
  if (id === undefined || value === undefined) throw invalidFilter();
  const key = extendedKey(id);
  return (contact) => contact.extended.get(key)?.toLowerCase() === value;
};

const leaf = (node: FilterNode): Predicate<StoredContact> => {
  if (node.op === 'compare') return compareTime(node) ?? compareText(node);
  if (node.op === 'call') return startsWith(node);
  if (node.op !== 'any') throw invalidFilter();
  const collection = node.collection.toLowerCase();
  if (collection === 'emailaddresses') return anyEmail(node.of);
  if (collection === 'singlevalueextendedproperties') return anyExtended(node.of);
  throw invalidFilter();
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
  const kept =
    query.filter === undefined ? [...rows] : rows.filter(compileFilter(parseFilter(query.filter), leaf));
  if (query.orderby !== undefined) kept.sort(byField(query.orderby));
  folder.memo = { key, version: mailbox.version, rows: kept };
  return kept;
}
