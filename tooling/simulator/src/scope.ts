import { type ModelStore, propertyOf, type Row } from './model-store.ts';
import { allStores, type Sim } from './sim.ts';

const stored = (sim: Sim) => [...sim.state.tables.lanes.values()].flatMap((lane) => [...lane.links.values()]);

const isClean = ({ link }: ReturnType<typeof stored>[number]): boolean =>
  link.status === 'live' && link.dirtyA <= link.cleanA && link.dirtyB <= link.cleanB;

const isBusy = (sim: Sim, linkId: string): boolean =>
  [...sim.state.tables.intents.values()].some(
    (intent) => intent.state === 'open' && intent.linkId === linkId,
  );

/** Records of pairs that are in step: what becomes of them after a change of the filter is certain. */
export const steadyIds = (sim: Sim): Set<string | undefined> =>
  new Set(
    stored(sim)
      .filter((one) => isClean(one) && !isBusy(sim, one.link.id))
      .flatMap(({ link }) => [link.a?.id, link.b?.id]),
  );

/** Somebody narrows the filter of a store, or takes the filter away. */
export function scope(sim: Sim): void {
  const stores = allStores(sim);
  const store = stores[sim.tape.choice(stores.length)] ?? sim.b;
  sim.ledger.expected.clear();
  store.scope++;
  for (const id of store.hidden) sim.leftOut.delete(id);
  if (store.hidden.size > 0) {
    store.hidden.clear();
    sim.note(() => `filter of ${store.name} goes away`);
    return;
  }
  const steady = steadyIds(sim);
  for (const row of store.rows.values()) {
    if (row.state !== 'live' || sim.tape.choice(2) === 0) continue;
    store.hidden.add(row.id);
    // The filter takes the mailbox's own copy of a meeting from our sight: the CRM's event may be made there once more.
    if ((row.fields.uid ?? null) !== null && store !== sim.b) sim.ledger.released(row);
    if (steady.has(row.id)) sim.leftOut.add(row.id);
  }
  sim.note(() => `filter of ${store.name} leaves out ${[...store.hidden].join()}`);
}

/** One side of a pair in step changes so that neither its version nor a feed shows it, and its base moves along. */
export function drift(
  sim: Sim,
  target: { readonly store: ModelStore; readonly row: Row } | undefined,
  calm = false,
): void {
  if (target === undefined || !sim.options.audit || sim.a.length > 1) return;
  if (sim.settings.without.has('drift')) return;
  const { store, row } = target;
  const found = stored(sim).find((one) => isClean(one) && [one.link.a?.id, one.link.b?.id].includes(row.id));
  const lane = sim.state.tables.lanes.get(found?.link.laneId ?? '');
  if (found === undefined || isBusy(sim, found.link.id)) return;
  if (!calm && lane?.row.leaseOwner !== null) return;
  const { link } = found;
  if (link.shownA === null || link.shownB === null) return;
  const side = store === sim.b ? 'b' : 'a';
  const property = propertyOf(side, 'title');
  const title = sim.ledger.fresh();
  sim.ledger.overwrites(store, row, property);
  store.drift(row, { [property]: title });
  const shown = side === 'a' ? { shownA: { ...link.shownA, title } } : { shownB: { ...link.shownB, title } };
  Object.assign(found, { link: { ...link, ...shown } });
  sim.note(() => `drift of ${row.id}.${property} = ${title}`);
}
