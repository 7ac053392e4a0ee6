import type {
  ConflictRow,
  Fields,
  FieldValue,
  HistoryCause,
  HistoryRow,
  Intent,
  Side,
  WriteOrigin,
} from '@tidelock/core';
import { historyRow, type Pass } from './lane.ts';
import type { CompiledMapping } from './lens.ts';
import { type LinkPlan, otherSide, type PlannedWrite, refOf, type Seen } from './link-plan.ts';
import { mappingVersion } from './mapping-version.ts';
import { toOrderedJson } from './ordered-json.ts';

/** The read of the other side that a planned write follows from; what was known of it where it was not read. */
function observed(plan: LinkPlan, side: Side, seen: Seen): HistoryCause | null {
  if (seen.state === 'found') {
    const { version, mono, modifiedAt } = seen.record;
    return { kind: 'record', side, version, mono, modifiedAt: modifiedAt ?? null };
  }
  const ref = refOf(plan.link, side);
  return ref === null
    ? null
    : { kind: 'record', side, version: ref.version, mono: ref.mono, modifiedAt: null };
}

export function originOf(
  pass: Pass,
  work: { readonly plan: LinkPlan; readonly seen: Readonly<Record<Side, Seen>> },
  write: PlannedWrite,
): WriteOrigin {
  const from = otherSide(write.side);
  const rules = write.op === 'update' ? write.changes.map(({ field, rule }) => [field, rule] as const) : [];
  return {
    cause: observed(work.plan, from, work.seen[from]),
    mapping: mappingVersion(pass.lane.mapping),
    rules: Object.fromEntries(rules),
  };
}

export interface Written {
  /** What the target shows after the write, where that is known; else what it was predicted to show. */
  readonly shown: Fields | null;
  readonly conflicts: readonly ConflictRow[];
  readonly at: number;
  /** Its answer was lost; a look at the store proved it. */
  readonly recovered: boolean;
}

/** What history says of contacts that were made because they are on an event. The pair itself was made by nothing of it. */
export const MADE_PEOPLE = 'people: made for it';

const RECOVERED = 'recovered:';

/** What these fields are called, in the order of the letters; an earlier mapping may have had others than this one. */
function namesInOrder({ names }: CompiledMapping, fields: Fields): readonly string[] {
  const known = names.filter((name) => Object.hasOwn(fields, name));
  const all = Object.keys(fields);
  return known.length === all.length ? known : all.sort();
}

/** In the order of their names. */
function shownAfter(pass: Pass, intent: Intent, shown: Fields | null): Fields {
  const after: Record<string, FieldValue> = {};
  const fields = intent.op === 'create' ? (shown ?? intent.sent) : intent.sent;
  for (const name of namesInOrder(pass.lane.mapping, fields)) {
    const sent = intent.sent[name] ?? null;
    const held = shown?.[name] ?? pass.lane.mapping.byName.get(name)?.project(intent.side, sent) ?? sent;
    if (intent.op !== 'create' || held !== null) after[name] = held;
  }
  return after;
}

/** The rows of one confirmed write: one a field for an update, the whole record for a create or a delete. */
export function rowsOfWrite(pass: Pass, intent: Intent, of: Written): HistoryRow[] {
  const { cause, mapping, rules } = intent.origin;
  const { side, linkId, op, runId } = intent;
  const base = { linkId, side, intentId: intent.id, cause, mapping, runId, at: of.at };
  const prefix = of.recovered ? RECOVERED : '';
  const shown = shownAfter(pass, intent, of.shown);
  const whole = { ...base, op, field: null, rule: prefix + intent.cause };
  const rows = {
    create: () => [historyRow(pass, { ...whole, old: null, new: toOrderedJson(shown) })],
    delete: () => [historyRow(pass, { ...whole, old: toOrderedJson(intent.before), new: null })],
    update: () =>
      Object.entries(shown).map(([field, value]) => {
        const rule = prefix + (rules[field] ?? intent.cause);
        return historyRow(pass, { ...base, op, field, old: intent.before[field] ?? null, new: value, rule });
      }),
  }[op]();
  const conflicts = of.conflicts.map(({ field, lost, kept, rule }) =>
    historyRow(pass, { ...base, op: 'conflict', field, old: lost, new: kept, rule }),
  );
  return [...rows, ...conflicts];
}
