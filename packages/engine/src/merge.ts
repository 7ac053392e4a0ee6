import type { ConflictRow, Fields, FieldValue, Side } from '@tidelock/core';
import type { CompiledMapping, MappedField } from './lens.ts';
import { mergeSet, mergeText } from './text-merge.ts';

export interface MergeInput {
  /** Canonical values as each side last showed them while the pair agreed; null at first contact. */
  readonly shown: Readonly<Record<Side, Fields | null>>;
  /** Canonical values as each side shows them now. */
  readonly seen: Readonly<Record<Side, Fields>>;
  /** Milliseconds since the epoch, each side's own clock; compared only beyond the skew. */
  readonly modifiedAt: Readonly<Record<Side, number | undefined>>;
  /** Who wins where policy does not say. */
  readonly master: Side;
  readonly skewMs: number;
  /** Fields waiting for a person. */
  readonly holds: readonly string[];
  /** Fields in which a side shows a late write of our own: it is written over again and does not travel (rule Z). */
  readonly late?: Readonly<Partial<Record<Side, ReadonlySet<string>>>> | undefined;
}

export interface FieldChange {
  readonly field: string;
  readonly to: Side;
  readonly old: FieldValue;
  readonly new: FieldValue;
  /** `a>b`, `b>a`, `fill`, `conflict:newer`, `conflict:a`, `merge:set` ... */
  readonly rule: string;
}

export interface MergeResult {
  /** Canonical values to write, by side. */
  readonly to: Readonly<Record<Side, Fields>>;
  /** The base after the writes succeeded. */
  readonly shown: Readonly<Record<Side, Fields>>;
  readonly changes: readonly FieldChange[];
  readonly conflicts: readonly ConflictRow[];
  /** Fields newly held for a person. */
  readonly holds: readonly string[];
  /** Fields held after an undo that a person has settled by an edit: one side alone changed since. */
  readonly released: readonly string[];
}

interface Draft {
  readonly input: MergeInput;
  readonly to: Record<Side, Record<string, FieldValue>>;
  readonly shown: Record<Side, Record<string, FieldValue>>;
  readonly changes: FieldChange[];
  readonly conflicts: ConflictRow[];
  readonly holds: string[];
  readonly released: string[];
}

const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');
const RULE = { a: 'a>b', b: 'b>a' } as const;
const LATE = 'late write of ours';

/** Two values are the same when either side could not tell them apart: what does not fit is no difference. */
export function alike(field: MappedField, a: FieldValue, b: FieldValue): boolean {
  if (field.equal(a, b)) return true;
  const heldB = field.project('b', a);
  const heldA = field.project('a', b);
  const fitsB = heldB === undefined ? b === null : field.equal(heldB, b);
  const fitsA = heldA === undefined ? a === null : field.equal(heldA, a);
  return fitsB || fitsA;
}

/** Carries `from`'s value to the other side, or accepts that it does not travel. */
function carry(
  draft: Draft,
  field: MappedField,
  step: { from: Side; value: FieldValue; target: FieldValue; rule: string; first: boolean },
): void {
  const target = other(step.from);
  draft.shown[step.from][field.name] = step.value;
  const flow = field.flows[step.from];
  const held = field.project(target, step.value);
  const stays =
    flow === 'never' || (flow === 'once' && !step.first) || (field.keepOnBlank && step.value === null);
  if (stays || held === undefined || field.equal(held, step.target)) {
    draft.shown[target][field.name] = step.target;
    return;
  }
  draft.to[target][field.name] = step.value;
  draft.shown[target][field.name] = held;
  draft.changes.push({ field: field.name, to: target, old: step.target, new: held, rule: step.rule });
}

function winnerOf(field: MappedField, input: MergeInput): { side: Side; rule: string } | null {
  if (field.conflict === 'hold') return null;
  if (field.conflict !== 'newer') return { side: field.conflict, rule: `conflict:${field.conflict}` };
  const { a, b } = input.modifiedAt;
  if (a !== undefined && b !== undefined && Math.abs(a - b) > input.skewMs) {
    return { side: a > b ? 'a' : 'b', rule: 'conflict:newer' };
  }
  return { side: input.master, rule: 'conflict:master' };
}

const members = (value: FieldValue): readonly string[] =>
  Array.isArray(value) ? (value as readonly string[]) : [];

function combined(
  field: MappedField,
  base: Record<Side, FieldValue>,
  now: Record<Side, FieldValue>,
): FieldValue | undefined {
  if (field.merge === 'set')
    return field.clean(
      mergeSet({ a: members(base.a), b: members(base.b) }, { a: members(now.a), b: members(now.b) }),
    );
  if (field.merge !== 'text' || typeof now.a !== 'string' || typeof now.b !== 'string') return undefined;
  if (!field.equal(base.a, base.b)) return undefined;
  const merged = mergeText(typeof base.a === 'string' ? base.a : '', now.a, now.b);
  return merged === null ? undefined : field.clean(merged);
}

function writeBoth(
  draft: Draft,
  field: MappedField,
  at: { value: FieldValue; now: Record<Side, FieldValue> },
): void {
  const { value, now } = at;
  for (const side of ['a', 'b'] as const) {
    const held = field.project(side, value);
    if (held === undefined || field.equal(held, now[side]) || field.flows[other(side)] === 'never') {
      draft.shown[side][field.name] = now[side];
      continue;
    }
    draft.to[side][field.name] = value;
    draft.shown[side][field.name] = held;
    draft.changes.push({
      field: field.name,
      to: side,
      old: now[side],
      new: held,
      rule: `merge:${field.merge}`,
    });
  }
}

