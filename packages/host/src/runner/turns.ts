import type { LaneRow } from '@tidelock/core';
import { turnOf } from '@tidelock/engine';
import { TENANT } from '../lanes.ts';
import type { Attached, Machine } from './machine.ts';
import type { ReadyLane } from './ready.ts';
import { turn } from './turn.ts';

/** Lanes that are asked for at a time. */
const LIMIT = 500;
/** A lane that no rule names is not asked for again for so long, unless somebody hints at it (milliseconds). */
const UNKNOWN_MS = 3_600_000;

/** Puts a lane where it belongs: among those that wait for their turn, or behind the turn that it has. */
export function enqueue(on: Machine, lane: ReadyLane): void {
  const { laneId } = lane;
  if (on.stopping || on.attached?.lanes.has(laneId) !== true) return;
  if (on.running.has(laneId)) {
    on.again.add(laneId);
    return;
  }
  if ((on.notBefore.get(laneId) ?? 0) > on.clock.now()) return;
  on.notBefore.delete(laneId);
  on.ready.add(lane);
  fill(on);
}

/** Somebody changed something there. */
export const wake = (on: Machine, laneId: string): void =>
  enqueue(on, { laneId, tenantId: TENANT, turn: 'interactive' });

function begin(on: Machine, at: Attached, lane: ReadyLane): void {
  const { laneId } = lane;
  if (lane.turn === 'loading') on.loads.add(laneId);
  const work = turn(on, at, lane)
    .catch((error: unknown) => {
      const failure = error instanceof Error ? error.stack : String(error);
      on.log.error('runner.turn-failed', { lane: laneId, failure });
      on.tally.add('errors', ['unexpected']);
      on.notBefore.set(laneId, on.clock.now() + UNEXPECTED_MS);
    })
    .finally(() => {
      on.running.delete(laneId);
      on.loads.delete(laneId);
      if (on.again.delete(laneId)) goOn(on, laneId);
      fill(on);
    });
  on.running.set(laneId, work);
}

/** After what nobody expected a lane is left alone for a while. */
const UNEXPECTED_MS = 60_000;

function goOn(on: Machine, laneId: string): void {
  enqueue(on, { laneId, tenantId: TENANT, turn: on.cut.has(laneId) ? 'loading' : 'interactive' });
}

/** Begins as many turns as there is room for; loads get half of it. */
export function fill(on: Machine): void {
  const at = on.attached;
  if (at === null || on.stopping) return;
  if (!at.complete && on.clock.mono() < at.firstTurnAt) return;
  const room = on.circuit.allows(at.pace.atOnce, on.clock.now());
  while (on.running.size < room) {
    const lane = on.ready.next({ loads: on.loads.size < Math.max(1, Math.floor(at.pace.atOnce / 2)) });
    if (lane === null) return;
    begin(on, at, lane);
  }
}

const isDeferred = (on: Machine, { id }: LaneRow, now: number): boolean => (on.notBefore.get(id) ?? 0) > now;

/** Asks the state who is due: by the clock, by what a shared feed told, or by a hint that another process noted. */
export async function pollDue(on: Machine): Promise<void> {
  const at = on.attached;
  if (at === null || on.stopping) return;
  const now = on.clock.now();
  const rows = await on.state.dueLanes({ now, owner: at.scheduled.owner, limit: LIMIT });
  const unknown = rows.filter(({ id }) => !at.lanes.has(id));
  // Before the roster was read nobody is known.
  if (at.complete && unknown.length > 0)
    await on.state.deferLanes(
      unknown.map(({ id }) => id),
      now + UNKNOWN_MS,
    );
  for (const row of rows) {
    const { id, tenantId } = row;
    if (isDeferred(on, row, now)) await on.state.deferLanes([id], on.notBefore.get(id) ?? now);
    else if (!on.running.has(id)) enqueue(on, { laneId: id, tenantId, turn: turnOf(row, on.cut.has(id)) });
  }
}
