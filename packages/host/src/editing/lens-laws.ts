import type { Fields, FieldType, FieldValue, Problem, Side, StoreRecord } from '@tidelock/core';
import { type CompiledMapping, getFields, type MappedField, putFields } from '@tidelock/engine';
import { SIDE } from '../words/words.ts';

const SIDES = ['a', 'b'] as const;
const LONG = 'Long text of many words. '.repeat(60).trim();

/** Values that fields of a type meet in practice, beside those of real records. */
const SAMPLES: Partial<Readonly<Record<FieldType, readonly FieldValue[]>>> = {
  text: ['Ada Lovelace', 'Ångström & Søn', 'two  spaces', LONG],
  multiline: ['one\ntwo\n\nfour', 'Ångström', LONG],
  email: ['ada@example.com', 'Ada.Lovelace@Example.COM'],
  phone: ['+1 425 555 0100', '(425) 555-0199', '+49 30 901820 ext. 12'],
  date: ['1970-01-31', '2000-02-29', '--02-29'],
  url: ['https://example.com/', 'example.com/a?b=c'],
  address: [{ street: '1 Main St\nSuite 2', city: 'Springfield', postalCode: '01103', country: 'US' }],
  set: [['Customer'], ['B', 'A', 'Ångström']],
};

type Shown = Pick<StoreRecord, 'fields'>;
const EMPTY: Shown = { fields: {} };

const after = (record: Shown, patch: Fields): Shown => ({ fields: { ...record.fields, ...patch } });

/** What a law says of one field; null = it holds. */
interface Breach {
  readonly field: MappedField;
  readonly side: Side;
  readonly reason: string;
}

/** Two rows that write the same property undo each other's work for ever. */
function sharedProperties(mapping: CompiledMapping): Breach[] {
  return SIDES.flatMap((side) => {
    const other = side === 'a' ? 'b' : 'a';
    const written = mapping.fields.filter((field) => field.flows[other] !== 'never');
    const byProperty = Map.groupBy(written, (field) => field.property[side]);
    return [...byProperty.values()].flatMap(([first, ...others]): Breach[] =>
      others.map((field) => ({
        ...{ field, side },
        reason: `"${field.property[side]}" in the ${SIDE[side]} is written by "${first?.name ?? ''}" as well`,
      })),
    );
  });
}

/** Writing back what is there changes nothing. */
function getPut(mapping: CompiledMapping, side: Side, record: Shown): Breach[] {
  const patch = putFields(mapping, side, { values: getFields(mapping, side, record), current: record });
  return mapping.fields
    .filter((field) => field.property[side] in patch)
    .map((field) => ({
      ...{ field, side },
      reason: `what a record shows in the ${SIDE[side]} would be written there again, changed`,
    }));
}

interface Trial {
  readonly mapping: CompiledMapping;
  readonly field: MappedField;
  readonly side: Side;
  readonly record: Shown;
}

/** What was written is what is shown, as far as the side can hold it, and nothing else is touched. */
function putGet({ mapping, field, side, record }: Trial, value: FieldValue): string | null {
  const held = field.project(side, value);
  if (held === undefined) return null;
  const values = { [field.name]: value };
  const patch = putFields(mapping, side, { values, current: record });
  const touched = Object.keys(patch).find((property) => property !== field.property[side]);
  if (touched !== undefined) return `writing it in the ${SIDE[side]} also touches "${touched}"`;
  const shown = getFields(mapping, side, after(record, patch))[field.name] ?? null;
  if (!field.equal(shown, held)) return `a value written in the ${SIDE[side]} is not the one that is shown`;
  const again = putFields(mapping, side, { values, current: after(record, patch) });
  return Object.keys(again).length === 0 ? null : `the ${SIDE[side]} would be written again and again`;
}

/** There and back and there again is there: what one side cannot hold is lost once, and not a little more each time. */
function stable({ field, side }: Trial, value: FieldValue): string | null {
  const other = side === 'a' ? 'b' : 'a';
  const own = field.project(side, value);
  const there = own === undefined ? undefined : field.project(other, own);
  const back = there === undefined ? undefined : field.project(side, there);
  const again = back === undefined ? undefined : field.project(other, back);
  if (there === undefined || again === undefined || field.equal(there, again)) return null;
  return `a value of the ${SIDE[side]} changes each time it goes to the ${SIDE[other]} and back`;
}

function ofField(trial: Trial, values: readonly FieldValue[]): Breach[] {
  if (!trial.field.spec[trial.side].writable) return [];
  for (const value of values) {
    const reason = putGet(trial, value) ?? stable(trial, value);
    if (reason !== null) return [{ field: trial.field, side: trial.side, reason }];
  }
  return [];
}

const REMEDY = 'Pair properties that hold the same sort of value, or let the row flow one way only.';

/**
 * The laws of lenses, tried on real records of both sides and on values that fields of each type meet. A mapping that breaks one
 * would write for ever, lose a little with each sync, or touch what nobody changed. One problem for a field and side; `path`
 * is the name of the field.
 */
export function lensProblems(
  mapping: CompiledMapping,
  records: Readonly<Record<Side, readonly Shown[]>>,
): readonly Problem[] {
  const breaches = sharedProperties(mapping);
  const known = new Set(breaches.map(({ field }) => field));
  const real = SIDES.flatMap((side) => records[side].map((one) => getFields(mapping, side, one)));
  for (const side of SIDES) {
    for (const record of records[side]) breaches.push(...getPut(mapping, side, record));
    for (const field of mapping.fields.filter((one) => !known.has(one))) {
      const values = [...real.map((one) => one[field.name] ?? null), ...(SAMPLES[field.type] ?? []), null];
      for (const record of [EMPTY, ...records[side]])
        breaches.push(...ofField({ mapping, field, side, record }, values));
    }
  }
  const first = new Map<string, Problem>();
  for (const { field, side, reason } of breaches) {
    const problem = { path: field.name, reason, remedy: REMEDY };
    const key = `${field.name} ${side}`;
    if (!first.has(key)) first.set(key, problem);
  }
  return [...first.values()];
}
