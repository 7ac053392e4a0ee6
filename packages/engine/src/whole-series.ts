import { boundsOf, expandSeries, type Fields, type Series, type Side } from '@tidelock/core';
import { seriesIn } from './fit-series.ts';
import type { CompiledMapping, MappedField } from './lens.ts';
import { SIDES } from './link-plan.ts';
import { carry, type Draft, other, winnerOf } from './merge-draft.ts';

/** Does a series begin on a day of its rule? True where that cannot be reckoned. */
function begins(series: Series): boolean {
  try {
    const { from, to } = boundsOf(series.time);
    const plain = { ...series, occurrences: null };
    return expandSeries(plain, { from, to: Math.max(to, from + 1) }).some((each) => each.from === from);
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

interface Pair {
  readonly time: MappedField;
  readonly rule: MappedField;
}

/**
 * Would a side show a time and a rule that do not belong together? What the other side shows just so was mixed of nothing: whoever
 * made it there has said it, and it travels as any edit does.
 */
function isTorn({ series }: CompiledMapping, draft: Draft, at: Pair & { readonly side: Side }): boolean {
  const { side, time, rule } = at;
  const to = draft.to[side];
  if (series === null || !(time.name in to || rule.name in to)) return false;
  const { seen } = draft.input;
  const values: Fields = { ...seen[side], ...to };
  const after = seriesIn(series, values);
  if (after === null || begins(after)) return false;
  return [time, rule].some(
    ({ name, equal }) => !equal(values[name] ?? null, seen[other(side)][name] ?? null),
  );
}

/** Takes back what the merge has made of this field. */
function clear(draft: Draft, name: string): void {
  for (const side of ['a', 'b'] as const) delete draft.to[side][name];
  const of = (rows: { readonly field: string }[]): void => {
    const kept = rows.filter(({ field }) => field !== name);
    rows.splice(0, rows.length, ...kept);
  };
  of(draft.changes);
  of(draft.conflicts);
}

/** Have the two sides never agreed about this field? As long as a write waits, the others of a pair may have, and it has not. */
const isFirst = ({ input: { shown } }: Draft, { name }: MappedField): boolean =>
  shown.a?.[name] === undefined || shown.b?.[name] === undefined;

/** Whose series policy lets stand; null = a person says, or nothing can flow from there. */
function named(draft: Draft, { time, rule }: Pair): Side | null {
  const { input } = draft;
  const { closed, master, holds } = input;
  if (holds.includes(time.name) || holds.includes(rule.name)) return null;
  const side = isFirst(draft, rule) && closed === undefined ? master : (winnerOf(rule, input)?.side ?? null);
  if (side === null) return null;
  const flows = (from: Side): boolean => time.flows[from] !== 'never' && rule.flows[from] !== 'never';
  if (flows(side)) return side;
  return flows(other(side)) ? other(side) : null;
}

/** Whose series stands: the one that policy names, but no single event in the place of a series where it never was one. */
function standing(draft: Draft, pair: Pair): Side | null {
  const side = named(draft, pair);
  if (side === null || draft.input.closed !== undefined) return side;
  const { seen, shown } = draft.input;
  const isSingle = (values: Fields | null): boolean => (values?.[pair.rule.name] ?? null) === null;
  return isSingle(seen[side]) && isSingle(shown[side]) ? other(side) : side;
}

/** Neither is written, and both bases stay: a person is asked about what is not asked about yet. */
function hold(draft: Draft, { time, rule }: Pair): void {
  for (const { name } of [time, rule]) {
    clear(draft, name);
    for (const side of ['a', 'b'] as const) {
      const base = draft.input.shown[side]?.[name];
      if (base !== undefined) draft.shown[side][name] = base;
    }
    if (!draft.holds.includes(name) && !draft.input.holds.includes(name)) draft.holds.push(name);
  }
}

function takeFrom(draft: Draft, from: Side, { time, rule }: Pair): void {
  const to = other(from);
  const { seen, shown } = draft.input;
  for (const field of [time, rule]) {
    const [kept, lost] = [seen[from][field.name] ?? null, seen[to][field.name] ?? null];
    clear(draft, field.name);
    carry(draft, field, { from, value: kept, target: lost, rule: WHOLE, first: isFirst(draft, field) });
    const base = shown[to]?.[field.name];
    if (!(field.name in draft.to[to]) || (base !== undefined && field.equal(base, lost))) continue;
    draft.conflicts.push({ field: field.name, winner: from, kept, lost, rule: WHOLE, certainty: 'certain' });
  }
}

const WHOLE = 'series:whole';

/**
 * When a series is and by which rule it goes on are two fields, and belong together: the merge of both may put the day of one side
 * under the rule of the other. Such a series is nobody's, so all of it is taken from one side, and what the other one had changed is
 * kept as what lost.
 */
export function keepWhole(mapping: CompiledMapping, draft: Draft): void {
  const time = mapping.byName.get(mapping.series?.time ?? '');
  const rule = mapping.byName.get(mapping.series?.recurrence ?? '');
  if (time === undefined || rule === undefined) return;
  if (!SIDES.some((side) => isTorn(mapping, draft, { side, time, rule }))) return;
  const from = standing(draft, { time, rule });
  if (from === null) hold(draft, { time, rule });
  else takeFrom(draft, from, { time, rule });
}
