import {
  type EventTime,
  type Exception,
  type Fields,
  type FieldValue,
  hasOccurrence,
  type Occurrences,
  type Recurrence,
  reanchor,
  type Series,
  type Side,
} from '@tidelock/core';
import { isEventValue } from './event-canon.ts';
import type { CompiledMapping } from './lens.ts';
import { type Draft, other } from './merge-draft.ts';
import type { SeriesFields } from './series-fields.ts';

const timeIn = (value: FieldValue | undefined): EventTime | null =>
  isEventValue(value) && value.kind === 'time' ? value : null;
const ruleIn = (value: FieldValue | undefined): Recurrence | null =>
  isEventValue(value) && value.kind === 'recurrence' ? value : null;
const occurrencesIn = (value: FieldValue | undefined): Occurrences | null =>
  isEventValue(value) && value.kind === 'occurrences' ? value : null;

/** The series that these canonical values are; null for a single event. */
export function seriesIn(fields: SeriesFields, values: Fields): Series | null {
  const time = timeIn(values[fields.time]);
  const recurrence = ruleIn(values[fields.recurrence]);
  if (time === null || recurrence === null) return null;
  return { time, recurrence, occurrences: occurrencesIn(values[fields.occurrences]) };
}

/** Where an occurrence of one of these series stands in the changed one: on the same day; null = it has none there. */
function placeIn(after: Series, befores: readonly Series[], key: string): string | null {
  if (hasOccurrence(after, key)) return key;
  for (const before of befores) {
    const probe = {
      ...before,
      occurrences: { kind: 'occurrences', byStart: { [key]: 'cancelled' } },
    } as const;
    const [place] = Object.keys(reanchor(probe, after).occurrences?.byStart ?? {});
    if (place !== undefined) return place;
  }
  return null;
}

/**
 * The occurrences as the series can have them: what is about a day of the series before its change is about the same day
 * after it, and what the series has no more is dropped (`lost`). `befores`: series by which the keys may have been made.
 */
function fitted(
  value: Occurrences,
  of: { readonly befores: readonly Series[]; readonly after: Series },
): { readonly kept: Occurrences | null; readonly lost: Occurrences | null } {
  const kept: Record<string, 'cancelled' | Exception> = {};
  const lost: Record<string, 'cancelled' | Exception> = {};
  for (const [key, child] of Object.entries(value.byStart)) {
    const place = placeIn(of.after, of.befores, key);
    if (place === null || (place !== key && place in value.byStart)) lost[key] = child;
    else kept[place] = child;
  }
  const pack = (byStart: typeof kept): Occurrences | null =>
    Object.keys(byStart).length === 0 ? null : { kind: 'occurrences', byStart };
  return { kept: pack(kept), lost: pack(lost) };
}

function replaceChange(draft: Draft, field: string, to: Side): void {
  const at = draft.changes.findIndex((change) => change.field === field && change.to === to);
  const [change] = at < 0 ? [] : draft.changes.splice(at, 1);
  if (change !== undefined) draft.changes.push({ ...change, new: draft.shown[to][field] ?? null });
}

function fitSide(mapping: CompiledMapping, draft: Draft, side: Side): void {
  const { series } = mapping;
  const field = series === null ? undefined : mapping.byName.get(series.occurrences);
  if (series === null || field === undefined) return;
  const { input } = draft;
  const value = occurrencesIn(draft.to[side][field.name]);
  const after = seriesIn(series, { ...input.seen[side], ...draft.to[side] });
  if (value === null || after === null) return;
  const befores = [input.shown[side] ?? {}, input.seen[other(side)], input.seen[side]].flatMap(
    (values) => seriesIn(series, values) ?? [],
  );
  const { kept, lost } = fitted(value, { befores, after: { ...after, occurrences: null } });
  if (field.equal(kept, value)) return;
  draft.to[side][field.name] = kept;
  draft.shown[side][field.name] = field.project(side, kept) ?? null;
  replaceChange(draft, field.name, side);
  if (lost === null) return;
  const row = { field: field.name, winner: other(side), kept, lost } as const;
  draft.conflicts.push({ ...row, rule: 'no such occurrence', certainty: 'certain' });
}

/**
 * After the merge of a record: exceptions that are to be written to a series whose time or rule came from the other side
 * are fitted to it, and none is left on a day that the series does not have.
 */
export function fitSeries(mapping: CompiledMapping, draft: Draft): void {
  if (mapping.series === null) return;
  fitSide(mapping, draft, 'a');
  fitSide(mapping, draft, 'b');
}
