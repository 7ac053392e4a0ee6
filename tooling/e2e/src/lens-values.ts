import type { Address, Fields, FieldType, FieldValue } from '@tidelock/core';
import type { CompiledMapping, MappedField } from '@tidelock/engine';
import fc from 'fast-check';

export const ACCOUNTS = ['Acme Ltd', 'Ümlaut & Söhne GmbH'];
/** Lists in which a blank closes up: what stands before a slot must be filled. */
const LISTS = [
  ['email', 'email2', 'email3'],
  ['businessPhone', 'businessPhone2'],
];

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
const name = word.filter((text) => text.trim() !== '');
const line = fc.oneof(
  word,
  fc.string({ unit: 'grapheme', minLength: 200, maxLength: 400 }),
  fc.constantFrom(
    '  spaced   out ',
    'Zoë',
    'Zoe\u0308',
    "O'Brien",
    '=1+1',
    '<b>',
    '😀'.repeat(70),
    '\u00a0x',
  ),
);
const lines = fc
  .array(line, { minLength: 1, maxLength: 4 })
  .chain((parts) => fc.constantFrom('\n', '\r\n', '\n\n').map((end) => parts.join(end) + end));
const email = fc
  .tuple(
    fc.stringMatching(/^[a-z0-9]{1,12}$/),
    fc.constantFrom('example.com', 'Example.ORG', 'a.example.net'),
  )
  .map(([local, domain]) => `${local}@${domain}`);
const phone = fc.oneof(
  fc.stringMatching(/^\(202\) 555-[0-9]{4}$/),
  fc.stringMatching(/^\+49 30 [0-9]{6,8}$/),
  fc.stringMatching(/^202-555-[0-9]{4} ext\. [1-9][0-9]$/),
  fc.constant('1'.repeat(60)),
);
const date = fc
  .tuple(
    fc.integer({ min: 1900, max: 2030 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
  )
  .map(([y, m, d]) => `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`);
const url = fc.webUrl().filter((text) => !/[\s'"<>]/.test(text));
const address = fc.record<Record<keyof Address, string>>(
  { street: lines, city: line, state: word, postalCode: word, country: word },
  { requiredKeys: [] },
);
/** Contacts have none of these: a mapping that pairs one has its values elsewhere. */
const none = fc.constant<FieldValue>(null);
const VALUES: Record<FieldType, fc.Arbitrary<FieldValue>> = {
  text: line,
  multiline: lines,
  email,
  phone,
  date: fc.oneof(date, fc.constantFrom('2000-02-29', '--02-29', '1999-12-31')),
  url,
  address,
  set: fc.array(word),
  time: none,
  recurrence: none,
  occurrences: none,
  people: none,
  html: none,
  choice: none,
  minutes: none,
};

export const generated = (field: MappedField): fc.Arbitrary<FieldValue> => {
  if (field.name === 'company') return fc.constantFrom(...ACCOUNTS);
  // A store that must have one refuses a blank: its own test says what happens then.
  if (field.name === 'lastName') return fc.oneof(name, fc.constant('n'.repeat(120)));
  if (field.name === 'prefix') return fc.constantFrom('Mr.', 'Ms.', 'Dr.', 'Prof.');
  return VALUES[field.type];
};

/** Fields without gaps in their lists. */
function packed(values: Record<string, FieldValue>): Record<string, FieldValue> {
  const out = { ...values };
  for (const list of LISTS) {
    const kept = [...new Set(list.flatMap((name) => (typeof out[name] === 'string' ? [out[name]] : [])))];
    list.forEach((name, index) => {
      out[name] = kept[index] ?? null;
    });
  }
  return out;
}

const loose = (mapping: CompiledMapping): fc.Arbitrary<Record<string, FieldValue>> =>
  fc
    .record(
      Object.fromEntries(
        mapping.fields.map((field) => [field.name, fc.option(generated(field), { freq: 3 })]),
      ),
    )
    .map((values) => ({ ...values, lastName: values.lastName ?? 'Somebody' }));

/** Values of a whole record, in which lists may have gaps. */
export const gapped = (mapping: CompiledMapping): fc.Arbitrary<Fields> => loose(mapping);
/** Values of a whole record without gaps in its lists. */
export const whole = (mapping: CompiledMapping): fc.Arbitrary<Fields> => loose(mapping).map(packed);

/** Makes room for a field in its list: what stands before it is filled, what stands behind it blank. */
export function inItsPlace(field: MappedField, values: Fields): Fields {
  const list = LISTS.find((names) => names.includes(field.name));
  if (list === undefined) return values;
  const at = list.indexOf(field.name);
  const fill = (index: number): string =>
    field.type === 'email' ? `x${index}@filler.example` : `(303) 555-000${index}`;
  const places = list.map((name, index) => [name, index < at ? fill(index) : null] as const);
  return { ...values, ...Object.fromEntries(places) };
}
