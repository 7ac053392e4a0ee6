import type { Fields, FieldValue, HistoryRow, IntentOp, Side } from '@tidelock/core';
import { MADE_PEOPLE } from './write-history.ts';

/** One write of ours, or one link made or ended, as history remembers it. */
export interface PastStep {
  readonly linkId: string;
  readonly side: Side;
  readonly op: IntentOp | 'link' | 'unlink';
  readonly intentId: string | null;
  readonly runId: string;
  readonly at: number;
  readonly rule: string;
  /** Updates: what each field was and became. */
  readonly fields: readonly PastField[];
  /** Creates and deletes: the record as it was made, or as it was last seen. */
  readonly record: Fields;
  /** What it held was forgotten by policy, or never known. */
  readonly unknown: boolean;
}

export interface PastField {
  readonly field: string;
  readonly old: FieldValue;
  readonly new: FieldValue;
  readonly rule: string;
}

const UNDOABLE: ReadonlySet<HistoryRow['op']> = new Set(['create', 'update', 'delete', 'link', 'unlink']);

function recordIn(value: FieldValue): Fields | null {
  if (typeof value !== 'string') return null;
  try {
    const fields: unknown = JSON.parse(value);
    return typeof fields === 'object' && fields !== null ? (fields as Fields) : null;
  } catch {
    return null;
  }
}

const isWhole = ({ op }: HistoryRow): boolean => op === 'create' || op === 'delete';

function stepOf(rows: readonly HistoryRow[], first: HistoryRow): PastStep {
  const { linkId, side, intentId, runId, at, rule } = first;
  const op = first.op as PastStep['op'];
  const record = isWhole(first) ? recordIn(op === 'create' ? first.new : first.old) : null;
  const fields = rows.flatMap((row): PastField[] =>
    row.op !== 'update' || row.field === null
      ? []
      : [{ field: row.field, old: row.old, new: row.new, rule: row.rule }],
  );
  const unknown =
    rows.some((row) => row.expired === true) ||
    (isWhole(first) && record === null) ||
    (op === 'update' && fields.length === 0);
  return { linkId, side, op, intentId, runId, at, rule, fields, record: record ?? {}, unknown };
}

/** Rows of history, newest first, as the steps they were made in; newest first. Conflicts and verdicts are no steps. */
export function stepsOf(rows: readonly HistoryRow[]): PastStep[] {
  const groups = new Map<string, HistoryRow[]>();
  for (const row of rows) {
    if (!UNDOABLE.has(row.op) || row.rule === MADE_PEOPLE) continue;
    const key = row.intentId ?? `${row.runId} ${row.seq} ${row.linkId}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [stepOf(group, first)];
  });
}

/** Steps by pair, each pair's newest first. */
export function byLink(steps: readonly PastStep[]): Map<string, PastStep[]> {
  const out = new Map<string, PastStep[]>();
  for (const step of steps) out.set(step.linkId, [...(out.get(step.linkId) ?? []), step]);
  return out;
}
