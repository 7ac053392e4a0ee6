import type { CrmInput } from '@tidelock/emulators';
import type { Person } from './people.ts';
import type { OutlookContact } from './vcard.ts';

/** A person as one list has them. Absent = this list does not say. */
export interface Entry {
  readonly first?: string | undefined;
  readonly last: string;
  readonly email?: string | undefined;
  readonly email2?: string | undefined;
  readonly company?: string | undefined;
  readonly title?: string | undefined;
  readonly department?: string | undefined;
  readonly phone?: string | undefined;
  readonly mobile?: string | undefined;
  readonly office?: Postal | undefined;
  readonly home?: Postal | undefined;
  readonly birthday?: string | undefined;
  readonly webPage?: string | undefined;
  readonly notes?: string | undefined;
}

export interface Postal {
  readonly street: string;
  readonly city?: string | undefined;
  readonly region: string;
  readonly postalCode?: string | undefined;
}

const orAbsent = (text: string): string | undefined => (text === '' ? undefined : text);

/** Everything that is known about a person, spelled as the source spells it. */
export function toEntry(person: Person): Entry {
  const { street, city, region, postalCode } = person;
  return {
    first: person.first,
    last: person.last,
    email: person.email,
    company: person.company,
    title: person.title,
    department: person.state,
    phone: orAbsent(person.phone),
    office: street === '' ? undefined : { street, city, region, postalCode },
    birthday: person.birthday,
    webPage: orAbsent(person.webPage),
  };
}

const withoutBlanks = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const toPostal = (of: Postal | undefined): Record<string, unknown> | undefined =>
  of && withoutBlanks({ street: of.street, city: of.city, state: of.region, postalCode: of.postalCode });

/** In the shape of a Graph contact, birthday at the hour that Outlook writes. */
export function toOutlook(entry: Entry): OutlookContact {
  const name = [entry.first, entry.last].filter((part) => part !== undefined).join(' ');
  const emails = [entry.email, entry.email2].filter((email) => email !== undefined);
  return withoutBlanks({
    givenName: entry.first,
    surname: entry.last,
    displayName: name,
    companyName: entry.company,
    jobTitle: entry.title,
    department: entry.department,
    emailAddresses: emails.map((address) => ({ address, name })),
    businessPhones: entry.phone === undefined ? [] : [entry.phone],
    mobilePhone: entry.mobile,
    businessAddress: toPostal(entry.office),
    homeAddress: toPostal(entry.home),
    birthday: entry.birthday === undefined ? undefined : `${entry.birthday}T11:59:00Z`,
    businessHomePage: entry.webPage,
    personalNotes: entry.notes,
  });
}

/** As people of any CRM would type it, without an owner. */
export function toCrm(entry: Entry): CrmInput {
  const { office, home } = entry;
  return {
    firstName: entry.first,
    lastName: entry.last,
    email: entry.email,
    email2: entry.email2,
    company: entry.company,
    jobTitle: entry.title,
    department: entry.department,
    businessPhone: entry.phone,
    mobilePhone: entry.mobile,
    street: office?.street,
    city: office?.city,
    region: office?.region,
    postalCode: office?.postalCode,
    homeStreet: home?.street,
    homeCity: home?.city,
    homeRegion: home?.region,
    homePostalCode: home?.postalCode,
    birthday: entry.birthday,
    webPage: entry.webPage,
    notes: entry.notes,
  };
}
