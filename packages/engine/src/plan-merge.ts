import type { Fields, FieldValue, Link, Side } from '@tidelock/core';
import { type CompiledMapping, getFields, putFields } from './lens.ts';
import {
  asClean,
  type LinkPlan,
  needs,
  otherSide,
  type PlanAction,
  type PlanContext,
  type PlannedWrite,
  refNow,
  refOf,
  type Seen,
  SIDES,
  shownOf,
} from './link-plan.ts';
import { mergeRecord } from './merge.ts';
import type { MergeInput, MergeResult } from './merge-draft.ts';

const fieldsSeen = (of: { mapping: CompiledMapping; link: Link }, side: Side, seen: Seen): Fields =>
  seen.state === 'found' ? getFields(of.mapping, side, seen.record) : (shownOf(of.link, side) ?? {});

function writeFor(
  side: Side,
  merged: MergeResult,
  at: {
    link: Link;
    seen: Readonly<Record<Side, Seen>>;
    context: PlanContext;
    values: Readonly<Record<Side, Fields>>;
  },
): PlannedWrite | null {
  const target = at.seen[side];
  const sent = merged.to[side];
  if (Object.keys(sent).length === 0 || target.state !== 'found') return null;
  const patch = putFields(at.context.mapping, side, { values: sent, current: target.record });
  if (Object.keys(patch).length === 0) return null;
  const from = otherSide(side);
  const pick = (values: Fields): Fields =>
    Object.fromEntries(Object.keys(sent).map((name) => [name, values[name] ?? null]));
  const sourced = Object.keys(sent).filter((name) => !(name in merged.to[from]));
  return {
    side,
    op: 'update',
    patch,
    sent,
    before: pick(at.values[side]),
    source: Object.fromEntries(sourced.map((name) => [name, merged.shown[from][name] ?? null])),
    target: target.record,
    inc: refOf(at.link, side)?.inc ?? 0,
    changes: merged.changes.filter((change) => change.to === side),
    conflicts: merged.conflicts.filter((conflict) => conflict.winner !== side),
  };
}

/** Base of fields that need no write is accepted at once; fields that do keep their old base until the confirm. */
function acceptedBase(link: Link, side: Side, merged: MergeResult): Fields {
  const old = shownOf(link, side);
  const out: Record<string, FieldValue> = { ...old };
  for (const [name, value] of Object.entries(merged.shown[side])) {
    if (!(name in merged.to.a) && !(name in merged.to.b)) out[name] = value;
  }
  return out;
}

/** Sides whose record, as read now or when it was last read, only somebody else can change. */
function closedSides(
  link: Link,
  seen: Readonly<Record<Side, Seen>>,
  edits: 'ignore' | 'revert',
): MergeInput['closed'] {
  const sides = SIDES.filter((side) => {
    const at = seen[side];
    return at.state === 'found' ? at.record.writable === false : refOf(link, side)?.closed === true;
  });
  if (sides.length === 0) return undefined;
  const foreign = sides.filter((side) => {
    const at = seen[side];
    return at.state !== 'found' || at.record.derived !== true;
  });
  return { sides, foreign, edits };
}

/** Both sides exist: the three-way merge of their fields, at most one write a side. */
export function planMerge(link: Link, seen: Readonly<Record<Side, Seen>>, context: PlanContext): LinkPlan {
  const { mapping, policy } = context;
  const unread = SIDES.filter((side) => seen[side].state === 'unchanged' && shownOf(link, side) === null);
  if (unread.length > 0) return needs(link, unread, { rule: 'content needed' });
  const values = {
    a: fieldsSeen({ mapping, link }, 'a', seen.a),
    b: fieldsSeen({ mapping, link }, 'b', seen.b),
  };
  const modified = (side: Side): number | undefined => {
    const at = seen[side];
    return at.state === 'found' ? at.record.modifiedAt : undefined;
  };
  const merged = mergeRecord(mapping, {
    shown: { a: link.shownA, b: link.shownB },
    seen: values,
    modifiedAt: { a: modified('a'), b: modified('b') },
    master: policy.master,
    skewMs: policy.skewMs,
    holds: link.holds,
    late: context.late,
    closed: closedSides(link, seen, policy.events.readOnly),
  });
  const targets = SIDES.filter((side) => Object.keys(merged.to[side]).length > 0);
  const missing = targets.filter((side) => seen[side].state !== 'found');
  const writes = targets.flatMap((side) => writeFor(side, merged, { link, seen, context, values }) ?? []);
  const base = asClean({
    ...link,
    status: 'live',
    shownA: acceptedBase(link, 'a', merged),
    shownB: acceptedBase(link, 'b', merged),
    holds: [...new Set([...link.holds.filter((name) => !merged.released.includes(name)), ...merged.holds])],
    a: refNow(link.a, seen.a),
    b: refNow(link.b, seen.b),
  });
  const action: PlanAction = targets.length === 0 ? 'none' : 'update';
  const first = link.shownA === null ? 'first contact' : 'changed';
  if (missing.length > 0)
    return { link, action, writes: preview(merged, missing), next: link, reads: missing, rule: first };
  const pending = writes.length > 0 ? { ...base, cleanA: link.cleanA, cleanB: link.cleanB } : base;
  return {
    link,
    action: writes.length > 0 ? 'update' : 'none',
    writes,
    next: pending,
    reads: [],
    rule: first,
    ...(merged.closed.length === 0 ? {} : { closed: merged.closed }),
  };
}

/** Writes as far as they are known before their target was read: for counting and the brake, never for sending. */
function preview(merged: MergeResult, sides: readonly Side[]): PlannedWrite[] {
  return sides.map((side) => ({
    side,
    op: 'update',
    patch: {},
    sent: merged.to[side],
    before: {},
    source: {},
    target: null,
    inc: 0,
    changes: merged.changes.filter((change) => change.to === side),
    conflicts: merged.conflicts,
  }));
}
