import type { FieldRule, Fields, FieldValue, HistoryCause, HistoryRow, Side } from '@tidelock/core';
import type { MappedField } from './lens.ts';
import { type Sentence, SIDE_NAME, sayCause, sayInstant, saySecond, sayValue, sentence } from './sentence.ts';
import type { WhyInput } from './why.ts';

/** A change of one field, as history knows it. */
export interface FieldStep {
  readonly at: number;
  readonly runId: string;
  readonly side: Side;
  readonly op: HistoryRow['op'];
  readonly old: FieldValue;
  readonly new: FieldValue;
  readonly rule: string;
  /** The record or the write that it followed from; null = not known, or neither. */
  readonly cause: HistoryCause | null;
  /** Its values were forgotten by policy. */
  readonly expired: boolean;
}

/** The field's value in a whole record that history keeps as JSON; undefined = not in it, or not readable. */
function valueIn(record: FieldValue, field: string): FieldValue | undefined {
  if (typeof record !== 'string') return undefined;
  try {
    const fields: unknown = JSON.parse(record);
    if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, field)) return undefined;
    return (fields as Readonly<Record<string, FieldValue>>)[field] ?? null;
  } catch {
    return undefined;
  }
}

/** What one row of history says about one field; null = nothing. Creates and deletes keep whole records. */
export function fieldStep(row: HistoryRow, field: string): FieldStep | null {
  const { at, runId, side, op, rule, cause } = row;
  const base = { at, runId, side, op, rule, cause, expired: row.expired === true };
  if (row.field === field) return { ...base, old: row.old, new: row.new };
  if (row.field !== null || (op !== 'create' && op !== 'delete')) return null;
  const old = valueIn(row.old, field);
  const now = valueIn(row.new, field);
  if (old === undefined && now === undefined) return null;
  return { ...base, old: old ?? null, new: now ?? null };
}

/** The end of a version tells two of them apart. */
const TAIL = 8;

