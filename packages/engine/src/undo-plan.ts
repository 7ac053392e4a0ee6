import type { Fields, FieldValue, Link, LinkStatus, Side, StoreRecord } from '@tidelock/core';
import { type CompiledMapping, getFields, type MappedField, putFields, withRequired } from './lens.ts';
import { otherSide, type PlannedWrite, refOf, type Seen, SIDES } from './link-plan.ts';
import type { FieldChange } from './merge-draft.ts';
import type { PastField, PastStep } from './undo-rows.ts';

/** What becomes of the side that a value came from; see `UndoRequest`. */
export type UndoMode = 'hold' | 'revert-source' | 'detach';

export const UNDO_RULE = 'undo';

/** Why something is not taken back. `already`: it is as it was, nothing is to be done. */
export type SkipCode =
  | 'already'
  | 'changed'
  | 'edited'
  | 'expired'
  | 'gone'
  | 'unread'
  | 'unmapped'
  | 'would-notify';

export interface UndoSkip {
  readonly side: Side;
  readonly op: PastStep['op'];
  readonly field: string | null;
  readonly code: SkipCode;
  /** What it shows now, and what it was expected to show. */
  readonly now: FieldValue;
  readonly expected: FieldValue;
}

export interface UndoPlan {
  readonly link: Link;
  /** Side B before side A, as everywhere. */
  readonly writes: readonly PlannedWrite[];
  /** Fields that a person decides about from now on, and fields that need nobody any more. */
  readonly holds: readonly string[];
  readonly releases: readonly string[];
  /** Status of the pair afterwards; null = it stays. */
  readonly status: LinkStatus | null;
  readonly skips: readonly UndoSkip[];
}

interface Draft {
  readonly mapping: CompiledMapping;
  readonly mode: UndoMode;
  /** What each side shows if everything so far is taken back; null = no record. */
  readonly now: Record<Side, Record<string, FieldValue> | null>;
  readonly touched: Set<string>;
  /** Fields whose source was taken back as well, so that the two agree. */
  readonly agreed: Set<string>;
  readonly rules: Map<string, string>;
  readonly skips: UndoSkip[];
  status: LinkStatus | null;
}

const same = (field: MappedField | undefined, x: FieldValue, y: FieldValue): boolean =>
  field === undefined ? JSON.stringify(x) === JSON.stringify(y) : field.equal(x, y);

function skip(draft: Draft, step: PastStep, of: { code: SkipCode } & Partial<UndoSkip>): void {
  const { side, op } = step;
  draft.skips.push({ side, op, field: null, now: null, expected: null, ...of });
}

/** Only a value that plainly came from the other side is taken back there too: a merge has two sources. */
const isCarried = (rule: string, to: Side): boolean => rule.endsWith(to === 'b' ? 'a>b' : 'b>a');

function revertSource(draft: Draft, side: Side, of: PastField): void {
  const source = draft.now[otherSide(side)];
  const field = draft.mapping.byName.get(of.field);
  if (source === null || field === undefined || !isCarried(of.rule, side)) return;
  const shows = source[of.field] ?? null;
  const propagated = same(field, shows, of.new) || same(field, field.project(side, shows) ?? null, of.new);
  if (!propagated) return;
  source[of.field] = of.old;
  draft.agreed.add(of.field);
}

function undoField(draft: Draft, step: PastStep, of: PastField): void {
  const record = draft.now[step.side];
  const field = draft.mapping.byName.get(of.field);
  const about = { field: of.field, expected: of.new };
  const now = record?.[of.field] ?? null;
  if (record === null || field === undefined || !same(field, now, of.new)) {
    const code = record === null ? 'gone' : field === undefined ? 'unmapped' : null;
    const asItWas = same(field, now, of.old) ? 'already' : 'changed';
    skip(draft, step, { ...about, now, code: code ?? asItWas });
    return;
  }
  record[of.field] = of.old;
  draft.touched.add(of.field);
  if (draft.mode === 'revert-source') revertSource(draft, step.side, of);
}

