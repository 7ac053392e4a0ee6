import type {
  Address,
  FieldCatalogue,
  FieldSpec,
  Fields,
  FieldType,
  FieldValue,
  People,
} from '@tidelock/core';
import type { RecordSample } from './fixture.ts';

/** Length written where the catalogue names no limit. */
const UNLIMITED = 64;
const PARTS = ['street', 'city', 'state', 'postalCode', 'country'] as const;

function fill(length: number, seed: number): string {
  const word = `Zoë-Łukasz ${seed} & "Ñandú" <x> `;
  return word
    .repeat(Math.ceil(length / word.length))
    .slice(0, length)
    .replace(/ $/, 'e');
}

function emailValue(length: number, seed: number): string {
  const tail = `${seed}@example.com`;
  return `${'m'.repeat(Math.max(1, Math.min(length, 64 + '@example.com'.length) - tail.length))}${tail}`;
}

function addressValue(spec: FieldSpec, seed: number): Address {
  const value: Partial<Record<keyof Address, string>> = {};
  for (const part of PARTS) {
    const length = spec.parts === undefined ? 20 : spec.parts[part];
    if (length !== undefined) value[part] = fill(Math.min(length, 200), seed);
  }
  return value;
}

/** A day of the week after next spring's clock change in most zones that have one; `seed` moves it. */
const dayOfSample = (seed: number): string => `2027-04-${String(5 + (seed % 20)).padStart(2, '0')}`;

function occurrencesValue(spec: FieldSpec, seed: number): FieldValue {
  const key = (hour: number): string => `${dayOfSample(seed)}T${String(hour).padStart(2, '0')}:00:00Z`;
  const subject = spec.children === undefined || spec.children.includes('subject');
  const changed = subject ? { [key(9)]: { subject: `Moved ${seed}` } } : {};
  return { kind: 'occurrences', byStart: { [key(7)]: 'cancelled', ...changed } };
}

function peopleValue({ keeps }: FieldSpec, seed: number): FieldValue {
  const full = keeps === undefined;
  return {
    kind: 'people',
    organizer: full || keeps.includes('organizer') ? 'organizer@example.com' : null,
    attendees: [
      {
        email: `guest${seed}@example.com`,
        role: full || keeps.includes('role') ? 'optional' : 'required',
        response: full || keeps.includes('response') ? 'accepted' : 'none',
      },
    ],
  };
}

function timeValue({ instantsOnly }: FieldSpec, seed: number): FieldValue {
  const day = dayOfSample(seed);
  const zone = instantsOnly === true ? 'UTC' : 'Europe/Berlin';
  return { kind: 'time', start: `${day}T09:00:00`, end: `${day}T10:30:00`, zone };
}

function recurrenceValue(seed: number): FieldValue {
  const rule = {
    kind: 'recurrence',
    every: 'week',
    interval: 1 + (seed % 3),
    zone: 'Europe/Berlin',
  } as const;
  return { ...rule, days: ['tuesday', 'friday'], weekStart: 'monday', count: 10 };
}

/** A value of the property's type, as long as the catalogue allows (at most `cap`). Different seeds, different values. */
export function longestValue(spec: FieldSpec, seed: number, cap = 40_000): FieldValue {
  const length = Math.min(spec.maxLength ?? UNLIMITED, cap);
  const byType: Record<FieldSpec['type'], () => FieldValue> = {
    text: () => fill(length, seed),
    multiline: () => `${fill(Math.max(1, length - 12), seed)}\nline two\nx`.slice(0, length),
    email: () => emailValue(length, seed),
    phone: () => `+1 202 555 ${String(100 + (seed % 99)).padStart(4, '0')}`.slice(0, length),
    date: () => `19${String(60 + (seed % 40)).padStart(2, '0')}-02-28`,
    url: () => `https://www.example.com/${seed}/`.padEnd(Math.min(length, 250), 'p').slice(0, length),
    address: () => addressValue(spec, seed),
    set: () => {
      const count = Math.min(spec.maxItems ?? 3, 3);
      return Array.from({ length: count }, (_, index) =>
        `${index} Set `.padEnd(Math.min(length, 60), `${seed}`).slice(0, length),
      );
    },
    time: () => timeValue(spec, seed),
    recurrence: () => recurrenceValue(seed),
    occurrences: () => occurrencesValue(spec, seed),
    people: () => peopleValue(spec, seed),
    html: () => `<p>Agenda ${seed} &amp; <b>more</b></p>`.slice(0, length),
    choice: () => spec.choices?.[seed % spec.choices.length] ?? 'busy',
    minutes: () => String(5 * (1 + (seed % 12))),
  };
  return byType[spec.type]();
}

