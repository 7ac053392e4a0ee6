import type { ConflictRow, Fields, FieldValue, Link, Side, StoreRecord } from '@tidelock/core';
import { endOf, touches } from './event-end.ts';
import { type CompiledMapping, getFields, putFields, withRequired } from './lens.ts';
import {
  asClean,
  ended,
  frozen,
  type LinkPlan,
  needs,
  nothing,
  otherSide,
  type PlanContext,
  type PlannedWrite,
  refNow,
  refOf,
  type Seen,
  shownOf,
} from './link-plan.ts';
import { unchanged } from './merge.ts';
import type { FieldChange } from './merge-draft.ts';
import { toOrderedJson } from './ordered-json.ts';
import { outsideOf } from './scope.ts';

function valuesFor(mapping: CompiledMapping, from: Side, fields: Fields): Fields {
  const to = otherSide(from);
  const filled: Record<string, FieldValue> = {};
  for (const field of mapping.fields) {
    const value = fields[field.name] ?? null;
    if (value !== null && field.flows[from] !== 'never') filled[field.name] = value;
  }
  return withRequired(mapping, to, filled);
}

/** What marks a new record as one of this lane: sets are added to what is mapped, other properties fill blanks only. */
function withMarks(patch: Fields, marks: Fields): Fields {
  const added = Object.entries(marks);
  if (added.length === 0) return patch;
  const out: Record<string, FieldValue> = { ...patch };
  for (const [property, mark] of added) {
    const mapped = out[property] ?? null;
    if (mapped === null) out[property] = mark;
    else if (Array.isArray(mapped) && Array.isArray(mark)) out[property] = [...new Set([...mapped, ...mark])];
  }
  return out;
}

/** A record that the lane's own rules would keep off at once is not made; what nothing is written to is blank in it. */
function wouldBeOutside(context: PlanContext, to: Side, patch: Fields): string | null {
  const { mapping, policy } = context;
  const blank = (policy.scope?.rules[to] ?? []).map(
    ({ field }) => [mapping.byName.get(field)?.property[to] ?? field, null] as const,
  );
  return outsideOf(context, to, { fields: { ...Object.fromEntries(blank), ...patch } });
}

const UNSEEN: Seen = { state: 'unchanged' };
const withSide = (side: Side, seen: Seen): Readonly<Record<Side, Seen>> => ({
  ...{ a: UNSEEN, b: UNSEEN },
  [side]: seen,
});

/**
 * What was looked at is known: a feed that overlaps says nothing new by repeating it. A record that is back in scope, alone, is half
 * a pair again; what it was left out for is over.
 */
function seenOnly(link: Link, from: Side, record: StoreRecord): Link {
  const ref = refNow(refOf(link, from), { state: 'found', record });
  const status = link.status === 'out' ? 'half' : link.status;
  return from === 'a' ? { ...link, status, a: ref } : { ...link, status, b: ref };
}

/** Why a meeting is not created where people are invited to meetings. */
const PAST_MEETING = 'it is over, and nobody is invited to the past';

/**
 * Nobody is invited to what is over, whatever the policy and the budget say. A meeting that people took part in is history
 * also where the mapping keeps them from flowing: it would be made without them.
 */
function isHistoryOf(context: PlanContext, to: Side, source: Fields): boolean {
  if (context.notifies?.includes(to) !== true) return false;
  const met = context.mapping.fields.some(
    ({ name, type }) => type === 'people' && (source[name] ?? null) !== null,
  );
  const end = met ? endOf(context.mapping, source) : null;
  return end !== null && end <= context.now;
}

/** The mailbox looks at some dates only: what it was given elsewhere would be made again by whoever does not see it. */
function wouldBeUnseen({ mapping, policy }: PlanContext, to: Side, sent: Fields): string | null {
  const { window } = policy.events;
  if (to !== 'a' || window === null || touches(mapping, sent, window)) return null;
  return `it lies outside the dates that are looked at, ${window.from} to ${window.to}`;
}

/** Nothing is made of it for now. What was looked at is known: a feed that overlaps says nothing new by repeating it. */
function unmade(link: Link, { from, record }: { from: Side; record: StoreRecord }, rule: string): LinkPlan {
  const to = otherSide(from);
  const plan = frozen(link, withSide(to, { state: 'out', rule }));
  const seen = refNow(refOf(link, from), { state: 'found', record });
  return { ...plan, next: { ...plan.next, [from]: seen } };
}

/** Creates the missing partner of `from`'s record. */
function planCreate(link: Link, of: { from: Side; record: StoreRecord }, context: PlanContext): LinkPlan {
  const { from, record } = of;
  const to = otherSide(from);
  if (!context.policy.create[to])
    return nothing(link, asClean(link), { rule: `create on ${to} is switched off` });
  const { mapping } = context;
  const source = getFields(mapping, from, record);
  const sent = valuesFor(mapping, from, source);
  const patch = withMarks(
    putFields(mapping, to, { values: sent, current: null }),
    context.policy.createWith[to],
  );
  const past = isHistoryOf(context, to, source) ? PAST_MEETING : null;
  const rule = past ?? wouldBeOutside(context, to, patch) ?? wouldBeUnseen(context, to, sent);
  if (rule !== null) return unmade(link, of, rule);
  const inc = (refOf(link, to)?.inc ?? -1) + 1;
  const write: PlannedWrite = {
    side: to,
    op: 'create',
    patch,
    sent,
    before: {},
    source,
    target: null,
    inc,
    changes: [],
    conflicts: [],
  };
  const next = seenOnly(link, from, record);
  return { link, action: 'create', writes: [write], next, reads: [], rule: `new on ${from}` };
}

