import type { Dice } from './dice.ts';
import type { Entry } from './entry.ts';
import type { Person } from './people.ts';

/** How real lists spell the same person differently. Each changes one thing and leaves the rest. */
type Habit = (entry: Entry, dice: Dice, person: Person) => Entry;

const SHORT_NAMES: Readonly<Record<string, string>> = {
  Andrew: 'Andy',
  Benjamin: 'Ben',
  Christopher: 'Chris',
  Daniel: 'Dan',
  David: 'Dave',
  Deborah: 'Debbie',
  Donald: 'Don',
  Edward: 'Ed',
  Elizabeth: 'Liz',
  Gregory: 'Greg',
  James: 'Jim',
  Jeffrey: 'Jeff',
  John: 'Jack',
  Joseph: 'Joe',
  Kenneth: 'Ken',
  Margaret: 'Maggie',
  Michael: 'Mike',
  Nicholas: 'Nick',
  Patrick: 'Pat',
  Raymond: 'Ray',
  Richard: 'Rick',
  Robert: 'Bob',
  Ronald: 'Ron',
  Steven: 'Steve',
  Susan: 'Sue',
  Thomas: 'Tom',
  Timothy: 'Tim',
  William: 'Bill',
};
const COMPANY_VARIANTS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'United States Senate': ['U.S. Senate', 'US Senate', 'The Senate'],
  'House of Representatives': ['U.S. House of Representatives', 'US House', 'House'],
};
const STREETS = ['12 Elm Street', '48 Maple Avenue', '7 Mill Lane', '230 Main Street'] as const;
const NOTES = [
  'Met at the county fair.\nPrefers e-mail.',
  'Ask the scheduler first.',
  'Sends a card every December.',
] as const;

export const shortName: Habit = (entry, _dice, person) => {
  const short = SHORT_NAMES[person.first] ?? '';
  return short === '' ? entry : { ...entry, first: short };
};
const capitals: Habit = (entry) => ({ ...entry, last: entry.last.toUpperCase() });
const noAccents: Habit = (entry) => ({
  ...entry,
  first: entry.first?.normalize('NFD').replace(/\p{M}/gu, ''),
  last: entry.last.normalize('NFD').replace(/\p{M}/gu, ''),
});
const spaces: Habit = (entry) => ({
  ...entry,
  last: `${entry.last} `,
  title: entry.title === undefined ? undefined : ` ${entry.title}`,
});
const otherPhone: Habit = (entry, dice) => {
  const [area, exchange, number] = (entry.phone ?? '').split('-');
  if (number === undefined) return entry;
  const phone = dice.pick([
    `(${area}) ${exchange}-${number}`,
    `+1 ${area} ${exchange} ${number}`,
    `${area}.${exchange}.${number}`,
  ]);
  return { ...entry, phone };
};
const abbreviated: Habit = (entry) => {
  if (entry.office === undefined) return entry;
  const street = entry.office.street.replace('Office Building', 'Office Bldg.').replace('Street', 'St.');
  return { ...entry, office: { ...entry.office, street, city: 'Washington, D.C.' } };
};
const secondEmail: Habit = (entry) =>
  entry.email === undefined ? entry : { ...entry, email2: entry.email.replace(/@.*/, '@mail.example.com') };
const homeAddress: Habit = (entry, dice, person) => ({
  ...entry,
  home: { street: dice.pick(STREETS), region: person.state.slice(0, 2) },
});
const mobile: Habit = (entry, dice) => ({
  ...entry,
  mobile: `202-555-01${String(Math.floor(dice.next() * 100)).padStart(2, '0')}`,
});
const notes: Habit = (entry, dice) => ({ ...entry, notes: dice.pick(NOTES) });
const lacks =
  (...names: readonly (keyof Entry)[]): Habit =>
  (entry) => ({ ...entry, ...Object.fromEntries(names.map((name) => [name, undefined])) });
const capitalEmail: Habit = (entry) => ({
  ...entry,
  email: entry.email?.replace(/^./, (letter) => letter.toUpperCase()),
});

export const otherCompany: Habit = (entry, dice) => {
  const variants = COMPANY_VARIANTS[entry.company ?? ''];
  return variants === undefined ? entry : { ...entry, company: dice.pick(variants) };
};

/** What happens to names in telephones and mail programs, and how often. */
const MAILBOX_HABITS: readonly (readonly [share: number, habit: Habit])[] = [
  [0.15, shortName],
  [0.06, capitals],
  [0.1, spaces],
  [0.5, otherPhone],
  [0.2, abbreviated],
  [0.12, secondEmail],
  [0.12, homeAddress],
  [0.2, mobile],
  [0.15, notes],
  [0.3, lacks('birthday')],
  [0.15, lacks('title', 'department')],
  [0.2, lacks('webPage')],
  [0.1, capitalEmail],
];

/** What happens to them in a CRM. */
const CRM_HABITS: readonly (readonly [share: number, habit: Habit])[] = [
  [0.5, noAccents],
  [0.2, otherPhone],
  [0.25, lacks('birthday')],
  [0.2, lacks('office')],
  [0.15, lacks('phone')],
  [0.1, lacks('webPage')],
];

const apply = (
  habits: readonly (readonly [number, Habit])[],
  entry: Entry,
  of: { dice: Dice; person: Person },
): Entry =>
  habits.reduce(
    (now, [share, habit]) => (of.dice.chance(share) ? habit(now, of.dice, of.person) : now),
    entry,
  );

export const asInMailbox = (entry: Entry, of: { dice: Dice; person: Person }): Entry =>
  apply(MAILBOX_HABITS, entry, of);
export const asInCrm = (entry: Entry, of: { dice: Dice; person: Person }): Entry =>
  apply(CRM_HABITS, entry, of);