export function specOf(catalogue: FieldCatalogue, property: string): FieldSpec {
  const spec = catalogue[property];
  if (spec === undefined)
    throw new Error(`the sample names "${property}", which the catalogue does not have`);
  return spec;
}

/** A person that a user or the engine could write: the sample's roles and whatever the catalogue requires. */
export function personFields(catalogue: FieldCatalogue, sample: RecordSample, seed: number): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const [property, spec] of Object.entries(catalogue)) {
    if (spec.required && spec.writable)
      fields[property] = sample.values?.[property] ?? longestValue(spec, seed, 20);
  }
  fields[sample.name] = `Person ${seed}`;
  const set = (property: string | undefined, value: string): void => {
    if (property !== undefined) fields[property] = asType(specOf(catalogue, property), value);
  };
  set(sample.email, `person${seed}@example.com`);
  set(sample.phone, `+1 202 555 ${String(100 + seed).padStart(4, '0')}`);
  fields[sample.text] = `Text ${seed}`;
  return fields;
}

/** One string in the form of the property's type. */
export function asType(spec: FieldSpec, value: string): FieldValue {
  return spec.type === 'set' ? [value] : value;
}

function isBlank(value: FieldValue | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value === 'string') return false;
  return Array.isArray(value) ? value.length === 0 : Object.values(value).every((part) => !part);
}

const same = (text: string): string => text;

const NORMAL: Record<FieldType, (text: string) => string> = {
  text: same,
  multiline: (text) => text.replaceAll('\r\n', '\n').replace(/\n+$/, ''),
  email: (text) => text.toLowerCase(),
  phone: (text) => text.replace(/[^\d+]/g, ''),
  date: same,
  url: (text) => text.replace(/^https?:\/\//i, '').replace(/\/$/, ''),
  address: same,
  set: same,
  time: same,
  recurrence: same,
  occurrences: same,
  people: same,
  html: (text) => text.replaceAll('\r\n', '\n').trim(),
  choice: (text) => text.toLowerCase(),
  minutes: same,
};

/** Who takes part, as far as the store takes it from a write; it may show more of its own. */
function keptPeople({ keeps }: FieldSpec, { organizer, attendees }: People): unknown {
  const has = (what: 'role' | 'response' | 'organizer'): boolean =>
    keeps === undefined || keeps.includes(what);
  const kept = attendees.map(({ email, role, response }) => ({
    email: email.toLowerCase(),
    role: has('role') ? role : 'required',
    response: has('response') ? response : 'none',
  }));
  const byEmail = kept.sort((x, y) => (x.email < y.email ? -1 : 1));
  return { organizer: has('organizer') ? organizer : null, attendees: byEmail };
}

/** The value in the form in which the contract compares it; null is blank. */
export function normalValue(spec: FieldSpec, value: FieldValue | undefined): unknown {
  if (isBlank(value) || value === null || value === undefined) return null;
  if (typeof value === 'string') return NORMAL[spec.type](value);
  if (Array.isArray(value)) return [...(value as readonly string[])].sort();
  if ('kind' in value) return value.kind === 'people' ? keptPeople(spec, value) : value;
  const address = value as Address;
  return Object.fromEntries(PARTS.filter((part) => address[part]).map((part) => [part, address[part]]));
}

/** All catalogue properties of `fields` in compared form; blank ones are left out. */
export function normalFields(catalogue: FieldCatalogue, fields: Fields): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [property, spec] of Object.entries(catalogue)) {
    const value = normalValue(spec, fields[property]);
    if (value !== null) result[property] = value;
  }
  return result;
}
