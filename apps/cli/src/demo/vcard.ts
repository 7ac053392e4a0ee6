import { cutCards, parseLine, type RawCard, type VcardLine } from './vcard-lines.ts';
import { isBinary, splitParts, unescapeText, wireText } from './vcard-text.ts';

/** A person in the shape of an Outlook contact; absent properties are blank. */
export type OutlookContact = Readonly<Record<string, unknown>>;

export interface VcardProblem {
  /** 1 is the first card of the file. */
  readonly card: number;
  readonly line: number;
  readonly reason: string;
}

export interface VcardFile {
  readonly contacts: readonly OutlookContact[];
  readonly problems: readonly VcardProblem[];
  /** Values that a contact has no room for (a fourth e-mail address, a third telephone at work). */
  readonly left: number;
}

interface Card {
  readonly version: string;
  readonly lines: readonly VcardLine[];
}

const VERSIONS = ['2.1', '3.0', '4.0'];
const MAX_EMAILS = 3;
const MAX_PHONES = 2;

const all = (card: Card, name: string): VcardLine[] =>
  card.lines.filter((line) => line.name === name && !isBinary(line)).sort((x, y) => rank(x) - rank(y));

/** 0 for what is marked as preferred, else its own number or 100: sorting keeps the order of the file otherwise. */
function rank(line: VcardLine): number {
  if (line.types.includes('pref')) return 0;
  const number = Number(line.params.PREF);
  return Number.isInteger(number) && number > 0 ? Math.min(number, 100) - 1 : 100;
}

const textOf = (card: Card, line: VcardLine | undefined): string =>
  line === undefined ? '' : unescapeText(wireText(line), card.version);

const first = (card: Card, ...names: readonly string[]): string =>
  names.map((name) => textOf(card, all(card, name)[0])).find((text) => text !== '') ?? '';

function namesOf(card: Card): Record<string, string> {
  const line = all(card, 'N')[0];
  const parts = line === undefined ? [] : splitParts(wireText(line), card.version);
  const [surname = '', givenName = '', middleName = '', title = '', generation = ''] = parts;
  const formatted = first(card, 'FN');
  if (surname !== '' || givenName !== '')
    return { surname, givenName, middleName, title, generation, displayName: formatted };
  const words = formatted.split(/\s+/).filter((word) => word !== '');
  return { surname: words.at(-1) ?? '', givenName: words.slice(0, -1).join(' '), displayName: formatted };
}

/** `tel:+1-418-656-9254;ext=102` as people write it. */
const toPhone = (text: string): string => text.replace(/^tel:/i, '').replace(/;ext=(\d+)/i, ' ext. $1');

interface Kept {
  readonly fields: Record<string, unknown>;
  readonly left: number;
}

function phonesOf(card: Card): Kept {
  const places = { mobile: new Set<string>(), home: new Set<string>(), business: new Set<string>() };
  let left = 0;
  for (const line of all(card, 'TEL')) {
    const is = (type: string): boolean => line.types.includes(type);
    const value = toPhone(textOf(card, line));
    if (value === '') continue;
    const place = is('cell') ? 'mobile' : is('home') ? 'home' : 'business';
    const full = places[place].size >= (place === 'mobile' ? 1 : MAX_PHONES) && !places[place].has(value);
    if (is('fax') || is('pager') || full) left++;
    else places[place].add(value);
  }
  const [mobilePhone] = places.mobile;
  const fields = { mobilePhone, homePhones: [...places.home], businessPhones: [...places.business] };
  return { fields, left };
}

function emailsOf(card: Card, name: string): Kept {
  const found = new Map<string, string>();
  let left = 0;
  for (const line of all(card, 'EMAIL')) {
    const address = textOf(card, line).replace(/^mailto:/i, '');
    if (/^[^\s@]+@[^\s@]+$/.test(address)) found.set(address.toLowerCase(), address);
    else if (address !== '') left++;
  }
  const emails = [...found.values()];
  const emailAddresses = emails
    .slice(0, MAX_EMAILS)
    .map((address) => ({ address, name: name === '' ? address : name }));
  return { fields: { emailAddresses }, left: left + Math.max(0, emails.length - MAX_EMAILS) };
}

function addressesOf(card: Card): Kept {
  const fields: Record<string, unknown> = {};
  let left = 0;
  for (const line of all(card, 'ADR')) {
    const [
      box = '',
      extended = '',
      street = '',
      city = '',
      state = '',
      postalCode = '',
      countryOrRegion = '',
    ] = splitParts(wireText(line), card.version);
    const lines = [box, extended, street].filter((part) => part !== '').join('\n');
    const parts = { street: lines, city, state, postalCode, countryOrRegion };
    const filled = Object.entries(parts).filter(([, text]) => text !== '');
    const wanted = line.types.includes('home') ? 'homeAddress' : 'businessAddress';
    const place = [wanted, 'otherAddress'].find((name) => !(name in fields));
    if (filled.length === 0) continue;
    if (place === undefined) left++;
    else fields[place] = Object.fromEntries(filled);
  }
  return { fields, left };
}

