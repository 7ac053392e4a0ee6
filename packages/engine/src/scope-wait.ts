import type { Side } from '@tidelock/core';
import { type Core, log, now, state } from './effect.ts';
import { historyRow, type Pass } from './lane.ts';
import { leftOut } from './left-out.ts';
import { otherSide, refOf, SIDES } from './link-plan.ts';
import { isUnlisted } from './scan.ts';
import { SCOPE_WAIT } from './sentence.ts';
import type { Work } from './work.ts';

/** Whoever holds the feed has it for minutes: the lane comes back after this long (milliseconds). */
const LOOK_AGAIN_MS = 60_000;
const KNOWN_ROWS = 20;

const isDelete = ({ plan }: Work): boolean => plan.action === 'delete';

/** Is there a feed of the lane whose scope was changed, and which was not enumerated under the new one to its end? */
function* isUnclear({ lane, scopes }: Pass): Core<boolean> {
  for (const side of SIDES) {
    const rows = yield* state('feeds', side === 'a' ? lane.spec.storeA : lane.spec.storeB);
    const mine = rows.filter(({ id }) => lane.feeds[side].includes(id));
    if (mine.some((row) => isUnlisted(row, scopes.get(row.id) ?? ''))) return true;
  }
  return false;
}

/**
 * The deletes that have to wait. Leaving the scope is no delete, and who has left is known when the enumeration under the
 * new scope has ended and what it did not meet was looked at (6.5). Until then no record goes, whether it is its own feed that
 * was not read or that of the partner which is gone: a pass that finds a feed taken decides nothing that one which read it
 * would not. The feeds are asked before the suspects: an enumeration stores those first.
 */
export function* waitForScope(pass: Pass, items: readonly Work[]): Core<ReadonlySet<Work>> {
  const deletes = items.filter(isDelete);
  if (deletes.length === 0) return new Set();
  if (yield* isUnclear(pass)) return new Set(deletes);
  const left = { a: yield* leftOut(pass.lane, 'a'), b: yield* leftOut(pass.lane, 'b') };
  return new Set(
    deletes.filter(({ plan }) => SIDES.some((side) => left[side].has(refOf(plan.link, side)?.id ?? ''))),
  );
}

const goneSide = ({ plan, seen }: Work): Side => (plan.link.goneA || seen.a.state === 'gone' ? 'a' : 'b');

/** What a plan, and history, say about such a delete, whether or not what it needs was read by then. */
export const waitRule = (work: Work): string => `deleted on ${goneSide(work)}${SCOPE_WAIT}`;

function* isSaid(pass: Pass, work: Work): Core<boolean> {
  const query = { linkId: work.plan.link.id, limit: KNOWN_ROWS };
  const rows = yield* state('history', pass.lane.spec.id, query);
  return rows.find(({ op }) => op === 'hold' || op === 'gone')?.rule === waitRule(work);
}

/** Takes deletes out that have to wait, says so once in history, and has the lane come back. */
export function* withholdDeletes(pass: Pass, items: readonly Work[]): Core<readonly Work[]> {
  const waits = yield* waitForScope(pass, items);
  if (waits.size === 0) return items;
  pass.more = true;
  pass.lookAgainMs = Math.max(pass.lookAgainMs, LOOK_AGAIN_MS);
  yield* log('info', 'scope.deletes-wait', { lane: pass.lane.spec.id, pairs: waits.size });
  const news: Work[] = [];
  for (const work of waits) if (!(yield* isSaid(pass, work))) news.push(work);
  const wall = yield* now();
  const history = news.map((work) => {
    const side = otherSide(goneSide(work));
    const row = { linkId: work.plan.link.id, side, op: 'hold', field: null, old: null, new: null } as const;
    return historyRow(pass, { ...row, rule: waitRule(work), at: wall });
  });
  if (history.length > 0) yield* state('commitLane', { guard: pass.guard, now: wall, history });
  return items.filter((work) => !waits.has(work));
}
