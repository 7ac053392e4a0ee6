import type {
  Address,
  FieldCatalogue,
  FieldRule,
  FieldSpec,
  Fields,
  FieldType,
  FieldValue,
  Finding,
  Mapping,
  Side,
  StoreRecord,
} from '@tidelock/core';
import { ADDRESS_PARTS, type Canon, isAddress, isList } from './canonical.ts';
import { projectEventValue } from './event-project.ts';
import { htmlOfText, textOfHtml } from './html.ts';
import { type NativeForm, nativeFormOf } from './native-form.ts';
import { type SeriesFields, seriesFieldsOf } from './series-fields.ts';

/**
 * One mapped field as a lens on both sides. Laws (each a property test): GetPut, PutGet up to `project`, frame,
 * blank, and stability in two hops.
 */
export interface MappedField {
  readonly name: string;
  readonly type: FieldType;
  readonly property: Readonly<Record<Side, string>>;
  readonly spec: Readonly<Record<Side, FieldSpec>>;
  /** May a change on this side flow to the other one after linking, and at first contact? */
  readonly flows: Readonly<Record<Side, 'always' | 'once' | 'never'>>;
  readonly conflict: 'newer' | Side | 'hold';
  readonly merge: FieldRule['merge'];
  readonly keepOnBlank: boolean;
  readonly fallback: readonly string[];
  readonly clean: (value: FieldValue | undefined) => FieldValue;
  readonly equal: (left: FieldValue, right: FieldValue) => boolean;
  /** What the side will show after this value was written there; undefined = it cannot hold the value at all. */
  readonly project: (side: Side, value: FieldValue) => FieldValue | undefined;
  /** Where a store shows the value in another form than the lane; null = both show it as it is. */
  readonly form: NativeForm | null;
}

export interface CompiledMapping {
  readonly fields: readonly MappedField[];
  readonly byName: ReadonlyMap<string, MappedField>;
  /** Every field, blank: a copy of it is filled, because an object that grows field by field is moved a dozen times on the way. */
  readonly blank: Fields;
  /** Names of the fields in the order of their letters. */
  readonly names: readonly string[];
  /** The fields that make a series together; null = the mapping knows no series. */
  readonly series: SeriesFields | null;
  readonly findings: readonly Finding[];
}

/** May a text of this type be cut to a store's length? What loses its meaning by it is held whole or not at all. */
const CUTTABLE: Readonly<Record<FieldType, boolean>> = {
  text: true,
  multiline: true,
  email: false,
  phone: false,
  date: false,
  url: false,
  address: true,
  set: true,
  time: false,
  recurrence: false,
  occurrences: false,
  people: false,
  html: false,
  choice: false,
  minutes: false,
};

function cut(text: string, max: number | undefined): string {
  if (max === undefined || text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 1)) ? max - 1 : max;
  return text.slice(0, end).trimEnd();
}

function projectAddress(spec: FieldSpec, value: Address): FieldValue {
  const out: Record<string, string> = {};
  for (const part of ADDRESS_PARTS) {
    const text = value[part];
    const max = spec.parts?.[part];
    if (text === undefined || (spec.parts !== undefined && max === undefined)) continue;
    const held = cut(text, max);
    if (held !== '') out[part] = held;
  }
  return Object.keys(out).length === 0 ? null : out;
}

/** A store of plain text keeps what a reader sees, as much of it as fits. */
function projectHtml(spec: FieldSpec, html: string): FieldValue | undefined {
  if (spec.type !== 'html') return htmlOfText(cut(textOfHtml(html), spec.maxLength));
  return spec.maxLength !== undefined && html.length > spec.maxLength ? undefined : html;
}

function isKnownChoice({ choices }: FieldSpec, text: string): boolean {
  return choices === undefined || choices.some((choice) => choice.toLowerCase() === text.toLowerCase());
}

function projectText(type: FieldType, spec: FieldSpec, text: string): FieldValue | undefined {
  if (type === 'html') return projectHtml(spec, text);
  if (type === 'choice' && !isKnownChoice(spec, text)) return undefined;
  if (type === 'date' && spec.yearRequired === true && text.startsWith('--')) return undefined;
  const shaped = spec.type === 'multiline' ? text : text.replace(/\s*\n\s*/g, ' ');
  if (spec.maxLength !== undefined && shaped.length > spec.maxLength && !CUTTABLE[type]) return undefined;
  const held = cut(shaped, spec.maxLength);
  return held === '' ? null : held;
}

