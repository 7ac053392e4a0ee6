import { inTurn, turnOf } from '@tidelock/engine';
import { CheckFailed, type Sim } from './sim.ts';
import type { Worker } from './worker.ts';

/** The lanes in the order in which the engine serves them (7.2). */
function roundOf(sim: Sim): number[] {
  const rows = [...sim.state.tables.lanes.values()].map(({ row }) => row);
  const candidates = rows.map((row) => ({
    laneId: row.id,
    tenantId: row.tenantId,
    turn: turnOf(row, false),
  }));
  const order = sim.settings.mutant === 'turns' ? ['lane-0'] : inTurn(candidates);
  return order.map((laneId) => Number(laneId.slice(5)));
}

/** Whose turn it is for this worker. No lane waits longer than two rounds of all, whatever the others do (L6). */
export function nextLane(sim: Sim, worker: Worker): number {
  if (sim.a.length === 1) return 0;
  if (worker.queue.length === 0) worker.queue = roundOf(sim);
  const lane = worker.queue.shift() ?? 0;
  for (const index of sim.a.keys())
    worker.waited[index] = index === lane ? 0 : (worker.waited[index] ?? 0) + 1;
  const longest = Math.max(...worker.waited);
  if (longest >= 2 * sim.a.length)
    throw new CheckFailed('L6', `a lane waits behind ${longest} passes of others`);
  return lane;
}

/** Who acts next: the one that wakes first. */
export function firstAwake(workers: readonly Worker[]): Worker {
  let [first] = workers;
  if (first === undefined) throw new Error('a schedule needs a worker');
  for (const worker of workers) if (worker.wakeAt < first.wakeAt) first = worker;
  return first;
}
