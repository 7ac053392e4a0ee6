import type { Side, StoreRecord, Suspect } from '@tidelock/core';
import { type Approval, isSame, rowsOfLink } from './approval.ts';
import type { Pass } from './lane.ts';
import { otherSide } from './link-plan.ts';
import type { Doubt, Matched, MatchResult } from './match.ts';
import type { PlanItem, RecordRef } from './plan-item.ts';
import { rowsOf } from './plan-row.ts';
import type { Work } from './work.ts';

type Records = Readonly<Record<Side, ReadonlyMap<string, StoreRecord>>>;

const refOf = (records: Records, side: Side, id: string): RecordRef => ({
  id,
  version: records[side].get(id)?.version ?? null,
});

const holds = (planned: readonly RecordRef[], now: RecordRef): boolean =>
  planned.length === 1 && planned[0]?.id === now.id && planned[0].version === now.version;

/** These records may belong together now, and the plan does not say so: nothing is done to either of them. */
function refuse(approval: Approval, ids: Readonly<Record<Side, readonly string[]>>): void {
  for (const side of ['a', 'b'] as const) {
    for (const id of ids[side]) {
      approval.blocked.add(side + id);
      approval.beyond.add(side + id);
    }
  }
}

function admitsLink(approval: Approval, matched: Matched, records: Records): boolean {
  const now = { a: refOf(records, 'a', matched.a), b: refOf(records, 'b', matched.b) };
  const row = approval.rowsFor([matched.a], [matched.b]).find((one) => one.action === 'link');
  // The plan knew that another lane would make it, and could not know under which id.
  const awaited = approval.rowsFor([matched.a], []).find((one) => one.action === 'link');
  const isOurs = records.b.get(matched.b)?.stamp != null;
  if (row === undefined && awaited !== undefined && isOurs && holds(awaited.a, now.a)) return true;
  if (row === undefined) {
    refuse(approval, { a: [matched.a], b: [matched.b] });
    return false;
  }
  if (holds(row.a, now.a) && holds(row.b, now.b)) return true;
  for (const one of approval.rowsFor([matched.a], [matched.b]))
    approval.obstacles.set(one, { a: [now.a], b: [now.b], now: [], rival: false });
  return false;
}

function admitsDoubt(approval: Approval, doubt: Doubt): boolean {
  const rows = approval.rowsFor(doubt.a.toSorted(), doubt.b.toSorted());
  if (rows.some((row) => row.action === 'review')) return true;
  refuse(approval, doubt);
  return false;
}

function admitsAlone(pass: Pass, { side, id }: { side: Side; id: string }): boolean {
  const { approval } = pass;
  if (approval === null) return true;
  const rows = side === 'a' ? approval.rowsFor([id], []) : approval.rowsFor([], [id]);
  if (rows.length > 0) return true;
  if (pass.lane.policy.create[otherSide(side)]) approval.beyond.add(side + id);
  return false;
}

/** Only what the approved plan says becomes a pair, a question or a half link; the rest stays unknown and waits. */
export function admitted(pass: Pass, result: MatchResult, records: Records): MatchResult {
  const { approval } = pass;
  if (approval === null) return result;
  return {
    links: result.links.filter((matched) => admitsLink(approval, matched, records)),
    doubts: result.doubts.filter((doubt) => admitsDoubt(approval, doubt)),
    alone: result.alone.filter((record) => admitsAlone(pass, record)),
  };
}

export function admittedAlone(
  pass: Pass,
  suspects: readonly Suspect[],
  foreign: ReadonlySet<string>,
): readonly Suspect[] {
  return suspects.filter((suspect) => foreign.has(suspect.side + suspect.id) || admitsAlone(pass, suspect));
}

const isBlocked = ({ blocked }: Approval, row: PlanItem): boolean =>
  row.a.some(({ id }) => blocked.has(`a${id}`)) || row.b.some(({ id }) => blocked.has(`b${id}`));

/**
 * May this be executed? Right before it is sent, on what was just read: only if it is exactly what was approved. What
 * changes neither side nor the pair is always allowed.
 */
export function permits(pass: Pass, work: Work): boolean {
  const { approval } = pass;
  if (approval === null) return true;
  const now = rowsOf(pass, work);
  const [first] = now;
  if (first === undefined) return true;
  const rows = rowsOfLink(approval, work.plan.link);
  if (rows.length === 0) {
    approval.beyond.add(work.plan.link.id);
    return false;
  }
  const rival = isBlocked(approval, first);
  if (!rival && isSame(rows, now)) return true;
  for (const row of rows) approval.obstacles.set(row, { a: first.a, b: first.b, now, rival });
  return false;
}