/** Both versions, the edited one and the one that was deleted as it was last shown: kept in history. */
function deletionConflict(kept: Fields, deleted: Fields | null, winner: Side): ConflictRow[] {
  return [
    {
      field: '(record)',
      winner,
      kept: toOrderedJson(kept),
      lost: deleted === null ? null : toOrderedJson(deleted),
      rule: 'edit-beats-delete',
      certainty: 'certain',
    },
  ];
}

/** One side exists: its partner is created, or it ends. */
export function planHalf(link: Link, seen: Readonly<Record<Side, Seen>>, context: PlanContext): LinkPlan {
  const from: Side = link.a !== null && !link.goneA ? 'a' : 'b';
  const present = seen[from];
  if (refOf(link, from) === null) return ended(link, 'tomb', { rule: 'nothing left', action: 'tomb' });
  if (present.state === 'unchanged') return needs(link, [from], { rule: 'content needed' });
  if (present.state === 'gone')
    return ended(link, 'tomb', { rule: 'gone before it was created on the other side', action: 'tomb' });
  if (present.state === 'out') return frozen(link, seen);
  return planCreate(link, { from, record: present.record }, context);
}

/** A copy that somebody let go of says nothing about the event, and only its organizer deletes one; null = it is ours to say. */
function ownedElsewhere(link: Link, of: { gone: Side; record: StoreRecord }): string | null {
  const { gone, record } = of;
  if (refOf(link, gone)?.closed === true) return `deleted on ${gone}: a copy of somebody else's event`;
  return record.writable === false ? `deleted on ${gone}: the other one belongs to somebody else` : null;
}

/**
 * One side is proven gone: its partner is deleted, unlinked, or (edited) brings it back. The proof must be of this
 * very pass: a verdict may have waited at the brake while somebody restored the record.
 */
export function planDelete(
  link: Link,
  of: { gone: Side; seen: Readonly<Record<Side, Seen>> },
  context: PlanContext,
): LinkPlan {
  const { gone, seen } = of;
  const to = otherSide(gone);
  const survivor = seen[to];
  const unproved = seen[gone].state !== 'gone';
  const unread = [gone, to].filter((side) => (side === gone ? unproved : seen[side].state === 'unchanged'));
  if (unread.length > 0)
    return needs(link, unread, {
      rule: 'gone on the other side',
      action: context.policy.onDelete[gone] === 'delete' ? 'delete' : 'unlink',
    });
  if (survivor.state !== 'found')
    return ended(link, 'detached', { rule: 'gone, and its partner left the scope', action: 'unlink' });
  const { record } = survivor;
  const now = getFields(context.mapping, to, record);
  if (!unchanged(context.mapping, shownOf(link, to), now))
    return planRevival(link, { gone, record }, context);
  const others = ownedElsewhere(link, { gone, record });
  if (others !== null)
    return nothing(
      link,
      { ...asClean(link), status: 'detached', goneA: false, goneB: false },
      { rule: others, action: 'unlink' },
    );
  if (context.policy.onDelete[gone] === 'unlink') {
    return nothing(
      link,
      { ...asClean(link), status: 'detached', goneA: false, goneB: false },
      { rule: `deleted on ${gone}: unlinked by policy`, action: 'unlink' },
    );
  }
  const changes = Object.entries(now).flatMap(([field, value]): FieldChange[] =>
    value === null ? [] : [{ field, to, old: value, new: null, rule: 'delete:proved' }],
  );
  const write: PlannedWrite = {
    side: to,
    op: 'delete',
    patch: {},
    sent: {},
    before: now,
    source: {},
    target: record,
    inc: refOf(link, to)?.inc ?? 0,
    changes,
    conflicts: [],
  };
  return { link, action: 'delete', writes: [write], next: link, reads: [], rule: `deleted on ${gone}` };
}

/** Edit beats delete: the record that was deleted is created again from the edited partner. */
function planRevival(link: Link, of: { gone: Side; record: StoreRecord }, context: PlanContext): LinkPlan {
  const { gone, record } = of;
  const to = otherSide(gone);
  const created = planCreate(link, { from: to, record }, context);
  const [write] = created.writes;
  if (write === undefined)
    return ended(link, 'detached', {
      rule: 'deleted, edited on the other side, create is off',
      action: 'unlink',
    });
  return {
    ...created,
    writes: [{ ...write, conflicts: deletionConflict(write.source, shownOf(link, gone), to) }],
    rule: 'edit beats delete',
  };
}
