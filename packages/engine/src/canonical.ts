import type { Address, FieldType, FieldValue } from '@tidelock/core';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import { cleanEventValue, eventKey, isEventValue } from './event-canon.ts';
import { htmlKey } from './html.ts';

const ADDRESS_PARTS = ['street', 'city', 'state', 'postalCode', 'country'] as const;
const PHONE_CACHE_LIMIT = 20_000;
/** An international number of North America with ten digits: the library can make nothing else of it than these digits. */
const NORTH_AMERICAN = /^\+1[ .-]?(?:\(([2-9]\d\d)\)|([2-9]\d\d))[ .-]?([2-9]\d\d)[ .-]?(\d{4})$/;

/** Compares values of one type: equal keys mean "the same value, perhaps written differently". */
export interface Canon {
  /** The value as it is kept and sent: cleaned, never reformatted. Blank forms become null. Idempotent. */
  clean(type: FieldType, value: FieldValue | undefined): FieldValue;
  /** Comparison key of a cleaned value; blank is the empty string. */
  key(type: FieldType, value: FieldValue): string;
  equal(type: FieldType, left: FieldValue, right: FieldValue): boolean;
}

/** Printable ASCII without blanks at its ends or side by side: most values, and there is nothing to clean in them. */
function isPlain(text: string): boolean {
  let blank = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 32 ? blank : code < 33 || code > 126) return false;
    blank = code === 32;
  }
  return !blank;
}

function squeeze(text: string): string {
  if (isPlain(text)) return text;
  return text
    .normalize('NFC')
    .replace(/[\s\u00a0]+/gu, ' ')
    .trim();
}

function cleanLines(text: string): string {
  if (isPlain(text)) return text;
  return text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

function cleanAddress(value: Address): FieldValue {
  const parts: Record<string, string> = {};
  for (const part of ADDRESS_PARTS) {
    const text = part === 'street' ? cleanLines(value[part] ?? '').trim() : squeeze(value[part] ?? '');
    if (text !== '') parts[part] = text;
  }
  return Object.keys(parts).length === 0 ? null : parts;
}

function cleanSet(values: readonly string[]): FieldValue {
  const seen = new Map<string, string>();
  for (const value of values) {
    const text = squeeze(value);
    if (text !== '' && !seen.has(text.toLowerCase())) seen.set(text.toLowerCase(), text);
  }
  if (seen.size === 0) return null;
  return [...seen.entries()].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, text]) => text);
}

function cleanHtml(value: string): FieldValue {
  const html = value.replace(/\r\n?/g, '\n').trim();
  return htmlKey(html) === '' ? null : html;
}

const cleanMinutes = (text: string): string => (/^\d{1,9}$/.test(text) ? String(Number(text)) : text);

function cleanText(type: FieldType, value: string): FieldValue {
  if (type === 'html') return cleanHtml(value);
  const text = type === 'multiline' ? cleanLines(value) : squeeze(value);
  if (text.trim() === '') return null;
  return type === 'minutes' ? cleanMinutes(text) : text;
}

export function isAddress(value: FieldValue | undefined): value is Address {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('kind' in value);
}

export const isList = (value: FieldValue | undefined): value is readonly string[] => Array.isArray(value);

function clean(type: FieldType, value: FieldValue | undefined): FieldValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return type === 'set' ? cleanSet([value]) : cleanText(type, value);
  if (isList(value)) return type === 'set' ? cleanSet(value) : cleanText(type, value.join('\n'));
  return isEventValue(value) ? cleanEventValue(value, { clean, key: noKey }) : cleanAddress(value);
}

/** Cleaning asks for no keys. */
const noKey = (): string => '';

function urlKey(text: string): string {
  const bare = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  return slash < 0 ? bare.toLowerCase() : bare.slice(0, slash).toLowerCase() + bare.slice(slash);
}

function addressKey(value: Address): string {
  return ADDRESS_PARTS.map((part) => squeeze(value[part] ?? '').toLowerCase()).join('\u0001');
}

/** `region`: ISO 3166 code that national phone numbers belong to. Numbers that do not parse compare by their digits. */
export function createCanon(options: { readonly region: string }): Canon {
  const phones = new Map<string, string>();
  const phoneKey = (text: string): string => {
    const plain = NORTH_AMERICAN.exec(text);
    if (plain !== null) return `+1${plain[1] ?? plain[2]}${plain[3]}${plain[4]}`;
    const known = phones.get(text);
    if (known !== undefined) return known;
    const parsed = parsePhoneNumberFromString(text, options.region as CountryCode);
    const digits = text.replace(/[^\d+*#]/g, '');
    const key = parsed
      ? parsed.number + (parsed.ext ? `;${parsed.ext}` : '')
      : digits === ''
        ? squeeze(text)
        : digits;
    if (phones.size >= PHONE_CACHE_LIMIT) phones.clear();
    phones.set(text, key);
    return key;
  };
  const keys: Record<FieldType, (text: string) => string> = {
    text: squeeze,
    multiline: cleanLines,
    email: (text) => squeeze(text).toLowerCase(),
    phone: phoneKey,
    date: squeeze,
    url: urlKey,
    address: squeeze,
    set: (text) => squeeze(text).toLowerCase(),
    time: squeeze,
    recurrence: squeeze,
    occurrences: squeeze,
    people: squeeze,
    html: htmlKey,
    choice: (text) => squeeze(text).toLowerCase(),
    minutes: squeeze,
  };
  const key = (type: FieldType, value: FieldValue): string => {
    if (value === null) return '';
    if (typeof value === 'string') return keys[type](value);
    if (isList(value)) return value.map((member) => keys.set(member)).join('\u0001');
    return isEventValue(value) ? eventKey(value, { clean, key }) : addressKey(value);
  };
  return { clean, key, equal: (type, left, right) => left === right || key(type, left) === key(type, right) };
}

export { ADDRESS_PARTS };