/** ` (version ..7f, modified 2 May 2026 10:02:41 UTC)`: the read that a change followed from. */
function sayObservation({ cause }: FieldStep): string {
  if (cause === null) return '';
  if (cause.kind === 'undo') return cause.runId === '' ? '' : ` of run ${cause.runId.slice(0, 8)}`;
  const { version, modifiedAt } = cause;
  const facts = [
    ...(version === '' ? [] : [`version ${version.length > TAIL ? `..${version.slice(-TAIL)}` : version}`]),
    ...(modifiedAt === null ? [] : [`modified ${saySecond(modifiedAt)}`]),
  ];
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

/** `crm.phone '1' → '2' on 2 May 2026 10:03 UTC by run 1a2b3c4d, because the mailbox changed` */
export function sayStep(field: string, step: FieldStep): string {
  const where = `${SIDE_NAME[step.side]}.${field}`;
  const when = `on ${sayInstant(step.at)} by run ${step.runId.slice(0, 8)}`;
  const cause = sayCause(step.rule, step.side) + sayObservation(step);
  if (step.expired) return `${where} was changed ${when}, ${cause}; the values have expired`;
  if (step.op === 'create') return `${where} was created as ${sayValue(step.new)} ${when}, ${cause}`;
  if (step.op === 'delete')
    return `${where} ${sayValue(step.old)} was deleted with its record ${when}, ${cause}`;
  if (step.op === 'conflict')
    return `${where} lost ${sayValue(step.old)} to ${sayValue(step.new)} ${when}, ${cause}`;
  return `${where} ${sayValue(step.old)} → ${sayValue(step.new)} ${when}, ${cause}`;
}

const DIRECTION: Partial<Record<FieldRule['direction'], string>> = {
  'mailbox>crm': 'flows from the mailbox to the CRM only: an edit in the CRM stays there',
  'crm>mailbox': 'flows from the CRM to the mailbox only: an edit in the mailbox stays there',
  'mailbox>crm once': 'goes from the mailbox to the CRM once, when the two are linked, and never again',
  'crm>mailbox once': 'goes from the CRM to the mailbox once, when the two are linked, and never again',
};

interface Values {
  readonly a: FieldValue;
  readonly b: FieldValue;
}

function cannotHold(field: MappedField, values: Values): string | null {
  for (const side of ['a', 'b'] as const) {
    const from = side === 'a' ? values.b : values.a;
    const there = side === 'a' ? values.a : values.b;
    if (from === null) continue;
    const held = field.project(side, from);
    if (held === undefined)
      return `the ${SIDE_NAME[side]} cannot hold ${sayValue(from)} (too long, or of a form that it does not take)`;
    if (field.equal(held, there)) return `the ${SIDE_NAME[side]} keeps what fits of ${sayValue(from)}`;
  }
  return null;
}

/** Why the two sides may show different values although nothing is to be done. */
function whyDifferent(input: WhyInput, rule: FieldRule, values: Values): string {
  const field = input.mapping?.byName.get(rule.field);
  const unheld = field === undefined ? null : cannotHold(field, values);
  if (unheld !== null) return unheld;
  const resolved = field?.spec.a.resolved === true || field?.spec.b.resolved === true;
  const blank = values.a === null || values.b === null;
  if (resolved && blank) return 'the value matches no record there, or several, so it was left as it is';
  if (rule.blank === 'keep' && blank) return 'a blank never erases a value (blank: keep)';
  const oneWay = DIRECTION[rule.direction];
  if (oneWay !== undefined) return `the field ${oneWay}`;
  return 'neither changed since they were last compared; the next edit of either side is carried over';
}

function unseen({ link, mapping }: WhyInput, field: string): string {
  if (mapping !== null || link.shownA === null || link.shownB === null)
    return `"${field}" was not compared yet.`;
  return `"${field}" was not compared: its rule is newer than the last look, or it was left out because a side lacks the property.`;
}

function whyValues(input: WhyInput, rule: FieldRule): Sentence[] {
  const { link } = input;
  const { field } = rule;
  const a = link.shownA?.[field];
  const b = link.shownB?.[field];
  if (a === undefined || b === undefined)
    return [sentence('field-unseen', 'waits', { text: unseen(input, field), field })];
  const same = input.mapping?.byName.get(field)?.equal(a, b) ?? JSON.stringify(a) === JSON.stringify(b);
  const shows = same
    ? `Both sides last showed ${sayValue(a)}`
    : `The mailbox last showed ${sayValue(a)}, the CRM ${sayValue(b)}`;
  if (link.holds.includes(field)) {
    const how = same
      ? 'Both were changed since, to different values; the field waits for a person and is written on neither side.'
      : 'They rest on that since something was undone: it is written on neither side until one of them is edited or a person decides.';
    const text = `${shows}. ${how}`;
    return [sentence('held-field', 'asks', { text, field })];
  }
  if (same) return [sentence('field-same', 'fine', { text: `${shows}.`, field })];
  const text = `${shows}: ${whyDifferent(input, rule, { a, b })}.`;
  return [sentence('field-differs', 'fine', { text, field })];
}

function whyRule(input: WhyInput, rule: FieldRule): Sentence | null {
  const { field } = rule;
  if (input.mapping !== null && !input.mapping.byName.has(field)) {
    const finding = input.mapping.findings.find(({ text }) => text.includes(`"${field}"`));
    const reason = finding === undefined ? '' : ` ${finding.text}`;
    const text = `"${field}" is not synchronised: its rule was left out.${reason}`;
    return sentence('field-left-out', 'rests', { text, field });
  }
  const oneWay = DIRECTION[rule.direction];
  if (oneWay === undefined) return null;
  return sentence('field-direction', 'fine', { text: `"${field}" ${oneWay}.`, field });
}

/** The two values that a person decides between, as the records show them at this moment. */
export function whyHeldValues(field: string, now: Readonly<Record<Side, Fields>>): Sentence {
  const { a, b } = now;
  const text = `"${field}" is now ${sayValue(a[field] ?? null)} in the mailbox and ${sayValue(b[field] ?? null)} in the CRM.`;
  return sentence('held-values', 'asks', { text, field });
}

const STEPS = 5;

/** The field's changes, newest first, and how it came to what it is. */
function whySteps(input: WhyInput, field: string): Sentence[] {
  const steps = input.history.flatMap((row) => fieldStep(row, field) ?? []);
  const [last] = steps;
  if (last === undefined)
    return [
      sentence('field-untouched', 'fine', {
        text: `Tidelock never wrote "${field}" of this pair, as far as history goes back.`,
        field,
      }),
    ];
  const told = steps.slice(0, STEPS).map((step, index) => {
    const before = steps.slice(index + 1).find((one) => one.op !== 'conflict');
    const since =
      before === undefined || step.op === 'conflict'
        ? ''
        : `; it had been left alone since ${sayInstant(before.at)} (run ${before.runId.slice(0, 8)})`;
    const code = step.op === 'create' ? 'field-created' : 'field-change';
    return sentence(code, 'fine', { text: `${sayStep(field, step)}${since}.`, field });
  });
  const more = steps.length - STEPS;
  if (more <= 0) return told;
  return [
    ...told,
    sentence('field-more', 'fine', { text: `And ${more} earlier changes: see history.`, field }),
  ];
}

/** Why one field is what it is, its changes walked back through history, or why it is not synchronised. Never empty. */
export function whyField(input: WhyInput, field: string): readonly Sentence[] {
  const rule = input.rules.find((one) => one.field === field);
  if (rule === undefined) {
    const text = `No rule of the mapping is called "${field}": it is not synchronised.`;
    return [sentence('field-not-mapped', 'rests', { text, field }), ...whyPast(input, field)];
  }
  const about = whyRule(input, rule);
  if (about?.code === 'field-left-out') return [about, ...whyPast(input, field)];
  return [...whyValues(input, rule), ...(about === null ? [] : [about]), ...whySteps(input, field)];
}

/** Changes from a time when it was synchronised. */
function whyPast(input: WhyInput, field: string): Sentence[] {
  return whySteps(input, field).filter(({ code }) => code !== 'field-untouched');
}