function resolve(
  draft: Draft,
  field: MappedField,
  at: { base: Record<Side, FieldValue>; now: Record<Side, FieldValue>; first: boolean },
): void {
  const { base, now, first } = at;
  const both = first && field.merge !== 'set' ? undefined : combined(field, base, now);
  if (both !== undefined) {
    writeBoth(draft, field, { value: both, now });
    return;
  }
  const winner = first ? { side: draft.input.master, rule: 'first:master' } : winnerOf(field, draft.input);
  if (winner === null) {
    draft.holds.push(field.name);
    draft.shown.a[field.name] = base.a;
    draft.shown.b[field.name] = base.b;
    return;
  }
  const loser = other(winner.side);
  const oneWay = field.flows[winner.side] === 'never' && field.flows[loser] !== 'never';
  const side = oneWay ? loser : winner.side;
  carry(draft, field, { from: side, value: now[side], target: now[other(side)], rule: winner.rule, first });
  if (field.name in draft.to[other(side)]) {
    draft.conflicts.push({
      field: field.name,
      winner: side,
      kept: now[side],
      lost: now[other(side)],
      rule: winner.rule,
      certainty: 'certain',
    });
  }
}

function mergeFirst(draft: Draft, field: MappedField, now: Record<Side, FieldValue>): void {
  if (alike(field, now.a, now.b)) {
    draft.shown.a[field.name] = now.a;
    draft.shown.b[field.name] = now.b;
  } else if (now.a === null)
    carry(draft, field, { from: 'b', value: now.b, target: null, rule: 'fill', first: true });
  else if (now.b === null)
    carry(draft, field, { from: 'a', value: now.a, target: null, rule: 'fill', first: true });
  else resolve(draft, field, { base: { a: null, b: null }, now, first: true });
}

function mergeKnown(
  draft: Draft,
  field: MappedField,
  at: { base: Record<Side, FieldValue>; now: Record<Side, FieldValue> },
): void {
  const { base, now } = at;
  const changedA = !field.equal(now.a, base.a);
  const changedB = !field.equal(now.b, base.b);
  if (!changedA && !changedB) {
    draft.shown.a[field.name] = base.a;
    draft.shown.b[field.name] = base.b;
  } else if (changedA && changedB && alike(field, now.a, now.b)) {
    draft.shown.a[field.name] = now.a;
    draft.shown.b[field.name] = now.b;
  } else if (changedA && changedB) resolve(draft, field, { base, now, first: false });
  else {
    const from: Side = changedA ? 'a' : 'b';
    carry(draft, field, { from, value: now[from], target: now[other(from)], rule: RULE[from], first: false });
  }
}

/**
 * After an undo the two sides rest on different values. A person who then edits one of them has decided, and that value
 * flows. A conflict, whose sides had agreed once, waits for an answer.
 */
function isSettled(
  field: MappedField,
  at: { base: Record<Side, FieldValue | undefined>; now: Record<Side, FieldValue> },
): boolean {
  const { base, now } = at;
  if (base.a === undefined || base.b === undefined) return false;
  if (alike(field, base.a, base.b)) return false;
  return field.equal(now.a, base.a) !== field.equal(now.b, base.b);
}

/** The one side that shows a late write of our own. */
function lateSide(input: MergeInput, name: string): Side | undefined {
  const [side, ...more] = (['a', 'b'] as const).filter((one) => input.late?.[one]?.has(name));
  return more.length === 0 ? side : undefined;
}

/** Our own late write on one side: the other side's value is written there again; what it showed goes to the log. */
function mergeLate(
  draft: Draft,
  field: MappedField,
  at: { side: Side; now: Record<Side, FieldValue> },
): void {
  const { side, now } = at;
  const from = other(side);
  carry(draft, field, { from, value: now[from], target: now[side], rule: LATE, first: false });
  if (!(field.name in draft.to[side])) return;
  const conflict = { field: field.name, winner: from, kept: now[from], lost: now[side], rule: LATE } as const;
  draft.conflicts.push({ ...conflict, certainty: 'possible' });
}

/** Three-way merge, field by field. Pure: same input, same answer. At most one write a side comes out of it. */
export function mergeRecord(mapping: CompiledMapping, input: MergeInput): MergeResult {
  const draft: Draft = {
    input,
    to: { a: {}, b: {} },
    shown: { a: { ...input.shown.a }, b: { ...input.shown.b } },
    changes: [],
    conflicts: [],
    holds: [],
    released: [],
  };
  for (const field of mapping.fields) {
    const a = input.seen.a[field.name];
    const b = input.seen.b[field.name];
    if (a === undefined || b === undefined) continue;
    const baseA = input.shown.a?.[field.name];
    const baseB = input.shown.b?.[field.name];
    if (input.holds.includes(field.name)) {
      if (!isSettled(field, { base: { a: baseA, b: baseB }, now: { a, b } })) continue;
      draft.released.push(field.name);
    }
    const side = lateSide(input, field.name);
    if (baseA === undefined || baseB === undefined) mergeFirst(draft, field, { a, b });
    else if (side !== undefined) mergeLate(draft, field, { side, now: { a, b } });
    else mergeKnown(draft, field, { base: { a: baseA, b: baseB }, now: { a, b } });
  }
  return draft;
}

/** Does this side still show what it showed when the pair agreed? Fields that the record does not report are equal. */
export function unchanged(mapping: CompiledMapping, shown: Fields | null, seen: Fields): boolean {
  if (shown === null) return false;
  return mapping.fields.every((field) => {
    const now = seen[field.name];
    const base = shown[field.name];
    return now === undefined || (base !== undefined && field.equal(now, base));
  });
}
