import type { Random } from '../kit/random.ts';

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

/** `EQAAABYAAAC...`: the text inside the etag `W/"..."`. Standard alphabet, so `/` and `+` occur. */
export function nextChangeKey(ids: IdSpace): string {
  ids.changes += 1;
  return `EQAAABYAAAC${ids.mailboxTag.slice(0, 20).replaceAll('-', '+').replaceAll('_', '/')}${digits(
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
