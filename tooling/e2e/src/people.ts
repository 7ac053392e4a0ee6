import type { CrmInput } from '@tidelock/emulators';

/** Invented people, each with a name, an address and a number of their own, as each side writes them. */
export interface Sample {
  readonly first: string;
  readonly last: string;
  readonly email: string;
  readonly phone: string;
}

const FIRST = ['Alda', 'Brit', 'Cleo', 'Dora', 'Egil', 'Fina', 'Gus', 'Hanna', 'Iwan', 'Jora'];

/** Letters only, so that no two last names are one edit apart: `kabafi`, `kabebo`. */
function word(n: number): string {
  const consonants = 'bcdfghklmnprstvz';
  const vowels = 'aeiou';
  let text = '';
  for (let rest = n * 7919 + 104_729, i = 0; i < 5; i++) {
    text += consonants.charAt(rest % 16) + vowels.charAt(Math.floor(rest / 16) % 5);
    rest = Math.floor(rest / 80) + (i + 1) * (n % 97);
  }
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function sample(n: number): Sample {
  const first = FIRST[n % FIRST.length] ?? 'Alda';
  const last = `${word(n)}-${n}`;
  return {
    first,
    last,
    email: `p${n}@people.example`,
    phone: `(202) 555-${String(n % 10_000).padStart(4, '0')}`,
  };
}

export interface OutlookShape {
  givenName: string;
  surname: string;
  emailAddresses: { address: string; name?: string }[];
  businessPhones: string[];
  [name: string]: unknown;
}

export function toOutlook(n: number, more: Record<string, unknown> = {}): OutlookShape {
  const { first, last, email, phone } = sample(n);
  return {
    givenName: first,
    surname: last,
    displayName: `${first} ${last}`,
    emailAddresses: [{ address: email, name: `${first} ${last}` }],
    businessPhones: [phone],
    ...more,
  };
}

/** As people of any CRM would type it. */
export function toRecord(n: number, more: CrmInput = {}): CrmInput {
  const { first, last, email, phone } = sample(n);
  return { firstName: first, lastName: last, email, businessPhone: phone, ...more };
}

export function toCrm(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { first, last, email, phone } = sample(n);
  return { FirstName: first, LastName: last, Email: email, Phone: phone, ...more };
}

export const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