/** `YYYY-MM-DD` as the instant that Outlook keeps; a day without a year stands in 1604, as Outlook writes it. */
function birthdayOf(card: Card): string | undefined {
  const text = first(card, 'BDAY');
  const full = /^(\d{4})-?(\d\d)-?(\d\d)(?!\d)/.exec(text);
  const yearless = /^--(\d\d)-?(\d\d)$/.exec(text);
  const [year, month, day] = full ? full.slice(1) : ['1604', ...(yearless?.slice(1) ?? [])];
  if (month === undefined || day === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const at = Date.parse(`${date}T11:59:00Z`);
  return new Date(at || 0).toISOString().startsWith(date) ? `${date}T11:59:00Z` : undefined;
}

const IDENTITY = [
  'surname',
  'givenName',
  'companyName',
  'emailAddresses',
  'mobilePhone',
  'businessPhones',
  'homePhones',
];
const isBlank = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

function toContact(card: Card): { contact: OutlookContact; left: number } {
  const names = namesOf(card);
  const org = all(card, 'ORG')[0];
  const [companyName, department] = org === undefined ? [] : splitParts(wireText(org), card.version);
  const pages = all(card, 'URL').sort(
    (x, y) => Number(y.types.includes('work')) - Number(x.types.includes('work')),
  );
  const notes = new Set(all(card, 'NOTE').map((line) => textOf(card, line)));
  const kept = [phonesOf(card), emailsOf(card, names.displayName ?? ''), addressesOf(card)];
  const birthday = birthdayOf(card);
  const lost = birthday === undefined && first(card, 'BDAY') !== '' ? 1 : 0;
  const contact: Record<string, unknown> = {
    ...names,
    companyName,
    department,
    nickName: first(card, 'NICKNAME'),
    jobTitle: first(card, 'TITLE'),
    profession: first(card, 'ROLE'),
    manager: first(card, 'X-MS-MANAGER', 'X-MANAGER'),
    assistantName: first(card, 'X-MS-ASSISTANT', 'X-ASSISTANT'),
    spouseName: first(card, 'X-MS-SPOUSE', 'X-SPOUSE'),
    businessHomePage: textOf(card, pages[0]),
    personalNotes: [...notes].filter((note) => note !== '').join('\n\n'),
    birthday,
    ...Object.assign({}, ...kept.map((part) => part.fields)),
  };
  const filled = Object.entries(contact).filter(([, value]) => !isBlank(value));
  return { contact: Object.fromEntries(filled), left: kept.reduce((sum, part) => sum + part.left, lost) };
}

function readCard(raw: RawCard): { contact: OutlookContact; left: number } | string {
  if (raw.reason !== null) return raw.reason;
  const lines = raw.lines.map(parseLine);
  const broken = lines.indexOf(null);
  if (broken >= 0) return `"${(raw.lines[broken] ?? '').slice(0, 20)}" is not a property`;
  const known = lines.filter((line) => line !== null);
  const version = known.find((line) => line.name === 'VERSION')?.raw.trim() ?? '3.0';
  if (!VERSIONS.includes(version)) return `version ${version.slice(0, 10)} is none of ${VERSIONS.join(', ')}`;
  const read = toContact({ version, lines: known });
  const empty = IDENTITY.every((name) => !(name in read.contact));
  return empty ? 'it has neither a name, a company, an e-mail address nor a telephone' : read;
}

/** The bytes as Latin-1, without their mark of order; UTF-16, as Windows programs save it, becomes UTF-8 first. */
function toBinary(bytes: Uint8Array): string {
  const [first, second, third] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null;
  if (utf16 !== null) return Buffer.from(new TextDecoder(utf16).decode(bytes)).toString('latin1');
  const marked = first === 0xef && second === 0xbb && third === 0xbf;
  return Buffer.from(bytes.subarray(marked ? 3 : 0)).toString('latin1');
}

/**
 * vCards 2.1, 3.0 and 4.0, several in a file, any line ends, charset and encoding. A card that cannot be read is
 * reported and costs only itself. Photos, keys and sounds are left out.
 */
export function readVcards(bytes: Uint8Array): VcardFile {
  const contacts: OutlookContact[] = [];
  const problems: VcardProblem[] = [];
  let left = 0;
  cutCards(toBinary(bytes)).forEach((raw, index) => {
    const read = readCard(raw);
    if (typeof read === 'string') problems.push({ card: index + 1, line: raw.line, reason: read });
    else {
      contacts.push(read.contact);
      left += read.left;
    }
  });
  if (contacts.length + problems.length === 0)
    problems.push({ card: 0, line: 1, reason: 'it holds no vCard' });
  return { contacts, problems, left };
}
