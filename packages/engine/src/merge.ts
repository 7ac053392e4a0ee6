import type { Fields, FieldValue, Side } from '@tidelock/core';
import { mergeParts } from './event-merge.ts';
import { fitSeries } from './fit-series.ts';
import type { CompiledMapping, MappedField } from './lens.ts';
import {
  alike,
  carry,
  createDraft,
  type Draft,
  isClosed,
  type MergeInput,
  type MergeResult,
  other,
  READ_ONLY,
  winnerOf,
  writeBoth,
} from './merge-draft.ts';
import { mergeSet, mergeText } from './text-merge.ts';
import { keepWhole } from './whole-series.ts';

const RULE = { a: 'a>b', b: 'b>a' } as const;
const LATE = 'late write of ours';

const members = (value: FieldValue): readonly string[] =>
  Array.isArray(value) ? (value as readonly string[]) : [];

function combined(
  field: MappedField,
  base: Record<Side, FieldValue>,
  now: Record<Side, FieldValue>,
): FieldValue | undefined {
  // People are merged one by one, by their addresses (`mergeParts`).
  if (field.type === 'people') return undefined;
  if (field.merge === 'set')
    return field.clean(
      mergeSet({ a: members(base.a), b: members(base.b) }, { a: members(now.a), b: members(now.b) }),
    );
  if (field.merge !== 'text' || typeof now.a !== 'string' || typeof now.b !== 'string') return undefined;
  if (!field.equal(base.a, base.b)) return undefined;
  const merged = mergeText(typeof base.a === 'string' ? base.a : '', now.a, now.b);
  return merged === null ? undefined : field.clean(merged);
}

/** What would be taken back right after is not merged in. */
const takesBack = ({ input }: Draft): boolean => input.closed?.edits === 'revert';

const partsOf = (
  draft: Draft,
  field: MappedField,
  { base, now, winner }: Record<'base' | 'now', Record<Side, FieldValue>> & { winner: Side | null },
): ReturnType<typeof mergeParts> =>
  takesBack(draft) ? undefined : mergeParts(field.type, { base, now }, winner);

function resolve(
  draft: Draft,
  field: MappedField,
  at: { base: Record<Side, FieldValue>; now: Record<Side, FieldValue>; first: boolean },
): void {
  const { base, now, first } = at;
  const both = takesBack(draft) || (first && field.merge !== 'set') ? undefined : combined(field, base, now);
  if (both !== undefined) {
    writeBoth(draft, field, { value: both, now, rule: `merge:${field.merge}` });
    return;
  }
  const winner =
    first && !draft.input.closed
      ? { side: draft.input.master, rule: 'first:master' }
      : winnerOf(field, draft.input);
  const parts = partsOf(draft, field, { base, now, winner: winner?.side ?? null });
  if (parts) {
    writeBoth(draft, field, { value: parts.value, now, rule: 'merge:parts' });
    if (parts.lost !== null && winner !== null) {
      const lost = { kept: parts.value, lost: parts.lost, rule: winner.rule, certainty: 'certain' } as const;
      draft.conflicts.push({ field: field.name, winner: winner.side, ...lost });
    }
    return;
  }
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

/** An edit on the side that can be changed is taken back, as what it would have to go to cannot be changed. */
function revertEdit(
  draft: Draft,
  field: MappedField,
  at: { side: Side; now: Record<Side, FieldValue> },
): void {
  const { side, now } = at;
  const from = other(side);
  carry(draft, field, { from, value: now[from], target: now[side], rule: READ_ONLY, first: false });
  const kept = { winner: from, kept: now[from], lost: now[side], rule: READ_ONLY } as const;
  if (field.name in draft.to[side])
    draft.conflicts.push({ field: field.name, ...kept, certainty: 'certain' });
}

/**
 * A merged value arrived on one side only: the write to the other one is withheld, was refused, or failed. The bases differ
 * since, and what the side without it shows is not an edit of what was merged: it is merged once more, from its own base.
 */
function goesOn(
  draft: Draft,
  field: MappedField,
  at: { from: Side; base: Record<Side, FieldValue>; now: Record<Side, FieldValue> },
): boolean {
  const { holds, closed } = draft.input;
  const { from, now } = at;
  const bothWays = field.flows.a === 'always' && field.flows.b === 'always' && !field.keepOnBlank;
  if (!bothWays || closed || holds.includes(field.name) || alike(field, at.base.a, at.base.b)) return false;
  const base = { a: at.base[from], b: at.base[from] };
  const both = combined(field, base, now);
  const parts = both === undefined ? mergeParts(field.type, { base, now }, from) : undefined;
  const value = both ?? parts?.value;
  if (value === undefined) return false;
  writeBoth(draft, field, { value, now, rule: parts ? 'merge:parts' : `merge:${field.merge}` });
  if (parts && parts.lost !== null) {
    const lost = { kept: parts.value, lost: parts.lost, rule: RULE[from], certainty: 'certain' } as const;
    draft.conflicts.push({ field: field.name, winner: from, ...lost });
  }
  return true;
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
    if (goesOn(draft, field, { from, base, now })) return;
    if (takesBack(draft) && isClosed(draft.input, other(from))) {
      revertEdit(draft, field, { side: from, now });
      return;
    }
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

/** Sides that show a late write of our own. */
const lateSides = (input: MergeInput, name: string): readonly Side[] =>
  (['a', 'b'] as const).filter((side) => input.late?.[side]?.has(name));

/** Our own late write on one side: the other side's value is written there again; what it showed goes to the log. */
function takeOthers(
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

/** On both sides: nobody has edited either, so each is given back what it showed before. */
function takeBase(
  draft: Draft,
  field: MappedField,
  at: { base: Record<Side, FieldValue>; now: Record<Side, FieldValue> },
): void {
  for (const side of ['a', 'b'] as const) {
    const [kept, lost] = [at.base[side], at.now[side]];
    draft.shown[side][field.name] = kept;
    draft.to[side][field.name] = kept;
    draft.changes.push({ field: field.name, to: side, old: lost, new: kept, rule: LATE });
    const conflict = { field: field.name, winner: other(side), kept, lost, rule: LATE } as const;
    draft.conflicts.push({ ...conflict, certainty: 'possible' });
  }
}

/** False where neither side shows a late write of our own. */
function undoLate(draft: Draft, field: MappedField, at: Parameters<typeof takeBase>[2]): boolean {
  const [side, second] = lateSides(draft.input, field.name);
  if (side === undefined) return false;
  if (second === undefined) takeOthers(draft, field, { side, now: at.now });
  else takeBase(draft, field, at);
  return true;
}

/** Three-way merge, field by field. Pure: same input, same answer. At most one write a side comes out of it. */
export function mergeRecord(mapping: CompiledMapping, input: MergeInput): MergeResult {
  const draft = createDraft(input);
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
    if (baseA === undefined || baseB === undefined) {
      mergeFirst(draft, field, { a, b });
      continue;
    }
    const known = { base: { a: baseA, b: baseB }, now: { a, b } };
    if (!undoLate(draft, field, known)) mergeKnown(draft, field, known);
  }
  keepWhole(mapping, draft);
  fitSeries(mapping, draft);
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
