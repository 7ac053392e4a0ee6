import type { Random } from '../kit/random.ts';
import { createRandom } from '../kit/random.ts';

const urlSafe = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The ids of one mailbox. All are case-sensitive and differ, now and then, in case only. */
export interface IdSpace {
  readonly mailboxTag: string;
  readonly random: Random;
  items: number;
  changes: number;
}

const digits = (value: number, count: number, alphabet: string): string => {
  let text = '';
  let rest = value;
  for (let i = 0; i < count; i += 1) {
    text = alphabet.charAt(rest % 64) + text;
    rest = Math.floor(rest / 64);
  }
  return text;
};

export function createIdSpace(random: Random): IdSpace {
  let mailboxTag = '';
  while (mailboxTag.length < 44) mailboxTag += digits(random.int(2 ** 24), 4, urlSafe);
  return { mailboxTag, random, items: 0, changes: 0 };
}

/** Ids of the same mailbox that come in an order of their own: what is in the calendar does not change those of contacts. */
export function createSideSpace({ mailboxTag }: IdSpace): IdSpace {
  const seed = [...mailboxTag].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) | 0, 7);
  return { mailboxTag, random: createRandom(seed), items: 0x400000, changes: 0 };
}

/** Eight characters, unique in the mailbox: a scrambled counter and a random half. */
export function nextTag(ids: IdSpace): string {
  ids.items += 1;
  const scrambled = Math.imul(ids.items, 0x9e3779b1) & 0xffffff;
  return digits(ids.random.int(2 ** 24), 4, urlSafe) + digits(scrambled, 4, urlSafe);
}

/** Changes when the item moves: it carries the folder. */
export const defaultItemId = (ids: IdSpace, folderTag: string, tag: string): string =>
  `AAMk${ids.mailboxTag}BGAAAAAA${folderTag}BwAA${tag}AAAAAAEOAAA=`;

export const immutableItemId = (ids: IdSpace, tag: string): string => `AAkALg${ids.mailboxTag}EDtb${tag}AAA=`;

export const folderId = (ids: IdSpace, tag: string): string => `AAMk${ids.mailboxTag}AuAAAAAA${tag}AQAAA=`;

/** Days before 1970 have numbers too. */
const DAY_OFFSET = 1_000_000;

/** Of one occurrence: the id of its master, with the date in it that the pattern gave. Default or immutable as the master's. */
export function occurrenceItemId(ids: IdSpace, masterId: string, day: number): string {
  const at = masterId.indexOf(ids.mailboxTag) + ids.mailboxTag.length;
  return `${masterId.slice(0, at)}FRAI${digits(day + DAY_OFFSET, 4, urlSafe)}${masterId.slice(at)}`;
}

/** Null for an id that is no occurrence's of this mailbox. */
export function splitOccurrenceId(ids: IdSpace, id: string): { masterId: string; day: number } | null {
  const at = id.indexOf(ids.mailboxTag) + ids.mailboxTag.length;
  if (at < ids.mailboxTag.length || id.slice(at, at + 4) !== 'FRAI') return null;
  const day = [...id.slice(at + 4, at + 8)].reduce((sum, digit) => sum * 64 + urlSafe.indexOf(digit), 0);
  return { masterId: id.slice(0, at) + id.slice(at + 8), day: day - DAY_OFFSET };
}

/**
 * `EQAAABYAAAC...` (contacts), `DwAAABYAAAC...` (events): the text inside the etag `W/"..."`. Standard alphabet, so `/` and
 * `+` occur.
 */
export function nextChangeKey(ids: IdSpace, kind: 'EQ' | 'Dw' = 'EQ'): string {
  ids.changes += 1;
  return `${kind}AAABYAAAC${ids.mailboxTag.slice(0, 20).replaceAll('-', '+').replaceAll('_', '/')}${digits(
    ids.changes,
    8,
    standard,
  )}`;
}

/** False for garbage, truncated ids and ids of another mailbox: the service answers 400 to those, not 404. */
export function isOwnId(ids: IdSpace, id: string): boolean {
  const sample = id.startsWith('AAkALg')
    ? immutableItemId(ids, '12345678')
    : id.includes('AuAAAAAA')
      ? folderId(ids, '12345678')
      : defaultItemId(ids, '12345678', '12345678');
  const head = sample.slice(0, sample.indexOf(ids.mailboxTag) + ids.mailboxTag.length);
  return id.length === sample.length && id.startsWith(head) && id.endsWith('AAA=');
}
