import type { Fields, FieldValue, Intent, Link, Side, StoreRecord } from '@tidelock/core';
import { saidByCopy } from './confirm.ts';
import { type Core, state } from './effect.ts';
import { forebears } from './forebears.ts';
import type { Pass } from './lane.ts';
import { type CompiledMapping, getFields, type MappedField } from './lens.ts';
import type { LateFields, Seen } from './link-plan.ts';
import { unchanged } from './merge.ts';

const SIDES = ['a', 'b'] as const;

/** Longer than a request is under way, a process sleeps or a clock of ours jumps (5.6 keeps what was sent as long as this). */
const LANDED_MS = 3_600_000;

/** One field of one side, and a value that it shows and the pair has not agreed on. */
interface Shown {
  readonly side: Side;
  readonly field: MappedField;
  readonly value: FieldValue;
}

/**
 * Has the pair read something else on that side, or written it there, when that request had landed or was lost? Then it is not what the
 * side shows now (0753).
 */
function isOutlived(past: Intent, { side, field, value }: Shown, journal: readonly Intent[]): boolean {
  return journal.some((later) => {
    if (!(later.sentAt >= past.sentAt + LANDED_MS)) return false;
    if (later.side === side)
      return later.op === 'update' && later.state === 'confirmed' && field.name in later.sent;
    const read = later.source[field.name];
    return read !== undefined && !field.equal(read, value);
  });
}

/** Has that write sent the value? */
function hasSent(intent: Pick<Intent, 'sent'>, { side, field, value }: Shown): boolean {
  if (!(field.name in intent.sent)) return false;
  const held = field.project(side, intent.sent[field.name] ?? null);
  return held !== undefined && field.equal(held, value);
}

/**
 * Has a pair of another lane, which shares the record, written the value there since we sent it last? Mappings differ between lanes:
 * what was sent is read by ours.
 */
function isOfOthers(
  mapping: CompiledMapping,
  at: Shown,
  of: { sentAt: number; others: readonly Intent[] },
): boolean {
  return of.others.some(({ sentAt, patch }) => {
    const sent = getFields(mapping, at.side, { fields: patch });
    return sentAt > of.sentAt && hasSent({ sent }, at);
  });
}

/** Where a value may have come from. */
export interface Journals {
  /** What this link has sent. */
  readonly journal: readonly Intent[];
  /** What all links of the pair have sent; absent = it has no other. */
  readonly since?: readonly Intent[];
  /** What pairs of other lanes have written to the record, and was confirmed; absent = nothing. */
  readonly others?: readonly Intent[];
}

/**
 * Fields in which a record shows what an earlier, settled write of ours sent, and not what the pair agreed on since: a
 * request of ours that was late (rule Z, 5.6). It may be noticed long after it landed, so what counts is not how old the request is,
 * but whether the pair has seen the field since. Pure.
 */
export function lateFields(
  mapping: CompiledMapping,
  of: { side: Side; shown: Fields; now: Fields; link?: Link } & Journals,
): ReadonlySet<string> {
  const { side, shown, now, link, journal, since = journal, others = [] } = of;
  const past = journal.filter(
    (intent) => intent.side === side && intent.op === 'update' && intent.state !== 'open',
  );
  const isLate = (name: string): boolean => {
    const field = mapping.byName.get(name);
    const [value, base] = [now[name], shown[name]];
    if (field === undefined || value === undefined || base === undefined || field.equal(value, base))
      return false;
    const at = { side, field, value };
    const sent = past
      .filter((intent) => hasSent(intent, at) && !isOutlived(intent, at, since))
      // Written with an edit that stays beside a copy, which is why it is not the base.
      .filter((intent) => link === undefined || saidByCopy(field, link, intent) === undefined);
    if (sent.length === 0) return false;
    return !isOfOthers(mapping, at, { sentAt: Math.max(...sent.map(({ sentAt }) => sentAt)), others });
  };
  return new Set(Object.keys(now).filter(isLate));
}

