import type { Exception, Fields, FieldValue, Occurrences, StoreRecord, Write } from '@tidelock/core';
import { asPeople } from './event-write-map.ts';

/** Changing these of one's own meeting is told to nobody. */
const SILENT: ReadonlySet<string> = new Set(['categories', 'reminder']);

const exceptionsOf = (value: FieldValue | undefined): readonly Exception[] => {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'occurrences')
    return [];
  return Object.values((value as Occurrences).byStart).flatMap((child) =>
    child === 'cancelled' ? [] : [child],
  );
};

/** Everybody whom an event, or any occurrence of it, has on its list. */
function guestsOf(fields: Fields): readonly string[] {
  const lists = [fields.people, ...exceptionsOf(fields.occurrences).map((child) => child.people)];
  return lists.flatMap(
    (list) => asPeople(list as FieldValue | undefined)?.attendees.map(({ email }) => email) ?? [],
  );
}

const each = (addresses: readonly string[]): readonly string[] => [
  ...new Set(addresses.map((address) => address.trim().toLowerCase()).filter((address) => address !== '')),
];

/** Deleting somebody else's meeting may tell its organizer. */
function ofDelete(current: StoreRecord | undefined): readonly string[] {
  if (current === undefined) return [];
  if (current.writable !== false) return each(guestsOf(current.fields));
  const organizer = asPeople(current.fields.people)?.organizer;
  return organizer ? each([organizer]) : [];
}

/**
 * Addresses of those who would get mail: of an organizer's meeting everybody that is, was or will be on it, whatever of it is
 * written but what is the organizer's own. Pure.
 */
export function audienceOf(write: Write): readonly string[] {
  if (write.op === 'create') return each(guestsOf(write.fields));
  if (write.op === 'delete') return ofDelete(write.current);
  const told = Object.keys(write.patch).filter(
    (name) => write.patch[name] !== undefined && !SILENT.has(name),
  );
  if (told.length === 0 || write.current.writable === false) return [];
  return each([...guestsOf(write.current.fields), ...guestsOf(write.patch)]);
}
