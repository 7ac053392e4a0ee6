import type { HeldDeletes, Link, Side } from '@tidelock/core';
import { heldHash } from './brake.ts';
import { canonicalJson } from './canonical-json.ts';
import type { PlanItem, RecordRef } from './plan-item.ts';

/** What stood in the way of a row when the pass came to it. */
export interface Obstacle {
  /** Versions that the records show now; null = gone or not read. */
  readonly a: readonly RecordRef[];
  readonly b: readonly RecordRef[];
  /** What would be planned for these records now; empty when nothing would, or when it was not planned. */
  readonly now: readonly PlanItem[];
  /** Another record turned up that may be the same person. */
  readonly rival: boolean;
}

/** A plan that a person approved, for one lane, and what became of it so far. */
export interface Approval {
  readonly rows: readonly PlanItem[];
  /** Rows without effect left: true before anything was done by this run (`already`), and now (`settled`). */
  already: ReadonlySet<PlanItem> | null;
  settled: ReadonlySet<PlanItem>;
  readonly obstacles: Map<PlanItem, Obstacle>;
  /** Rows that wait for the approval of their hash. */
  held: ReadonlySet<PlanItem>;
  readonly parked: Set<PlanItem>;
  readonly open: Set<PlanItem>;
  /** What changed meanwhile and is not in the plan, by record or link: it waits. */
  readonly beyond: Set<string>;
  /** Records that now may belong to somebody else than the plan says, as side and id. */
  readonly blocked: Set<string>;
  /** Every row about exactly these records. */
  rowsFor(a: readonly string[], b: readonly string[]): readonly PlanItem[];
}

const keyOf = (a: readonly string[], b: readonly string[]): string => JSON.stringify([a, b]);
const idsOf = (refs: readonly RecordRef[]): string[] => refs.map((ref) => ref.id);

export function createApproval(rows: readonly PlanItem[]): Approval {
  const byKey = new Map<string, PlanItem[]>();
  for (const row of rows) {
    const key = keyOf(idsOf(row.a), idsOf(row.b));
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  return {
    rows,
    already: null,
    settled: new Set(),
    obstacles: new Map(),
    held: new Set(),
    parked: new Set(),
    open: new Set(),
    beyond: new Set(),
    blocked: new Set(),
    rowsFor: (a, b) => byKey.get(keyOf(a, b)) ?? [],
  };
}

const own = (link: Link, side: Side): string[] => {
  const ref = link[side];
  return ref === null ? [] : [ref.id];
};

/** Rows that write to this pair, or change what it is. */
export function rowsOfLink(approval: Approval, link: Link): readonly PlanItem[] {
  return approval.rowsFor(own(link, 'a'), own(link, 'b')).filter((row) => row.action !== 'link');
}

/** What has to be the same for a row to be the row that was approved: content, conflicts and both versions. */
const digest = ({ action, side, a, b, changes, conflicts, question }: PlanItem): string =>
  canonicalJson([action, side, a, b, changes, conflicts, question?.kind ?? null]);

/** Is what would be done now exactly what was approved? */
export function isSame(approved: readonly PlanItem[], now: readonly PlanItem[]): boolean {
  const left = approved.map(digest).toSorted();
  const right = now.map(digest).toSorted();
  return left.length === right.length && left.every((text, index) => text === right[index]);
}

/**
 * Links that the approved hash lets go, by name. The rows must hash to it: a file in which rows were put under a hash
 * that was approved for others approves nothing.
 */
export function approvedLinks(rows: readonly PlanItem[], hash: string): ReadonlySet<string> {
  const ids = [...new Set(rows.flatMap((row) => (row.held === hash ? (row.linkId ?? []) : [])))];
  const matches = (['a', 'b'] as const).some((side) => heldHash(side, ids) === hash);
  return new Set(matches ? ids : []);
}

export type Fate = 'done' | 'already' | 'drift' | 'held' | 'parked' | 'open' | 'pending';

export interface RowFate {
  readonly row: PlanItem;
  readonly fate: Fate;
  /** Only for drift. */
  readonly obstacle: Obstacle | null;
}

export interface LaneFates {
  readonly laneId: string;
  readonly rows: readonly RowFate[];
  /** Changes that are not in the plan; they wait for the next one. */
  readonly beyond: number;
  readonly held: HeldDeletes | null;
}

/** What became of each row. `ended`: the lane had nothing left to do; otherwise rows without a verdict are pending. */
export function fatesOf(approval: Approval, ended: boolean): readonly RowFate[] {
  return approval.rows.map((row) => {
    const obstacle = approval.obstacles.get(row) ?? null;
    return { row, fate: fateOf(approval, row, ended), obstacle };
  });
}

function fateOf(approval: Approval, row: PlanItem, ended: boolean): Fate {
  if (approval.already?.has(row)) return 'already';
  if (approval.settled.has(row)) return 'done';
  if (approval.open.has(row)) return 'open';
  if (approval.parked.has(row)) return 'parked';
  if (approval.obstacles.has(row)) return 'drift';
  if (approval.held.has(row)) return 'held';
  return ended ? 'drift' : 'pending';
}