/** May this record have been written by a late request of ours? Only a store that says who wrote can tell. */
function isOurs(pass: Pass, side: Side, of: { record: StoreRecord; link: Link }): boolean {
  const { record, link } = of;
  const { caps, mapping } = pass.lane;
  if (caps[side].conditionalUpdate || !caps[side].modifiedBy || record.modifiedBy !== 'us') return false;
  const shown = side === 'a' ? link.shownA : link.shownB;
  return shown !== null && !unchanged(mapping, shown, getFields(mapping, side, record));
}

/** In step, or coming back from outside the scope: what landed on it meanwhile is as late. */
const isMerged = ({ status }: Link): boolean => status === 'live' || status === 'out';

const shownOn = (link: Link, side: Side): Fields => (side === 'a' ? link.shownA : link.shownB) ?? {};

interface Sender {
  readonly pair: Link;
  readonly journal: readonly Intent[];
}

interface Asked {
  readonly link: Link;
  readonly side: Side;
  readonly now: Fields;
}

/**
 * A pair that has followed a move or a merge has a link of its own, with an empty journal; what was sent before stands in that of the
 * link that it goes on from. What that one had agreed on is not late, whatever the base is now (0172).
 */
function lateIn(
  pass: Pass,
  { link, side, now }: Asked,
  of: { line: readonly Sender[]; others: readonly Intent[] },
): ReadonlySet<string> {
  const { line, others } = of;
  const since = line.flatMap(({ journal }) => journal);
  const fields = line.flatMap(({ pair, journal }) => {
    const [before, today] = [pair, link].map((at) => {
      const shown = shownOn(at, side);
      return lateFields(pass.lane.mapping, { side, shown, now, link, journal, since, others });
    });
    return [...(before ?? [])].filter((name) => today?.has(name));
  });
  return new Set(fields);
}

/** What pairs of other lanes have written to this record. Only the CRM is shared (5.9). */
function* writesOfOthers(pass: Pass, side: Side, id: string): Core<readonly Intent[]> {
  if (side === 'a') return [];
  const { id: laneId, storeB } = pass.lane.spec;
  const written: Intent[] = [];
  for (const known of yield* state('knownRecords', storeB, [id])) {
    if (known.laneId === laneId) continue;
    for (const link of known.links) written.push(...(yield* state('intentsOf', known.laneId, link.id)));
  }
  return written.filter(
    (intent) =>
      intent.side === side &&
      intent.op === 'update' &&
      intent.state === 'confirmed' &&
      intent.targetId === id,
  );
}

function* lateOf(pass: Pass, asked: Asked): Core<ReadonlySet<string>> {
  const { link, side } = asked;
  const line: Sender[] = [];
  for (const pair of [link, ...(yield* forebears(pass, link, side))])
    line.push({ pair, journal: yield* state('intentsOf', pass.lane.spec.id, pair.id) });
  const late = lateIn(pass, asked, { line, others: [] });
  if (late.size === 0) return late;
  const others = yield* writesOfOthers(pass, side, link[side]?.id ?? '');
  return others.length === 0 ? late : lateIn(pass, asked, { line, others });
}

/** Looks into the journal where a record that we wrote last does not show what the pair agreed on; else costs nothing. */
export function* findLate(
  pass: Pass,
  of: { link: Link; seen: Readonly<Record<Side, Seen>> },
): Core<LateFields | undefined> {
  const { link, seen } = of;
  let found: LateFields | undefined;
  for (const side of SIDES) {
    const at = seen[side];
    if (!isMerged(link) || at.state !== 'found' || !isOurs(pass, side, { record: at.record, link })) continue;
    const late = yield* lateOf(pass, { link, side, now: getFields(pass.lane.mapping, side, at.record) });
    if (late.size > 0) found = { ...found, [side]: late };
  }
  return found;
}