function projectValue(type: FieldType, spec: FieldSpec, value: FieldValue): FieldValue | undefined {
  if (value === null) return null;
  if (typeof value === 'string') return projectText(type, spec, value);
  if (isList(value)) {
    const members = value.map((member) => cut(member, spec.maxLength)).slice(0, spec.maxItems);
    return members.length === 0 ? null : members;
  }
  return isAddress(value) ? projectAddress(spec, value) : projectEventValue(spec, value);
}

const SIDE_OF = { mailbox: 'a', crm: 'b' } as const;

function flowsOf(rule: FieldRule, specs: Record<Side, FieldSpec>): MappedField['flows'] {
  const [from, , once] = rule.direction === 'both' ? ['both', '', ''] : rule.direction.split(/[> ]/);
  const flow = (other: Side, name: string): 'always' | 'once' | 'never' => {
    if (!specs[other].writable) return 'never';
    if (from === 'both') return 'always';
    if (from !== name) return 'never';
    return once === 'once' ? 'once' : 'always';
  };
  return { a: flow('b', 'mailbox'), b: flow('a', 'crm') };
}

/** Types whose values are no texts: nothing else can stand for them. */
const STRUCTURED: ReadonlySet<FieldType> = new Set(['time', 'recurrence', 'occurrences', 'people']);

const isMismatch = (a: FieldSpec, b: FieldSpec): boolean =>
  a.type !== b.type && (STRUCTURED.has(a.type) || STRUCTURED.has(b.type));

/** The more particular of the two types decides how values are compared. */
function typeOf(a: FieldSpec, b: FieldSpec): FieldType {
  if (a.type === b.type) return a.type;
  const plain: readonly FieldType[] = ['text', 'multiline'];
  if (plain.includes(a.type) && plain.includes(b.type)) return 'multiline';
  return plain.includes(a.type) ? b.type : a.type;
}

function compileRule(rule: FieldRule, canon: Canon, spec: Record<Side, FieldSpec>): MappedField {
  const type = typeOf(spec.a, spec.b);
  const cleanValue = (value: FieldValue | undefined): FieldValue => canon.clean(type, value);
  const form = nativeFormOf(type, spec);
  const textOnly = type === 'html' && form !== null;
  const seen = (value: FieldValue): FieldValue => (typeof value === 'string' ? textOfHtml(value) : value);
  return {
    name: rule.field,
    type,
    property: { a: rule.mailbox, b: rule.crm },
    spec,
    flows: flowsOf(rule, spec),
    conflict: rule.conflict === 'mailbox' || rule.conflict === 'crm' ? SIDE_OF[rule.conflict] : rule.conflict,
    merge: rule.merge,
    keepOnBlank: rule.blank === 'keep' || spec.a.resolved === true || spec.b.resolved === true,
    fallback: rule.fallback,
    clean: cleanValue,
    equal: textOnly
      ? (left, right) => canon.equal('multiline', seen(left), seen(right))
      : (left, right) => canon.equal(type, left, right),
    project: (side, value) => {
      const clean = cleanValue(value);
      const held = projectValue(type, spec[side], clean);
      const known = held === undefined || held === clean ? held : cleanValue(held);
      return known === null && spec[side].required === true ? undefined : known;
    },
    form,
  };
}

/** The canonical value of what a store shows. */
const readField = (field: MappedField, side: Side, native: FieldValue | undefined): FieldValue =>
  field.clean(native === undefined || field.form === null ? native : field.form.read(side, native));

function mismatch(rule: FieldRule, a: FieldSpec, b: FieldSpec): Finding {
  return {
    code: 'mapping-types-differ',
    severity: 'block',
    text: `Mapping field "${rule.field}": "${rule.mailbox}" holds ${a.type} and "${rule.crm}" holds ${b.type}.`,
    remedy: 'Pair properties that hold the same, or take the row out.',
  };
}

