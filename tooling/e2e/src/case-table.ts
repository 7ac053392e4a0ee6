import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SCENARIOS } from './scenarios/all.ts';

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
const [BEGIN, END] = [
  '<!-- acceptance cases: src/case-table.ts --write -->',
  '<!-- end of acceptance cases -->',
];

/** The cases, by number and what goes wrong. */
const TITLES = [
  'a filter exit cancels a live meeting',
  'a small CRM edit mails every attendee',
  'a first sync re-invites the past',
  'a first contact sync doubles the address book',
  'reset or relink duplicates everything',
  'an echo loop without end',
  'no-op ping-pong',
  'time-out, retry, twin',
  'one meeting, many mailboxes, many CRM records',
  "somebody else's mailbox id",
  'an empty or unavailable side wipes the other',
  'deleting a copy deletes the original',
  'the refused deletion that asks for ever',
  'the deleted contact comes back',
  'delete against edit loses the edit',
  'only the first date survives',
  'the deleted occurrence nobody reports',
  '"this and following" shreds the series',
  'a rescheduled series leaves ghosts',
  'a poison item',
  '"cannot read" taken for deleted',
  'a series anchored in UTC drifts',
  'all-day items slip',
  'an unknown zone drops the invitation',
  "the window's edge",
  'the change token is lost',
  'push goes quiet, or success with nothing',
  'throttling becomes a partial import',
  'the Teams link vanishes',
  '"importing" since Tuesday',
  'moved away and back',
  'a contact squeezed',
  'a company blanked',
  'an expired secret',
  'a private item leaks',
  'the own company as customer',
  "the user's own contacts bulldozed",
  'a body flattened',
  'stale relations',
  'one occurrence, whole series gone',
  'endless pages',
  'endless series',
  'delta omits a series',
] as const;

const CRMS = ['salesforce', 'hubspot'] as const;
type Crm = (typeof CRMS)[number];

/** Cases that a CRM cannot have, and why. */
const WITHOUT: Readonly<Record<Crm, Readonly<Record<string, string>>>> = { salesforce: {}, hubspot: {} };

/** The number of a case, as names of tests begin with it. */
export const numberOf = (index: number): string => `AC-${String(index + 1).padStart(2, '0')}`;

export interface Shown {
  readonly number: string;
  readonly crm: Crm;
  /** Where, without what all of these files have in their names. */
  readonly file: string;
}

const numbersIn = (text: string): readonly string[] => text.match(/AC-\d\d/g) ?? [];

/** What a file of tests shows: a name begins with numbers; a block is played with both CRMs, or with Salesforce. */
export function shownIn(file: string, source: string): readonly Shown[] {
  if (/\b(?:it|test|describe)(?:\.each\([^)]*\))?\.(?:skip|only|todo)\b/.test(source))
    throw new Error(`${file} leaves out tests, so nobody knows what it shows: take skip, only and todo away`);
  return source.split(/^(?=describe)/m).flatMap((block) => {
    const crms: readonly Crm[] = block.startsWith('describe.each(VENDORS)') ? CRMS : ['salesforce'];
    const names = block.match(/(?<=['"`])AC-\d\d(?:, AC-\d\d)* /g) ?? [];
    return names.flatMap(numbersIn).flatMap((number) => crms.map((crm) => ({ number, crm, file })));
  });
}

/** What is shown by tests of their own, and by the plays that every CRM gets. */
export function allShown(): readonly Shown[] {
  const folder = join(ROOT, 'test');
  const files = readdirSync(folder).filter((name) => /^ac-.*\.test\.ts$/.test(name));
  const tests = files.flatMap((name) =>
    shownIn(name.replace(/^ac-|\.test\.ts$/g, ''), readFileSync(join(folder, name), 'utf8')),
  );
  const plays = SCENARIOS.flatMap((make) => numbersIn(make().name.slice(0, 5))).flatMap((number) =>
    CRMS.map((crm) => ({ number, crm, file: 'plays' })),
  );
  return [...tests, ...plays];
}

/** Cases that nothing shows with a CRM, though nothing says that it cannot have them. */
export const missingIn = (shown: readonly Shown[]): readonly string[] =>
  CRMS.flatMap((crm) =>
    TITLES.map((_, index) => numberOf(index))
      .filter((number) => WITHOUT[crm][number] === undefined)
      .filter((number) => !shown.some((one) => one.number === number && one.crm === crm))
      .map((number) => `${number} with ${crm}`),
  );

function cellOf(shown: readonly Shown[], number: string, crm: Crm): string {
  const files = shown.filter((one) => one.number === number && one.crm === crm).map(({ file }) => file);
  return files.length === 0 ? (WITHOUT[crm][number] ?? '-') : [...new Set(files)].sort().join(', ');
}

/** Which file shows which case with which CRM. */
export function caseTable(shown: readonly Shown[]): string {
  const rows = TITLES.map((title, index) => {
    const number = numberOf(index);
    return `| ${number} | ${title} | ${CRMS.map((crm) => cellOf(shown, number, crm)).join(' | ')} |`;
  });
  return ['| case | what goes wrong for others | Salesforce | HubSpot |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** The table as the README has it. */
export function writtenTable(): string {
  const text = readFileSync(README, 'utf8');
  return text.split(BEGIN)[1]?.split(END)[0]?.trim() ?? '';
}

function write(): void {
  const text = readFileSync(README, 'utf8');
  const [before, rest] = [text.split(BEGIN)[0], text.split(END)[1]];
  if (before === undefined || rest === undefined) throw new Error(`README.md has no region "${BEGIN}"`);
  writeFileSync(README, `${before}${BEGIN}\n${caseTable(allShown())}\n${END}${rest}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--write')) write();
  else process.stdout.write(`${caseTable(allShown())}\n`);
}
