import type { Intent, LaneCommit, Side } from '@tidelock/core';
import type { Effect } from '@tidelock/engine';
import { HEALING } from './healing.ts';
import { brakeOf } from './options.ts';
import { CheckFailed } from './sim.ts';
import type { Desk } from './watch-desk.ts';

/** A delete that was confirmed, whoever confirmed it. */
export function noteDeletes({ sim, lane }: Desk, { closed = [], now }: LaneCommit): void {
  for (const { id, state } of closed) {
    const intent = sim.state.tables.intents.get(id);
    if (state === 'confirmed' && intent?.op === 'delete' && intent.cause !== HEALING)
      sim.deletesMade.push({ lane, side: intent.side, at: now });
  }
}

export function liveLinks({ sim, lane }: Desk): number {
  let live = 0;
  for (const { link } of sim.state.tables.lanes.get(`lane-${lane}`)?.links.values() ?? [])
    if (link.status === 'live') live++;
  return live;
}

/** What the brake has to count, counted by ourselves (6.6): a day of this lane by side, ten minutes of all lanes. */
export function noteBefore(desk: Desk, { args }: Pick<Extract<Effect, { kind: 'state' }>, 'args'>): void {
  const since = args[1] as { readonly lane: number; readonly tenant: number };
  const own = desk.sim.deletesMade.filter(({ lane, at }) => lane === desk.lane && at >= since.lane);
  const on = (side: Side): number => own.filter((made) => made.side === side).length;
  const everywhere = desk.sim.deletesMade.filter(({ at }) => at >= since.tenant).length;
  desk.before = { day: { a: on('a'), b: on('b') }, everywhere };
  desk.live = liveLinks(desk);
}

/** Why the deletes of one side are too many; null = they are not. */
function tooMany(desk: Desk, side: Side): string | null {
  const { before, deletes, live } = desk;
  const { least, share, everywhere } = brakeOf(desk.sim.options);
  const limit = Math.max(least, Math.floor(live * share));
  if (deletes[side] > 1 && deletes[side] >= live) return `all ${live} linked records are deleted`;
  if (deletes[side] + before.day[side] > limit)
    return `${deletes[side]} deletes after ${before.day[side]} in a day, ${limit} are allowed`;
  const together = before.everywhere + deletes.a + deletes.b;
  return together > everywhere ? `${together} deletes in ten minutes, ${everywhere} are allowed` : null;
}

/** Never more deletes than the brake allows, but for those that a person has let go by name. */
export function checkBrake(desk: Desk, mine: readonly Intent[]): void {
  const row = desk.sim.state.tables.lanes.get(`lane-${desk.lane}`)?.row;
  const named = new Set(row?.approved.flatMap(({ linkIds }) => linkIds));
  const deletes = mine.filter(({ op, cause }) => op === 'delete' && cause !== HEALING);
  for (const { side, linkId } of deletes) {
    desk.deletes[side]++;
    if (!named.has(linkId)) desk.unnamed.add(side);
  }
  for (const side of ['a', 'b'] as const) {
    const why = desk.deletes[side] === 0 || deletes.length === 0 ? null : tooMany(desk, side);
    if (why === null) continue;
    desk.sim.count('deletes let go by name');
    if (desk.unnamed.has(side)) throw new CheckFailed('S11', `${why}, and nobody has let them go`);
  }
}
