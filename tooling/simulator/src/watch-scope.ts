import type { Intent } from '@tidelock/core';
import { HEALING } from './healing.ts';
import { CheckFailed, storeOf } from './sim.ts';
import type { Desk } from './watch-desk.ts';

/** A late create of a pair that has ended was in nobody's filter: it goes again, as any of them does (5.3). */
function isDelete({ sim, lane }: Desk, { op, cause, side, targetId }: Intent): boolean {
  const victim = storeOf(sim, lane, side).rows.get(targetId);
  return op === 'delete' && cause !== HEALING && !(victim && sim.ledger.late.has(victim));
}

/**
 * A pass that knows the present filters deletes neither what one of them leaves out nor the partner of that, whether or not it
 * could read the feed (6.5).
 */
export function checkLeftOut(desk: Desk, mine: readonly Intent[]): void {
  const { sim, scopes } = desk;
  // Another lane may have found the record by its e-mail address since.
  if (sim.a.length > 1) return;
  for (const { linkId } of mine.filter((intent) => isDelete(desk, intent))) {
    const link = sim.state.tables.lanes.get(`lane-${desk.lane}`)?.links.get(linkId)?.link;
    for (const side of ['a', 'b'] as const) {
      const { name, scope } = storeOf(sim, desk.lane, side);
      const id = (side === 'a' ? link?.a : link?.b)?.id;
      if (id === undefined || !sim.leftOut.has(id) || scopes.get(`${name}/main`) !== `scope ${scope}`)
        continue;
      throw new CheckFailed('S11', `${id} is outside the filter, and a delete is journaled for its pair`);
    }
  }
}