/** The first field in which the record is no longer what was made; null = nobody edited it. */
function editedSince(draft: Draft, step: PastStep, record: Fields): MappedField | null {
  const isEdited = (field: MappedField): boolean => {
    const now = record[field.name];
    return now !== undefined && !field.equal(now, step.record[field.name] ?? null);
  };
  return draft.mapping.fields.find(isEdited) ?? null;
}

function undoCreate(draft: Draft, step: PastStep): void {
  const record = draft.now[step.side];
  const edited = record === null ? null : editedSince(draft, step, record);
  if (record === null) skip(draft, step, { code: 'already' });
  else if (edited !== null) {
    const { name } = edited;
    const [now, expected] = [record[name] ?? null, step.record[name] ?? null];
    skip(draft, step, { code: 'edited', field: name, now, expected });
  } else {
    draft.now[step.side] = null;
    draft.status = 'detached';
  }
}

function undoDelete(draft: Draft, step: PastStep, link: Link): void {
  if (draft.now[step.side] !== null) {
    skip(draft, step, { code: 'already' });
    return;
  }
  draft.now[step.side] = { ...step.record };
  const from = otherSide(step.side);
  const kept = from === 'a' ? link.shownA : link.shownB;
  if (draft.mode === 'revert-source' && draft.now[from] === null)
    draft.now[from] = { ...(kept ?? step.record) };
  draft.status = draft.now[from] === null || draft.mode === 'detach' ? 'detached' : 'live';
}

const UNDO: Readonly<Record<PastStep['op'], (draft: Draft, step: PastStep, link: Link) => void>> = {
  link(draft) {
    draft.status = 'detached';
  },
  unlink(draft, step) {
    // One record alone would be deleted by the next pass, or its partner made anew.
    if (draft.now.a !== null && draft.now.b !== null) draft.status = 'live';
    else skip(draft, { ...step, side: draft.now.a === null ? 'a' : 'b' }, { code: 'gone' });
  },
  create: undoCreate,
  delete: undoDelete,
  update(draft, step) {
    for (const field of step.fields) undoField(draft, step, field);
  },
};

function undoStep(draft: Draft, step: PastStep, link: Link): void {
  if (step.unknown) skip(draft, step, { code: 'expired' });
  else UNDO[step.op](draft, step, link);
}

interface Sides {
  readonly link: Link;
  readonly seen: Readonly<Record<Side, Seen>>;
}

const recordOf = (seen: Seen): StoreRecord | null =>
  seen.state === 'found' ? seen.record : seen.state === 'out' ? (seen.record ?? null) : null;

const isKnown = (seen: Seen): boolean => seen.state === 'gone' || recordOf(seen) !== null;

function baseWrite(side: Side, op: PlannedWrite['op'], target: StoreRecord | null): PlannedWrite {
  const none = { patch: {}, sent: {}, before: {}, source: {} };
  return { side, op, ...none, target, inc: 0, changes: [], conflicts: [] };
}

const changesTo = (side: Side, of: { from: Fields; to: Fields; names: readonly string[] }): FieldChange[] =>
  of.names.map((field) => ({
    field,
    to: side,
    old: of.from[field] ?? null,
    new: of.to[field] ?? null,
    rule: UNDO_RULE,
  }));

function createWrite(draft: Draft, side: Side, of: { link: Link; wanted: Fields }): PlannedWrite {
  const { mapping } = draft;
  const complete = Object.entries(withRequired(mapping, side, of.wanted)).filter(
    ([, value]) => value !== null,
  );
  const sent: Fields = Object.fromEntries(complete);
  const patch = putFields(mapping, side, { values: sent, current: null });
  const inc = (refOf(of.link, side)?.inc ?? -1) + 1;
  const changes = changesTo(side, { from: {}, to: sent, names: Object.keys(sent) });
  return { ...baseWrite(side, 'create', null), patch, sent, inc, changes };
}

