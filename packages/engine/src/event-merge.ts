import {
  type Attendee,
  type Exception,
  type FieldValue,
  OCCURRENCE_FIELDS,
  type Occurrences,
  type People,
  type Side,
} from '@tidelock/core';
import { createCanon } from './canonical.ts';
import { CHILD_TYPES, childKey, isEventValue } from './event-canon.ts';

/** Children hold nothing whose comparison depends on a country. */
const canon = createCanon({ region: 'US' });

type Both<T> = Readonly<Record<Side, T>>;

export interface MergedParts {
  readonly value: FieldValue;
  /** What lost against the other side; null = nothing did. */
  readonly lost: FieldValue;
}

/** Which of three values stands, and the one that lost; undefined where a person has to say. */
interface Choice<T> {
  readonly kept: T;
  readonly lost?: T;
}

/** Which side alone changed the value, or that both did, to different things; null = they say the same. */
function changedBy<T>(
  of: { readonly base: Both<T>; readonly now: Both<T> },
  key: (value: T) => string,
): Side | 'both' | null {
  const [a, b] = [key(of.now.a), key(of.now.b)];
  if (a === b || b === key(of.base.b)) return a === b ? null : 'a';
  return a === key(of.base.a) ? 'b' : 'both';
}

function choose<T>(
  of: { readonly base: Both<T>; readonly now: Both<T> },
  by: { readonly key: (value: T) => string; readonly winner: Side | null },
): Choice<T> | null {
  const { now } = of;
  const changed = changedBy(of, by.key);
  if (changed !== 'both') return { kept: changed === 'b' ? now.b : now.a };
  if (by.winner === null) return null;
  return by.winner === 'a' ? { kept: now.a, lost: now.b } : { kept: now.b, lost: now.a };
}

type Child = 'cancelled' | Exception | undefined;
const isException = (child: Child): child is Exception => child !== undefined && child !== 'cancelled';

/** Both sides changed one occurrence, to different things, and to something that is there: field by field. */
function mergeFields(
  of: { readonly base: Both<Child>; readonly now: Both<Exception> },
  winner: Side | null,
): Choice<Exception> | null {
  const base = {
    a: isException(of.base.a) ? of.base.a : {},
    b: isException(of.base.b) ? of.base.b : {},
  };
  const kept: Record<string, FieldValue | undefined> = {};
  const lost: Record<string, FieldValue | undefined> = {};
  for (const field of OCCURRENCE_FIELDS) {
    const key = (value: FieldValue | undefined): string =>
      value === undefined ? '' : `=${canon.key(CHILD_TYPES[field], value)}`;
    const choice = choose<FieldValue | undefined>(
      { base: { a: base.a[field], b: base.b[field] }, now: { a: of.now.a[field], b: of.now.b[field] } },
      { key, winner },
    );
    if (choice === null) return null;
    if (choice.kept !== undefined) kept[field] = choice.kept;
    if (choice.lost !== undefined) lost[field] = choice.lost;
  }
  const value = kept as Exception;
  return Object.keys(lost).length === 0 ? { kept: value } : { kept: value, lost: lost as Exception };
}

const keyOfChild = (child: Child): string =>
  child === 'cancelled' ? child : child === undefined ? '' : `=${childKey(child, canon)}`;

/** One occurrence. What is there beats what was cancelled or set back, as an edit beats a deletion. */
function mergeChild(
  of: { readonly base: Both<Child>; readonly now: Both<Child> },
  winner: Side | null,
): Choice<Child> | null {
  const { a, b } = of.now;
  if (changedBy(of, keyOfChild) === 'both') {
    if (isException(a) && isException(b)) return mergeFields({ base: of.base, now: { a, b } }, winner);
    if (isException(a)) return { kept: a, lost: b };
    if (isException(b)) return { kept: b, lost: a };
  }
  return choose<Child>(of, { key: keyOfChild, winner });
}

const occurrencesIn = (value: FieldValue): Occurrences['byStart'] =>
  isEventValue(value) && value.kind === 'occurrences' ? value.byStart : {};

function mergeOccurrences(
  of: { readonly base: Both<FieldValue>; readonly now: Both<FieldValue> },
  winner: Side | null,
): MergedParts | null {
  const base = { a: occurrencesIn(of.base.a), b: occurrencesIn(of.base.b) };
  const now = { a: occurrencesIn(of.now.a), b: occurrencesIn(of.now.b) };
  const kept: Record<string, 'cancelled' | Exception> = {};
  const lost: Record<string, 'cancelled' | Exception> = {};
  for (const key of new Set([...Object.keys(now.a), ...Object.keys(now.b)])) {
    const choice = mergeChild(
      { base: { a: base.a[key], b: base.b[key] }, now: { a: now.a[key], b: now.b[key] } },
      winner,
    );
    if (choice === null) return null;
    if (choice.kept !== undefined) kept[key] = choice.kept;
    if (choice.lost !== undefined) lost[key] = choice.lost;
  }
  const value = (byStart: typeof kept): FieldValue =>
    canon.clean('occurrences', { kind: 'occurrences', byStart });
  return { value: value(kept), lost: value(lost) };
}

const peopleIn = (value: FieldValue): People | null =>
  isEventValue(value) && value.kind === 'people' ? value : null;

const byAddress = (value: FieldValue): ReadonlyMap<string, Attendee> =>
  new Map((peopleIn(value)?.attendees ?? []).map((attendee) => [attendee.email.toLowerCase(), attendee]));

/** Who was added by either side, or is still on both; what is said of one person is taken from the side that changed it. */
function mergePeople(
  of: { readonly base: Both<FieldValue>; readonly now: Both<FieldValue> },
  winner: Side | null,
): MergedParts | null {
  const base = { a: byAddress(of.base.a), b: byAddress(of.base.b) };
  const now = { a: byAddress(of.now.a), b: byAddress(of.now.b) };
  const key = (attendee: Attendee | undefined): string =>
    attendee === undefined ? '' : `${attendee.role} ${attendee.response}`;
  const attendees: Attendee[] = [];
  for (const email of new Set([...now.a.keys(), ...now.b.keys()])) {
    const [a, b] = [now.a.get(email), now.b.get(email)];
    const removed = (a === undefined && base.a.has(email)) || (b === undefined && base.b.has(email));
    if (removed) continue;
    // Roles and responses of one person are no reason to ask: the mailbox knows them best.
    const choice = choose(
      { base: { a: base.a.get(email) ?? a, b: base.b.get(email) ?? b }, now: { a: a ?? b, b: b ?? a } },
      { key, winner: winner ?? 'a' },
    );
    if (choice?.kept !== undefined) attendees.push(choice.kept);
  }
  const organizer = peopleIn(of.now.a)?.organizer ?? peopleIn(of.now.b)?.organizer ?? null;
  return { value: canon.clean('people', { kind: 'people', organizer, attendees }), lost: null };
}

/**
 * Three-way merge of a value that has parts: the occurrences of a series, the people of a meeting. What only one side
 * changed stands; where both changed one thing differently `winner` decides, and null says that a person has to
 * (`winner` null). Undefined for values without parts.
 */
export function mergeParts(
  type: string,
  of: { readonly base: Both<FieldValue>; readonly now: Both<FieldValue> },
  winner: Side | null,
): MergedParts | null | undefined {
  if (type === 'occurrences') return mergeOccurrences(of, winner);
  return type === 'people' ? mergePeople(of, winner) : undefined;
}
