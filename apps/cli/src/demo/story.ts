import type { CrmInput } from '@tidelock/emulators';
import { DEMO_USERS, type Population } from './population.ts';
import type { Services } from './services.ts';

/** One thing that a person did. */
export interface Edit {
  readonly where: 'mailbox' | 'crm';
  readonly who: string;
  readonly what: string;
}

export interface Story {
  readonly edits: readonly Edit[];
  /** Records that people created or deleted, by list: what the oracles must count besides our own writes. */
  readonly people: { readonly mailboxes: readonly number[]; readonly crm: number };
}

const NEW_IN_OUTLOOK = { given: 'Nina', last: 'Alvarez', email: 'nina.alvarez@example.com' };
const NEW_IN_CRM = { given: 'Omar', last: 'Haddad', email: 'omar.haddad@example.com' };
const [ANNA, BEN, CHLOE] = [0, 1, 2];

const same = (address: unknown, email: string): boolean =>
  typeof address === 'string' && address.toLowerCase() === email.toLowerCase();

export function findInMailbox(services: Services, at: { user: number; email: string }) {
  const id = services.mailboxIds[at.user] ?? '';
  return services.microsoft365.oracle
    .contacts(id)
    .find((contact) => contact.emailAddresses.some(({ address }) => same(address, at.email)));
}

export function findInCrm(services: Services, email: string) {
  return services.crm.records().find(({ values }) => same(values.email, email));
}

const nameOf = (services: Services, email: string): string => {
  const values = findInCrm(services, email)?.values;
  return [values?.firstName, values?.lastName].filter(Boolean).join(' ');
};

/** What people do in Outlook and in the CRM between two syncs. */
export function playStory(services: Services, { cast }: Population): Story {
  const edits: Edit[] = [];
  const inOutlook = (email: string, changes: Readonly<Record<string, unknown>>, what: string): void => {
    const contact = findInMailbox(services, { user: ANNA, email });
    if (contact === undefined) throw new Error('the demo has lost one of its people in the mailbox');
    services.microsoft365.admin.updateContact(services.mailboxIds[ANNA] ?? '', contact.id, changes);
    edits.push({ where: 'mailbox', who: nameOf(services, email), what });
  };
  const inCrm = (email: string, changes: CrmInput, what: string): void => {
    const row = findInCrm(services, email);
    if (row === undefined) throw new Error('the demo has lost one of its people in the CRM');
    services.crm.update(row.id, changes);
    edits.push({ where: 'crm', who: nameOf(services, email), what });
  };
  inOutlook(cast.editedInOutlook, { jobTitle: 'Committee Chair' }, 'job title: Committee Chair');
  inCrm(cast.editedInCrm, { mobilePhone: '202-555-0142' }, 'mobile: 202-555-0142');
  inOutlook(cast.editedInBoth, { mobilePhone: '(202) 555-0187' }, 'mobile: (202) 555-0187');
  inCrm(cast.editedInBoth, { department: 'Appropriations' }, 'department: Appropriations');
  inOutlook(cast.contested, { jobTitle: 'Ranking Member' }, 'job title: Ranking Member');
  inCrm(cast.contested, { jobTitle: 'Vice Chair' }, 'title: Vice Chair');
  const leaving = findInMailbox(services, { user: ANNA, email: cast.deletedInOutlook });
  edits.push({ where: 'mailbox', who: nameOf(services, cast.deletedInOutlook), what: 'deleted' });
  services.microsoft365.admin.deleteContact(services.mailboxIds[ANNA] ?? '', leaving?.id ?? '');
  addPeople(services, edits);
  return { edits, people: { mailboxes: DEMO_USERS.map((_, index) => [-1, 1, 0][index] ?? 0), crm: 1 } };
}

function addPeople(services: Services, edits: Edit[]): void {
  const { microsoft365, crm, mailboxIds, ownerIds } = services;
  microsoft365.admin.createContact(mailboxIds[BEN] ?? '', {
    givenName: NEW_IN_OUTLOOK.given,
    surname: NEW_IN_OUTLOOK.last,
    emailAddresses: [{ address: NEW_IN_OUTLOOK.email, name: 'Nina Alvarez' }],
    businessPhones: ['(202) 555-0113'],
    companyName: 'Alvarez & Daughters',
  });
  edits.push({ where: 'mailbox', who: `${NEW_IN_OUTLOOK.given} ${NEW_IN_OUTLOOK.last}`, what: 'new' });
  crm.create({
    firstName: NEW_IN_CRM.given,
    lastName: NEW_IN_CRM.last,
    email: NEW_IN_CRM.email,
    businessPhone: '202-555-0175',
    owner: ownerIds[CHLOE],
  });
  edits.push({ where: 'crm', who: `${NEW_IN_CRM.given} ${NEW_IN_CRM.last}`, what: 'new' });
}
