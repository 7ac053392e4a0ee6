import { ask, type Scheduled } from '../ask.ts';
import { allStores, type Sim } from '../sim.ts';

const ALL = 100_000;

/** Everything of one lane that the contract lets be read. */
function* lookAtLane(sim: Sim, laneId: string): Scheduled<void> {
  const links = yield* ask(sim, 'links', laneId, { by: 'page', after: '', limit: ALL });
  yield* ask(sim, 'links', laneId, { by: 'work', now: sim.clock.wall(), limit: ALL });
  yield* ask(sim, 'suspects', laneId, { limit: ALL });
  yield* ask(sim, 'openIntentsOf', laneId);
  for (const { id } of links) yield* ask(sim, 'intentsOf', laneId, id);
  const keys = [...(sim.state.tables.lanes.get(laneId)?.keys.values() ?? [])].flat();
  for (const side of ['a', 'b'] as const) {
    const ids = links.flatMap((link) => link[side]?.id ?? []);
    yield* ask(sim, 'links', laneId, { by: 'native', side, ids });
    yield* ask(sim, 'candidates', laneId, side, [...new Set(keys)], ALL);
  }
  yield* ask(sim, 'reviews', laneId);
  yield* ask(sim, 'history', laneId, { limit: ALL });
  yield* ask(sim, 'runs', laneId, ALL);
  yield* ask(sim, 'counts', laneId, sim.clock.wall());
}

/** Asks a repository for all that it holds, so that it is compared. Nothing is looked at in memory. */
export function* lookAtAll(sim: Sim): Scheduled<void> {
  if (!sim.asks) return;
  yield* ask(sim, 'lanes');
  for (const store of allStores(sim)) yield* ask(sim, 'feeds', store.name);
  for (const laneId of sim.state.tables.lanes.keys()) yield* lookAtLane(sim, laneId);
}
