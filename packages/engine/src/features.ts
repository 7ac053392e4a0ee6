import type { Fields, FieldValue } from '@tidelock/core';
import type { Canon } from './canonical.ts';
import type { CompiledMapping } from './lens.ts';
import { similarNames } from './names.ts';

/** What matching looks at. Roles are taken from field types (e-mail, phone) and from the standard field names. */
export interface Features {
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly first: string;
  readonly last: string;
  readonly company: string;
  readonly birthday: string;
  /** Of events: what all copies of one have in common (field `uid`), and when it is under which subject. */
  readonly uid?: string;
  readonly slot?: string;
}

/** Letters and digits with single blanks between them, all ASCII: nothing to fold but their case. */
const PLAIN = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/;

function fold(value: FieldValue | undefined): string {
  if (typeof value !== 'string') return '';
  if (PLAIN.test(value)) return value.toLowerCase();
  return value
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const LEGAL_FORM =
  /\b(incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|plc|gmbh|ag|sa|sarl|bv|nv|ab|oy|spa|srl)\b/g;

function eventFeatures(canon: Canon, { uid, time, subject }: Fields): Pick<Features, 'uid' | 'slot'> {
  if (time === undefined) return {};
  const own = typeof uid === 'string' ? { uid } : {};
  const named = time !== null && typeof subject === 'string';
  return named ? { ...own, slot: `${canon.key('time', time)} ${fold(subject)}` } : own;
}

/** Of the few that a record has; a set would be larger than all of them. */
function addTo(keys: string[], key: string): void {
  if (!keys.includes(key)) keys.push(key);
}

export function featuresOf(mapping: Pick<CompiledMapping, 'fields'>, canon: Canon, values: Fields): Features {
  const emails: string[] = [];
  const phones: string[] = [];
  for (const field of mapping.fields) {
    const value = values[field.name] ?? null;
    if (value === null) continue;
    if (field.type === 'email') addTo(emails, canon.key('email', value));
    if (field.type === 'phone') addTo(phones, canon.key('phone', value));
  }
  return {
    ...eventFeatures(canon, values),
    emails,
    phones,
    first: fold(values.firstName),
    last: fold(values.lastName),
    company: fold(values.company).replace(LEGAL_FORM, ' ').replace(/ +/g, ' ').trim(),
    birthday: typeof values.birthday === 'string' ? values.birthday : '',
  };
}

/** 53 bits of a fast non-cryptographic hash (cyrb53). */
export function hash53(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}

const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const hexOf = (word: number): string =>
  `${BYTES[word >>> 24]}${BYTES[(word >>> 16) & 255]}${BYTES[(word >>> 8) & 255]}${BYTES[word & 255]}`;

/**
 * The same as hexadecimal text, as `toString(16)` writes it: keys are blocks, not secrets. By table, because JavaScript
 * divides digit by digit, which took longer than the hash.
 */
export function shortHash(text: string): string {
  const value = hash53(text);
  const high = Math.floor(value / 4294967296);
  if (high === 0) return value.toString(16);
  const head = hexOf(high);
  let from = 0;
  while (head.charCodeAt(from) === 48) from++;
  return head.slice(from) + hexOf(value >>> 0);
}

/** Mostly it is one, or two, and sorting makes lists of its own also for those. */
function inOrder(keys: string[]): string[] {
  const [first = '', second = ''] = keys;
  if (keys.length > 2) return keys.sort();
  return keys.length === 2 && second < first ? [second, first] : keys;
}

/** How the key begins that copies of one event share. */
export const UID_KEY = 'u';

/** Two records can only be candidates for each other when they share one of these. In the order of their letters, as they are stored. */
export function blockingKeys(features: Features): readonly string[] {
  const keys = inOrder(features.emails.map((email) => `e${shortHash(email)}`));
  if (features.last !== '') {
    if (features.first !== '') keys.push(`f${shortHash(`${features.first} ${features.last}`)}`);
    if (features.company !== '') keys.push(`n${shortHash(`${features.last} ${features.company}`)}`);
    keys.push(...inOrder(features.phones.map((phone) => `p${shortHash(`${phone} ${features.last}`)}`)));
  }
  if (features.slot !== undefined) keys.push(`s${shortHash(features.slot)}`);
  if (features.uid !== undefined) keys.push(`${UID_KEY}${shortHash(features.uid)}`);
  return keys.some((key, index) => keys.indexOf(key) < index) ? [...new Set(keys)] : keys;
}

export interface Score {
  /** Per cent; at least 75 links, 50 to 74 goes to a person. */
  readonly points: number;
  readonly reasons: readonly string[];
}

const shared = (x: readonly string[], y: readonly string[]): number =>
  x.filter((value) => y.includes(value)).length;

function nameScore(x: Features, y: Features): { points: number; reason: string | null; equal: boolean } {
  const named = x.last !== '' && y.last !== '';
  if (named && x.last === y.last && x.first === y.first && x.first !== '')
    return { points: 25, reason: 'same name', equal: true };
  if (named && similarNames(x, y)) return { points: 15, reason: 'similar name', equal: false };
  return { points: 0, reason: named ? 'different names' : null, equal: false };
}

/** One event is known by what its copies have in common; without it, by its time and subject together. */
function scoreEvents(x: Features, y: Features): Score | null {
  if (x.uid !== undefined && y.uid !== undefined)
    return x.uid === y.uid ? { points: 100, reasons: ['the same event'] } : { points: 0, reasons: [] };
  if (x.slot === undefined || y.slot === undefined) return null;
  return x.slot === y.slot
    ? { points: 80, reasons: ['same time and subject'] }
    : { points: 0, reasons: ['another time or subject'] };
}

/** Symmetric. The weights are those of the design; contradictions count against. */
export function scorePair(x: Features, y: Features): Score {
  const event = scoreEvents(x, y);
  if (event !== null) return event;
  const reasons: string[] = [];
  let points = 0;
  const add = (value: number, reason: string): void => {
    points += value;
    reasons.push(reason);
  };
  const emails = shared(x.emails, y.emails);
  if (emails > 0)
    add(
      60 + 10 * (emails - 1),
      emails === 1 ? 'one e-mail address in common' : `${emails} e-mail addresses in common`,
    );
  const phones = shared(x.phones, y.phones);
  if (phones > 0) add(25, 'a phone number in common');
  const name = nameScore(x, y);
  if (name.reason !== null) add(name.points, name.reason);
  if (x.company !== '' && x.company === y.company) add(10, 'same company');
  if (emails === 0 && name.equal && x.emails.length > 0 && y.emails.length > 0)
    add(-30, 'no e-mail address in common');
  if (x.birthday !== '' && y.birthday !== '' && x.birthday !== y.birthday) add(-40, 'different birthdays');
  return { points, reasons };
}
