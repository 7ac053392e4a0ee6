const GIVEN = [
  'Ada',
  'Ben',
  'Clara',
  'David',
  'Eva',
  'Finn',
  'Grace',
  'Hugo',
  'Ida',
  'Jon',
  'Kim',
  'Leo',
  'Mia',
];
const FAMILY = [
  'Adams',
  'Brown',
  'Clark',
  'Davis',
  'Evans',
  'Frank',
  'Green',
  'Hill',
  'Irwin',
  'Jones',
  'King',
];
const TITLES = ['Buyer', 'Head of Sales', 'Engineer', 'Office Manager', 'Director', 'Accountant'];
const CITIES = ['Portland', 'Austin', 'Denver', 'Boston', 'Chicago', 'Seattle'];

export const COMPANIES = Array.from({ length: 200 }, (_, index) => `Company ${index + 1} Inc`);

const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
const digits = (index: number, count: number): string => String(index % 10 ** count).padStart(count, '0');

/** One person, the same for the same index, in neither side's words. About as full as a real entry. */
function personAt(index: number) {
  const family = `${pick(FAMILY, Math.floor(index / GIVEN.length))}${Math.floor(index / 143)}`;
  const given = pick(GIVEN, index);
  return {
    given,
    family,
    company: pick(COMPANIES, index * 7),
    email: `${given}.${family}.${index}@customers.example`.toLowerCase(),
    title: pick(TITLES, index),
    phone: `+1 503 ${digits(200 + (index % 700), 3)} ${digits(index * 13, 4)}`,
    mobile: `+1 512 ${digits(200 + (index % 700), 3)} ${digits(index * 17, 4)}`,
    city: pick(CITIES, index),
    street: `${100 + (index % 900)} Main Street`,
    zip: digits(97000 + (index % 900), 5),
    notes: `Met at the fair in ${pick(CITIES, index + 1)}. Wants an offer for ${1 + (index % 40)} seats.`,
  };
}

export function toContact(index: number): Record<string, unknown> {
  const of = personAt(index);
  return {
    givenName: of.given,
    surname: of.family,
    displayName: `${of.given} ${of.family}`,
    companyName: of.company,
    jobTitle: of.title,
    emailAddresses: [{ address: of.email, name: `${of.given} ${of.family}` }],
    businessPhones: [of.phone],
    mobilePhone: of.mobile,
    businessAddress: {
      street: of.street,
      city: of.city,
      state: 'OR',
      postalCode: of.zip,
      countryOrRegion: 'United States',
    },
    personalNotes: of.notes,
  };
}

export function toCrmFields(index: number): Record<string, unknown> {
  const of = personAt(index);
  return {
    FirstName: of.given,
    LastName: of.family,
    Title: of.title,
    Email: of.email,
    Phone: of.phone,
    MobilePhone: of.mobile,
    MailingStreet: of.street,
    MailingCity: of.city,
    MailingState: 'OR',
    MailingPostalCode: of.zip,
    MailingCountry: 'United States',
    Description: of.notes,
  };
}

/** Account that the person of this index works for. */
export const companyAt = (index: number): string => personAt(index).company;
