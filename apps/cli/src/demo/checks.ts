import { DEMO_USERS, type Population } from './population.ts';
import type { Services } from './services.ts';
import type { Tally } from './tally.ts';

/** One number that the demo printed, and the same number as the services themselves know it. */
export interface Check {
  readonly what: string;
  readonly told: number;
  readonly oracle: number;
  readonly equal: boolean;
}

export interface Told {
  /** Everything that the syncs say they wrote and linked among contacts. */
  readonly tally: Tally;
  /** By mailbox, in the order of {@link DEMO_USERS}: contacts created less contacts deleted by the syncs. */
  readonly grown: readonly number[];
  /** The same for what people did, and in the CRM. */
  readonly people: { readonly mailboxes: readonly number[]; readonly crm: number };
  readonly imported: number;
  /** Live pairs and open questions in the state store. */
  readonly pairs: number;
  /** Pairs whose CRM record belongs to somebody whose mailbox this is not. */
  readonly left: number;
  readonly questions: number;
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim().toLowerCase() : '');
const count = <T>(items: readonly T[], test: (item: T) => boolean): number => items.filter(test).length;

/** Name, address or telephone, and birthday: what two records of one person agree on once they are in step. */
function keyOf(of: {
  first: unknown;
  last: readonly unknown[];
  contact: readonly unknown[];
  birthday: unknown;
}): string {
  const last = of.last.map(text).find((name) => name !== '') ?? '';
  const contact = of.contact.map(text).find((value) => value !== '') ?? '';
  const birthday = text(of.birthday).slice(0, 10);
  return JSON.stringify([text(of.first), last, contact, birthday.startsWith('1604') ? '' : birthday]);
}

/** A CRM may demand a last name; for want of one the mapping takes the company or the address up to the @. */
const standIns = (company: unknown, email: string | undefined): readonly unknown[] => [
  company,
  email?.split('@')[0],
];

/** Mailbox contacts with an equal in the CRM, found without asking Tidelock: of the mailbox's owner, or else of others. */
function equals(services: Services): { own: number; foreign: number } {
  const owners = new Map<string, Set<unknown>>();
  for (const { owner, values } of services.crm.records()) {
    const key = keyOf({
      first: values.firstName,
      last: [values.lastName, ...standIns(values.company, values.email)],
      contact: [values.email, values.mobilePhone, values.businessPhone, values.homePhone],
      birthday: values.birthday,
    });
    owners.set(key, (owners.get(key) ?? new Set()).add(owner));
  }
  const found = services.mailboxIds.flatMap((id, index) =>
    services.microsoft365.oracle.contacts(id).flatMap((contact) => {
      const email = contact.emailAddresses[0]?.address;
      const key = keyOf({
        first: contact.givenName,
        last: [contact.surname, ...standIns(contact.companyName, email)],
        contact: [email, contact.mobilePhone, contact.businessPhones[0], contact.homePhones[0]],
        birthday: contact.birthday,
      });
      return owners.get(key)?.has(services.ownerIds[index]) ?? [];
    }),
  );
  const own = count(found, (isOwn) => isOwn);
  return { own, foreign: found.length - own };
}

/** Doubtful people of whom each side still has exactly one record. */
function keptApart(services: Services, { expected, crm, mailboxes }: Population): number {
  return count(expected.doubtful, ({ owner, last }) => {
    const id = services.mailboxIds[owner] ?? '';
    const ownerId = services.ownerIds[owner];
    const contacts = services.microsoft365.oracle.contacts(id);
    const inMailbox = count(contacts, (contact) => text(contact.surname) === text(last));
    const inCrm = count(
      services.crm.records(),
      (row) => row.owner === ownerId && text(row.values.lastName) === text(last),
    );
    const seeded = mailboxes[owner] ?? [];
    const namesakesHere = count(seeded, (entry) => text(entry.last) === text(last));
    const namesakesThere = count(crm, (row) => row.owner === owner && text(row.entry.last) === text(last));
    // Namesakes that are alone on their side get a partner on the other; the doubtful pair itself gets none.
    const others = new Set(
      [...seeded, ...crm.filter((row) => row.owner === owner).map((row) => row.entry)]
        .filter((entry) => text(entry.last) === text(last))
        .map((entry) => text(entry.first?.slice(0, 1))),
    ).size;
    return others === 1
      ? inMailbox === namesakesHere && inCrm === namesakesThere
      : inMailbox < namesakesHere + namesakesThere && inCrm < namesakesHere + namesakesThere;
  });
}

const ON_EVENTS = /\/(calendars?|calendarView|events)(\/|$)/;

/** Writes by applications that took effect, to contacts or to events of any mailbox. */
export function exchangeWrites(
  services: Services,
  of: { readonly method: string; readonly area: 'contacts' | 'events' },
): number {
  const writes = services.microsoft365.oracle.writes();
  return count(
    writes,
    ({ method, path, status }) =>
      method === of.method && status < 300 && ON_EVENTS.test(path) === (of.area === 'events'),
  );
}

const crmWrites = (services: Services, operation: string): number =>
  count(services.crm.writes(), (write) => write.operation === operation);

export const checkOf = (what: string, told: number, oracle: number): Check => ({
  what,
  told,
  oracle,
  equal: told === oracle,
});

/** Compares what was told of contacts with what the services hold. Nothing in it comes from Tidelock but `told`. */
export function compare(services: Services, population: Population, told: Told): readonly Check[] {
  const inExchange = (method: string): number => exchangeWrites(services, { method, area: 'contacts' });
  const { a, b } = told.tally.writes;
  const mailboxes = DEMO_USERS.map(({ address }, index) => {
    const seeded = (population.mailboxes[index]?.length ?? 0) + (index === 0 ? told.imported : 0);
    const mine = seeded + (told.people.mailboxes[index] ?? 0) + (told.grown[index] ?? 0);
    const id = services.mailboxIds[index] ?? '';
    return checkOf(`contacts of ${address}`, mine, services.microsoft365.oracle.counts(id).contacts);
  });
  const inCrm = population.crm.length + told.people.crm + b.created - b.deleted;
  const { own, foreign } = equals(services);
  return [
    ...mailboxes,
    checkOf('contacts in the CRM', inCrm, services.crm.records().length),
    checkOf('contacts created in mailboxes', a.created, inExchange('POST')),
    checkOf('contacts changed in mailboxes', a.changed, inExchange('PATCH')),
    checkOf('contacts deleted from mailboxes', a.deleted, inExchange('DELETE')),
    checkOf('contacts created in the CRM', b.created, crmWrites(services, 'create')),
    checkOf('contacts changed in the CRM', b.changed, crmWrites(services, 'update')),
    checkOf('contacts deleted from the CRM', b.deleted, crmWrites(services, 'delete')),
    checkOf('contacts in step', told.pairs, own),
    checkOf('contacts left to another owner', told.left, foreign),
    checkOf('doubtful pairs kept apart', told.questions, keptApart(services, population)),
  ];
}

/** Writes by applications so far, on both sides. */
export function writesSoFar({ microsoft365, crm }: Services): number {
  return microsoft365.oracle.writes().length + crm.writes().length + crm.eventWrites().length;
}