function unknownTransform(rule: FieldRule): Finding {
  return {
    code: 'mapping-transform-unknown',
    severity: 'block',
    text: `Mapping field "${rule.field}": there is no transform "${rule.transform}".`,
    remedy: 'Take "transform" out of the row; transforms cannot be registered yet.',
  };
}

/** Pairs a mapping with what the two stores can hold. Rules that cannot work are findings, never silent. */
export function compileMapping(
  mapping: Mapping,
  catalogues: Record<Side, FieldCatalogue>,
  canon: Canon,
): CompiledMapping {
  const findings: Finding[] = [];
  const fields: MappedField[] = [];
  for (const rule of mapping.fields) {
    const a = catalogues.a[rule.mailbox];
    const b = catalogues.b[rule.crm];
    if (rule.transform !== undefined) {
      findings.push(unknownTransform(rule));
      continue;
    }
    if (a && b && isMismatch(a, b)) {
      findings.push(mismatch(rule, a, b));
      continue;
    }
    if (a && b) {
      fields.push(compileRule(rule, canon, { a, b }));
      continue;
    }
    const where = a
      ? `the CRM has no property "${rule.crm}"`
      : `the mailbox has no property "${rule.mailbox}"`;
    findings.push({
      code: 'mapping-property-missing',
      severity: rule.optional ? 'info' : 'block',
      text: `Mapping field "${rule.field}": ${where}.`,
      remedy: rule.optional
        ? 'Nothing to do: the rule is optional and was left out. Create the property to use it.'
        : 'Create the property, correct its name in the mapping, or mark the rule "optional: true".',
    });
  }
  const byName = new Map(fields.map((field) => [field.name, field]));
  const names = [...byName.keys()].sort();
  const blank = Object.fromEntries(fields.map(({ name }) => [name, null]));
  return { fields, byName, blank, names, series: seriesFieldsOf(fields), findings };
}

/** Canonical values of all mapped fields that the record shows. Fields it does not report are left out. */
export function getFields(mapping: CompiledMapping, side: Side, record: Pick<StoreRecord, 'fields'>): Fields {
  const out: Record<string, FieldValue> = { ...mapping.blank };
  let isWhole = true;
  for (const field of mapping.fields) {
    const native = record.fields[field.property[side]];
    if (native === undefined) isWhole = false;
    else out[field.name] = readField(field, side, native);
  }
  if (isWhole) return out;
  const shown: Record<string, FieldValue> = {};
  for (const { name, property } of mapping.fields)
    if (record.fields[property[side]] !== undefined) shown[name] = out[name] ?? null;
  return shown;
}

/**
 * The native patch that makes `current` show `values`: only properties whose projected value differs from what is
 * there. `null` current = a new record.
 */
export function putFields(
  mapping: CompiledMapping,
  side: Side,
  of: { readonly values: Fields; readonly current: Pick<StoreRecord, 'fields'> | null },
): Fields {
  const { values, current } = of;
  const patch: Record<string, FieldValue> = {};
  for (const name of Object.keys(values)) {
    const field = mapping.byName.get(name);
    if (!field?.spec[side].writable) continue;
    const held = field.project(side, values[name] ?? null);
    if (held === undefined) continue;
    const native = current?.fields[field.property[side]] ?? null;
    if (field.equal(held, readField(field, side, native))) continue;
    patch[field.property[side]] = field.form?.write(side, { value: held, current: native }) ?? held;
  }
  return patch;
}

/** Fills properties that the side requires and the record lacks, from the rule's fallback fields. */
export function withRequired(mapping: CompiledMapping, side: Side, values: Fields): Fields {
  const lacking = mapping.fields.filter(
    (field) => field.spec[side].required === true && (values[field.name] ?? null) === null,
  );
  if (lacking.length === 0) return values;
  const out: Record<string, FieldValue> = { ...values };
  for (const field of lacking) {
    for (const name of field.fallback) {
      const stand = out[name] ?? null;
      if (typeof stand !== 'string') continue;
      out[field.name] = stand.includes('@') ? stand.slice(0, stand.indexOf('@')) : stand;
      break;
    }
  }
  return out;
}
