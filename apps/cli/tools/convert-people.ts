/**
 * Makes `apps/cli/data/people.json` from `legislators-current.yaml` of the project unitedstates/congress-legislators
 * (public domain, CC0 1.0). Run: node --conditions=@tidelock/source apps/cli/tools/convert-people.ts [FILE]
 * Names, birthdays, offices, telephone numbers and web pages are the source's; e-mail addresses are made up under
 * reserved domains. Same input, same output.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';

const SOURCE = fileURLToPath(
  new URL('../../../../shared/data/people/legislators-current.yaml', import.meta.url),
);
const TARGET = fileURLToPath(new URL('../data/people.json', import.meta.url));

const Term = z.looseObject({
  type: z.enum(['sen', 'rep']),
  state: z.string(),
  district: z.number().optional(),
  state_rank: z.string().optional(),
  url: z.string().optional(),
  address: z.string().optional(),
  phone: z.string().optional(),
});
const Legislator = z.looseObject({
  name: z.looseObject({
    first: z.string(),
    middle: z.string().optional(),
    last: z.string(),
    suffix: z.string().optional(),
    nickname: z.string().optional(),
  }),
  bio: z.looseObject({ birthday: z.string() }),
  terms: z.array(Term).min(1),
});
type Legislator = z.infer<typeof Legislator>;

const COLUMNS = [
  'first',
  'middle',
  'last',
  'suffix',
  'nickname',
  'birthday',
  'email',
  'phone',
  'street',
  'city',
  'region',
  'postalCode',
  'webPage',
  'title',
  'state',
  'company',
];

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '');

function splitAddress(text: string | undefined): string[] {
  const match = /^(.*) (Washington) (DC) (\d{5}(?:-\d{4})?)$/i.exec((text ?? '').trim());
  return match === null ? [(text ?? '').trim(), '', '', ''] : match.slice(1);
}

function emailOf(person: Legislator, senator: boolean, taken: Set<string>): string {
  const { first, middle, last } = person.name;
  const host = senator ? 'senate.example.org' : 'house.example.org';
  const names = [
    `${plain(first)}.${plain(last)}`,
    `${plain(first)}.${plain(middle ?? 'x').charAt(0)}.${plain(last)}`,
  ];
  const free = names.find((name) => !taken.has(`${name}@${host}`));
  if (free === undefined) throw new Error(`two people are called ${first} ${last}`);
  taken.add(`${free}@${host}`);
  return `${free}@${host}`;
}

function toRow(person: Legislator, taken: Set<string>): string {
  const term = person.terms.at(-1);
  if (term === undefined) throw new Error('a person without a term');
  const senator = term.type === 'sen';
  const { first, middle, last, suffix, nickname } = person.name;
  const cells = [
    first,
    middle ?? '',
    last,
    suffix ?? '',
    nickname ?? '',
    person.bio.birthday,
    emailOf(person, senator, taken),
    term.phone ?? '',
    ...splitAddress(term.address),
    term.url ?? '',
    senator ? 'Senator' : 'Representative',
    senator || !term.district ? term.state : `${term.state}-${term.district}`,
    senator ? 'United States Senate' : 'House of Representatives',
  ];
  if (cells.length !== COLUMNS.length || cells.some((cell) => cell.includes('|'))) {
    throw new Error(`${first} ${last} does not fit the columns`);
  }
  return cells.join('|');
}

const source = process.argv[2] ?? SOURCE;
if (!existsSync(source)) {
  console.error(
    `${source} is absent. Get legislators-current.yaml from github.com/unitedstates/congress-legislators and name it.`,
  );
  process.exit(2);
}
const people = z.array(Legislator).parse(parse(readFileSync(source, 'utf8')));
const taken = new Set<string>();
const document = {
  source: 'unitedstates/congress-legislators, legislators-current.yaml',
  licence: 'CC0-1.0',
  columns: COLUMNS,
  people: people.map((person) => toRow(person, taken)),
};
writeFileSync(TARGET, `${JSON.stringify(document, null, 2)}\n`);
console.log(`${people.length} people -> ${TARGET}`);
