import { createDice, type Dice } from './dice.ts';
import { type Entry, toEntry } from './entry.ts';
import type { Person } from './people.ts';
import { asInCrm, asInMailbox, otherCompany, shortName } from './spelling.ts';

/** A user of the demo tenant, who has a mailbox and is a user of the CRM. */
export interface DemoUser {
  readonly address: string;
  readonly name: string;
  readonly jobTitle: string;
}

export const DEMO_DOMAIN = 'tidelock.example';
export const DEMO_USERS: readonly [DemoUser, DemoUser, DemoUser] = [
  { address: `anna@${DEMO_DOMAIN}`, name: 'Anna Larsen', jobTitle: 'Public affairs' },
  { address: `ben@${DEMO_DOMAIN}`, name: 'Ben Okafor', jobTitle: 'Key accounts' },
  { address: `chloe@${DEMO_DOMAIN}`, name: 'Chloe Martin', jobTitle: 'Events' },
];

/** Accounts of the CRM: companies spelled otherwise match none of them. */
export const DEMO_ACCOUNTS = ['United States Senate', 'House of Representatives', 'IBM'] as const;

export interface CrmEntry {
  readonly owner: number;
  readonly entry: Entry;
}

/** People whom the story of the demo is about, by e-mail address. All are in Anna's mailbox and in the CRM. */
export interface Cast {
  readonly editedInOutlook: string;
  readonly editedInCrm: string;
  readonly editedInBoth: string;
  readonly contested: string;
  readonly deletedInOutlook: string;
}

export interface Population {
  /** One list a user, in the order of {@link DEMO_USERS}. */
  readonly mailboxes: readonly (readonly Entry[])[];
  readonly crm: readonly CrmEntry[];
  readonly cast: Cast;
  /** What must come of it. */
  readonly expected: {
    /** Mailbox records that have a partner in the CRM. */
    readonly pairs: number;
    /** Doubtful pairs that only a person can decide. */
    readonly doubtful: readonly { readonly owner: number; readonly last: string }[];
    /** Mailbox records of people who are in two mailboxes. */
    readonly twice: number;
  };
}

interface Draft {
  readonly mailboxes: Entry[][];
  readonly crm: CrmEntry[];
  readonly doubtful: { owner: number; last: string }[];
  pairs: number;
}

const SHARE_BOTH = 0.45;
const SHARE_MAILBOX = 0.27;
const CAST = 5;

function put(draft: Draft, owner: number, of: { mailbox?: Entry; crm?: Entry }): void {
  if (of.mailbox) draft.mailboxes[owner]?.push(of.mailbox);
  if (of.crm) draft.crm.push({ owner, entry: of.crm });
  if (of.mailbox && of.crm) draft.pairs++;
}

function place(draft: Draft, owner: number, of: { person: Person; dice: Dice }): void {
  const entry = toEntry(of.person);
  const roll = of.dice.next();
  if (roll < SHARE_BOTH) {
    put(draft, owner, { mailbox: asInMailbox(entry, of), crm: asInCrm(entry, of) });
  } else if (roll < SHARE_BOTH + SHARE_MAILBOX) {
    const mailbox = asInMailbox(entry, of);
    put(draft, owner, {
      mailbox: of.dice.chance(0.25) ? otherCompany(mailbox, of.dice, of.person) : mailbox,
    });
  } else put(draft, owner, { crm: asInCrm(entry, of) });
}

/** Enough in common to be one person, too little to be sure. */
function placeDoubtful(draft: Draft, people: readonly Person[], dice: Dice): void {
  const doubts: ((entry: Entry, person: Person) => Entry)[] = [
    (entry) => ({ ...entry, email: undefined }),
    (entry, person) => ({ ...shortName(entry, dice, person), email: undefined }),
    (entry) => ({
      ...entry,
      birthday: `19${entry.birthday?.startsWith('196') ? '7' : '6'}1-02-03`,
      phone: undefined,
    }),
  ];
  doubts.forEach((doubt, owner) => {
    const person = people[owner];
    if (person === undefined) return;
    const entry = toEntry(person);
    draft.mailboxes[owner]?.push(doubt(entry, person));
    draft.crm.push({ owner, entry });
    draft.doubtful.push({ owner, last: person.last });
  });
}

const emailAt = (people: readonly Person[], index: number): string => people[index]?.email ?? '';

/**
 * Three address books and a CRM that overlap in part. The same seed gives the same lists. Everybody has an e-mail
 * address but those who are meant to be doubtful, so matching has one right answer for all others.
 */
export function createPopulation(people: readonly Person[], seed: number): Population {
  const dice = createDice(seed);
  const shuffled = dice.shuffle(people.filter((person) => person.phone !== '' && person.street !== ''));
  const senator = (person: Person): boolean => person.title === 'Senator';
  const nicknamed = (person: Person): boolean =>
    shortName({ first: person.first, last: '' }, dice, person).first !== person.first;
  const unsure = [
    shuffled.find((person) => !senator(person)),
    shuffled.find((person) => senator(person) && nicknamed(person)),
    shuffled.findLast((person) => senator(person) && !nicknamed(person)),
  ].filter((person) => person !== undefined);
  const rest = shuffled.filter((person) => !unsure.includes(person));
  const draft: Draft = { mailboxes: DEMO_USERS.map(() => []), crm: [], doubtful: [], pairs: 0 };
  for (const person of rest.slice(0, CAST)) put(draft, 0, { mailbox: toEntry(person), crm: toEntry(person) });
  const twice = rest[CAST];
  if (twice) {
    put(draft, 0, { mailbox: toEntry(twice), crm: toEntry(twice) });
    put(draft, 1, { mailbox: toEntry(twice) });
  }
  placeDoubtful(draft, unsure, dice);
  rest.slice(CAST + 1).forEach((person, index) => {
    place(draft, index % DEMO_USERS.length, { person, dice });
  });
  return {
    mailboxes: draft.mailboxes,
    crm: draft.crm,
    cast: {
      editedInOutlook: emailAt(rest, 0),
      editedInCrm: emailAt(rest, 1),
      editedInBoth: emailAt(rest, 2),
      contested: emailAt(rest, 3),
      deletedInOutlook: emailAt(rest, 4),
    },
    expected: { pairs: draft.pairs, doubtful: draft.doubtful, twice: twice ? 1 : 0 },
  };
}
