import type { Fields, Intent, Link, Side, StoreRecord } from '@tidelock/core';
import { saidByCopy } from './confirm.ts';
import { type Core, state } from './effect.ts';
import { forebears } from './forebears.ts';
import type { Pass } from './lane.ts';
import { type CompiledMapping, getFields } from './lens.ts';
import type { LateFields, Seen } from './link-plan.ts';
import { unchanged } from './merge.ts';

const SIDES = ['a', 'b'] as const;

/**
 * Fields in which a record shows what an earlier, settled write of ours sent, and not what the pair agreed on since: a
 * request of ours that was late (rule Z, 5.6). As long as the journal remembers it: it may be noticed long after it landed.
 * Pure.
 */
export function lateFields(
  mapping: CompiledMapping,
  of: { side: Side; shown: Fields; now: Fields; journal: readonly Intent[]; link?: Link },
): ReadonlySet<string> {
  const { side, shown, now, link } = of;
  const past = of.journal.filter(
    (intent) => intent.side === side && intent.op === 'update' && intent.state !== 'open',
  );
  const isLate = (name: string): boolean => {
    const field = mapping.byName.get(name);
    const [value, base] = [now[name], shown[name]];
    if (field === undefined || value === undefined || base === undefined || field.equal(value, base))
      return false;
    return past.some((intent) => {
      if (!(name in intent.sent)) return false;
      // Written with an edit that stays beside a copy, which is why it is not the base.
      if (link !== undefined && saidByCopy(field, link, intent) !== undefined) return false;
      const held = field.project(side, intent.sent[name] ?? null);
      return held !== undefined && field.equal(held, value);
    });
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

/**
 * A pair that has followed a move or a merge has a link of its own, with an empty journal; what was sent before stands in that of the
 * link that it goes on from. What that one had agreed on is not late, whatever the base is now (0172).
 */
function* lateOf(pass: Pass, of: { link: Link; side: Side; now: Fields }): Core<ReadonlySet<string>> {
  const { link, side, now } = of;
  const late = new Set<string>();
  for (const pair of [link, ...(yield* forebears(pass, link, side))]) {
    const journal = yield* state('intentsOf', pass.lane.spec.id, pair.id);
    const [before, today] = [pair, link].map((at) =>
      lateFields(pass.lane.mapping, { side, shown: shownOn(at, side), now, journal, link }),
    );
    for (const name of before ?? []) if (today?.has(name)) late.add(name);
  }
  return late;
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