/** The write that makes one side show what it is to show; null = it does already. */
function writeFor(draft: Draft, side: Side, { link, seen }: Sides): PlannedWrite | null {
  const { mapping } = draft;
  const target = recordOf(seen[side]);
  const wanted = draft.now[side];
  if (target === null) return wanted === null ? null : createWrite(draft, side, { link, wanted });
  const shows = getFields(mapping, side, target);
  const inc = refOf(link, side)?.inc ?? 0;
  if (wanted === null) {
    const names = Object.keys(shows).filter((name) => shows[name] !== null);
    const changes = changesTo(side, { from: shows, to: {}, names });
    return { ...baseWrite(side, 'delete', target), before: shows, inc, changes };
  }
  const names = mapping.fields
    .filter(({ name, equal }) => !equal(wanted[name] ?? null, shows[name] ?? null))
    .map(({ name }) => name);
  const pick = (values: Fields): Fields =>
    Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
  const patch = putFields(mapping, side, { values: pick(wanted), current: target });
  if (Object.keys(patch).length === 0) return null;
  const changes = changesTo(side, { from: shows, to: wanted, names });
  return {
    ...baseWrite(side, 'update', target),
    patch,
    sent: pick(wanted),
    before: pick(shows),
    inc,
    changes,
  };
}

function statusAfter(draft: Draft, link: Link): LinkStatus | null {
  if (draft.mode === 'detach' && (draft.touched.size > 0 || draft.status !== null)) return 'detached';
  return draft.status === link.status ? null : draft.status;
}

/**
 * What taking back these steps of one pair means, on what its two records show at this moment. Pure. Steps are folded
 * newest first, each against what the ones before it would leave, so that nothing is written twice, and a value is
 * restored only where the record still shows what was written.
 */
export function planUndo(
  steps: readonly PastStep[],
  of: Sides & { readonly mapping: CompiledMapping; readonly mode: UndoMode },
): UndoPlan {
  const { link, seen, mapping, mode } = of;
  const shows = (side: Side): Record<string, FieldValue> | null => {
    const record = recordOf(seen[side]);
    return record === null ? null : { ...getFields(mapping, side, record) };
  };
  const draft: Draft = {
    ...{ mapping, mode, now: { a: shows('a'), b: shows('b') }, touched: new Set(), agreed: new Set() },
    ...{ rules: new Map(), skips: [], status: null },
  };
  const unread = SIDES.filter((side) => refOf(link, side) !== null && !isKnown(seen[side]));
  // Without a record to start from nobody knows which stamps were used, and what would be made twice.
  const left = link.a === null && link.b === null;
  if (unread.length > 0 || left) {
    for (const step of steps) skip(draft, step, { code: left ? 'gone' : 'unread' });
    return { link, writes: [], holds: [], releases: [], status: null, skips: draft.skips };
  }
  for (const step of steps) undoStep(draft, step, link);
  const writes = (['b', 'a'] as const).flatMap((side) => writeFor(draft, side, of) ?? []);
  const written = new Set(writes.flatMap((write) => (write.op === 'update' ? Object.keys(write.sent) : [])));
  const { a, b } = draft.now;
  const differs = (name: string): boolean => {
    const field = mapping.byName.get(name);
    return a === null || b === null || field === undefined || !field.equal(a[name] ?? null, b[name] ?? null);
  };
  const restored = mode === 'detach' ? [] : [...draft.touched].filter((name) => written.has(name));
  // Between the first and the second of two writes the sides differ: held until both are confirmed.
  const twice = writes.length > 1;
  const holds = restored.filter((name) => (differs(name) || twice) && !link.holds.includes(name));
  const releases = restored.filter((name) => !differs(name) && (twice || link.holds.includes(name)));
  return { link, writes, holds, releases, status: statusAfter(draft, link), skips: draft.skips };
}
