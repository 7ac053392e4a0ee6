import type { Fields, FieldValue, Intent, Link, SideRef } from '@tidelock/core';
import type { Lane } from './lane.ts';
import type { MappedField } from './lens.ts';
import { otherSide, refOf } from './link-plan.ts';
import { alike } from './merge-draft.ts';
import { idOf } from './stamp.ts';

/** What the store answered to a write: its record's canonical fields, and properties it could not resolve. */
export interface Answer {
  readonly fields: Fields | null;
  readonly unresolved: ReadonlySet<string>;
  /**
   * What the target showed just before, where the write was conditional on that version: nobody can have come between.
   * null = the write was not conditional.
   */
  readonly before: Fields | null;
}
export const NO_ANSWER: Answer = { fields: null, unresolved: new Set(), before: null };

type Written = Pick<Intent, 'side' | 'op' | 'sent' | 'source'> & Partial<Pick<Intent, 'linkId' | 'origin'>>;

/**
 * What a copy of somebody else's event said, where more than that was written to the other side: the rest is an edit that was there
 * already, cannot go to the copy, and stays (0522). Undefined where nothing stays.
 */
export function saidByCopy(
  field: MappedField,
  link: Link,
  { side, sent, source }: Pick<Intent, 'side' | 'sent' | 'source'>,
): FieldValue | undefined {
  if (refOf(link, otherSide(side))?.closed !== true) return undefined;
  const [said, value] = [source[field.name], sent[field.name]];
  if (said === undefined || value === undefined || alike(field, said, value)) return undefined;
  return field.project(side, said);
}

/**
 * What the target shows of one field after the write; undefined = its base stays as it was. A field that was not sent
 * and answers differently is the store's own doing (a list that closed its gap) only where nobody can have come
 * between our read and our write, and where the field showed its base before: one that did not is an edit which has
 * yet to travel to the other side.
 */
function shownAfter(
  field: MappedField,
  intent: Written,
  of: { answer: Answer; base: FieldValue | undefined },
): FieldValue | undefined {
  const { answer, base } = of;
  const answered = answer.fields?.[field.name];
  if (!(field.name in intent.sent)) {
    if (intent.op === 'create') return answered ?? null;
    const before = answer.before?.[field.name];
    return before !== undefined && base !== undefined && field.equal(before, base) ? answered : undefined;
  }
  if (answered !== undefined) return answered;
  if (answer.unresolved.has(field.property[intent.side])) return null;
  return field.project(intent.side, intent.sent[field.name] ?? null) ?? null;
}

/**
 * The record that a write was made of, at least as new as it was then: content from before it (carried earlier, or read from a
 * replica) must not be taken for an edit since. Of another link the record may be another one.
 */
function sourceRef(link: Link, { side, linkId, origin }: Written): SideRef | null {
  const ref = side === 'a' ? link.b : link.a;
  const cause = origin?.cause;
  if (ref === null || linkId !== link.id || cause?.kind !== 'record' || cause.side === side) return ref;
  return cause.mono > ref.mono ? { ...ref, mono: cause.mono } : ref;
}

/**
 * Base after a write took effect: the target shows what was sent (or what it answered), the source what it showed. An edit that stays
 * beside a copy is not accepted by being written once more with what the copy says.
 */
export function confirmedLink(lane: Lane, at: { link: Link; intent: Written; answer: Answer }): Link {
  const { link, intent, answer } = at;
  const [old, from] = intent.side === 'a' ? [link.shownA, link.shownB] : [link.shownB, link.shownA];
  // Of a new record that holds nothing back every field is told below.
  const isWhole = old === null && intent.op === 'create' && link.holds.length === 0;
  const target: Record<string, FieldValue> = { ...(isWhole ? lane.mapping.blank : old) };
  const source: Fields = { ...from, ...intent.source };
  for (const field of lane.mapping.fields) {
    const value =
      saidByCopy(field, link, intent) ?? shownAfter(field, intent, { answer, base: old?.[field.name] });
    const held = link.holds.includes(field.name) && !(field.name in intent.sent);
    if (value !== undefined && !held) target[field.name] = value;
  }
  const ref = sourceRef(link, intent);
  return intent.side === 'a'
    ? { ...link, b: ref, shownA: target, shownB: source }
    : { ...link, a: ref, shownB: target, shownA: source };
}

/** A confirmed create makes the pair live (or gives it its partner back). */
export function withPartner(
  link: Link,
  intent: Pick<Intent, 'side' | 'stamp' | 'incarnation'>,
  ref: Pick<SideRef, 'id' | 'version' | 'mono' | 'container'>,
): Link {
  const partner = { ...ref, inc: intent.incarnation, stamp: intent.stamp, gen: 0 };
  const base =
    intent.side === 'a' ? { ...link, a: partner, goneA: false } : { ...link, b: partner, goneB: false };
  return { ...base, status: 'live', quarantine: null };
}

/**
 * A partner that was created again is another record: what was seen of the old one (versions, times) says nothing
 * about it, so the pair goes on in a link of its own. Answers what to store besides; null = the link just goes on.
 */
export function reborn(lane: Lane, link: Link, next: Link): { old: Link; next: Link } | null {
  const moved = (side: 'a' | 'b'): boolean => link[side] !== null && link[side]?.id !== next[side]?.id;
  const [a, b] = [moved('a'), moved('b')];
  if (!a && !b) return null;
  const id = idOf('reborn', lane.spec.id, link.id, next.a?.id ?? '', next.b?.id ?? '');
  const old: Link = { ...link, status: 'tomb', goneA: false, goneB: false, quarantine: null };
  const seen = { seenA: a ? '' : next.seenA, seenB: b ? '' : next.seenB };
  // A record that was reported since it was gone may be back: the tombstone remembers that it has to be looked at.
  const cleanA = a ? link.cleanA : link.dirtyA;
  const cleanB = b ? link.cleanB : link.dirtyB;
  return { old: { ...old, cleanA, cleanB }, next: { ...next, ...seen, id } };
}

/**
 * Does the answer show something that was neither sent nor shown before? It may be an edit made since our read: the
 * side has to be looked at, although the feed will report no newer version than the one answered.
 *
 * `taken`: what a write that still follows takes from this side. It is the base then, so it is what was read that counts:
 * an edit that went back to the old base, or to nothing where there was none, looks like no edit at all.
 */
export function showsMore(
  lane: Lane,
  link: Link,
  at: { intent: Written; answer: Answer; taken: Fields },
): boolean {
  const { intent, answer, taken } = at;
  const base = intent.side === 'a' ? link.shownA : link.shownB;
  return lane.mapping.fields.some((field) => {
    const answered = answer.fields?.[field.name];
    if (answered === undefined || field.name in intent.sent) return false;
    const read = taken[field.name];
    if (read !== undefined && !field.equal(answered, read)) return true;
    return !field.equal(answered, base?.[field.name] ?? null);
  });
}
