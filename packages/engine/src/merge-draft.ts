import type { ConflictRow, Fields, FieldValue, Side } from '@tidelock/core';
import type { MappedField } from './lens.ts';

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
  /** Sides whose record only somebody else can change, and what happens to edits that would have to go there. */
  readonly closed?:
    | {
        readonly sides: readonly Side[];
        /** Those of them that are somebody else's: their personal fields are not the meeting's. */
        readonly foreign: readonly Side[];
        readonly edits: 'ignore' | 'revert';
      }
    | undefined;
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
  /** Fields whose edit stays on its side, because the other side's record cannot be changed. */
  readonly closed: readonly string[];
}

/** The result as it is put together. */
export interface Draft {
  readonly input: MergeInput;
  readonly to: Record<Side, Record<string, FieldValue>>;
  readonly shown: Record<Side, Record<string, FieldValue>>;
  readonly changes: FieldChange[];
  readonly conflicts: ConflictRow[];
  readonly holds: string[];
  readonly released: string[];
  readonly closed: string[];
}

export const createDraft = (input: MergeInput): Draft => ({
  input,
  to: { a: {}, b: {} },
  shown: { a: { ...input.shown.a }, b: { ...input.shown.b } },
  changes: [],
  conflicts: [],
  holds: [],
  released: [],
  closed: [],
});

export const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');

/** Two values are the same when either side could not tell them apart: what does not fit is no difference. */
export function alike(field: MappedField, a: FieldValue, b: FieldValue): boolean {
  if (field.equal(a, b)) return true;
  const heldB = field.project('b', a);
  const heldA = field.project('a', b);
  const fitsB = heldB === undefined ? b === null : field.equal(heldB, b);
  const fitsA = heldA === undefined ? a === null : field.equal(heldA, a);
  return fitsB || fitsA;
}

export const isClosed = (input: MergeInput, side: Side): boolean =>
  input.closed?.sides.includes(side) === true;

/**
 * An edit that would have to go to a record which cannot be changed stays where it is, and both bases stay as they were: once
 * the other side changes as well, the two meet again.
 */
function stopsAtClosed(draft: Draft, field: MappedField, from: Side): boolean {
  if (!isClosed(draft.input, other(from))) return false;
  draft.closed.push(field.name);
  for (const side of ['a', 'b'] as const) {
    const base = draft.input.shown[side]?.[field.name];
    if (base !== undefined) draft.shown[side][field.name] = base;
  }
  return true;
}

/** Carries `from`'s value to the other side, or accepts that it does not travel. */
export function carry(
  draft: Draft,
  field: MappedField,
  step: { from: Side; value: FieldValue; target: FieldValue; rule: string; first: boolean },
): void {
  const target = other(step.from);
  if (stopsAtClosed(draft, field, step.from)) return;
  draft.shown[step.from][field.name] = step.value;
  const foreign = draft.input.closed?.foreign.includes(step.from) === true;
  const own = foreign && field.spec[step.from].personal === true;
  const flow = own ? 'never' : field.flows[step.from];
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

/** The side whose record only somebody else can change, where the other side's can be changed. */
function closedSide(input: MergeInput): Side | null {
  const [shut, second] = input.closed?.sides ?? [];
  return second === undefined ? (shut ?? null) : null;
}

/** Of a merged value, what a closed record does not show is an edit of the other side that stays there: it is no base. */
function leaveBeside(draft: Draft, field: MappedField, at: Parameters<typeof writeBoth>[2]): void {
  const shut = closedSide(draft.input);
  if (shut === null || field.flows[other(shut)] === 'never') return;
  const held = field.project(shut, at.value);
  if (held === undefined || field.equal(held, at.now[shut])) return;
  draft.closed.push(field.name);
  const said = field.project(other(shut), at.now[shut]);
  if (said !== undefined) draft.shown[other(shut)][field.name] = said;
}

/** Writes one value to both sides, where it may flow and is not shown already. */
export function writeBoth(
  draft: Draft,
  field: MappedField,
  at: { value: FieldValue; now: Record<Side, FieldValue>; rule: string },
): void {
  const { value, now } = at;
  for (const side of ['a', 'b'] as const) {
    const held = field.project(side, value);
    const stays = field.flows[other(side)] === 'never' || isClosed(draft.input, side);
    if (held === undefined || field.equal(held, now[side]) || stays) {
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
      rule: at.rule,
    });
  }
  leaveBeside(draft, field, at);
}

export const READ_ONLY = 'read-only';

/** Which side stands where both changed a field, and by which rule; null = a person says. */
export function winnerOf(field: MappedField, input: MergeInput): { side: Side; rule: string } | null {
  const closed = input.closed?.sides ?? [];
  const [only] = closed;
  if (closed.length === 1 && only !== undefined) return { side: only, rule: READ_ONLY };
  if (field.conflict === 'hold') return null;
  if (field.conflict !== 'newer') return { side: field.conflict, rule: `conflict:${field.conflict}` };
  const { a, b } = input.modifiedAt;
  if (a !== undefined && b !== undefined && Math.abs(a - b) > input.skewMs) {
    return { side: a > b ? 'a' : 'b', rule: 'conflict:newer' };
  }
  return { side: input.master, rule: 'conflict:master' };
}
