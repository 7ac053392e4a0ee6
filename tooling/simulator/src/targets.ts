import type { Link } from '@tidelock/core';
import type { ModelStore, Row } from './model-store.ts';
import { allStores, type Sim } from './sim.ts';

export const liveRows = (store: ModelStore): Row[] =>
  [...store.rows.values()].filter((row) => row.state === 'live');

export interface Target {
  readonly store: ModelStore;
  readonly row: Row;
}

/** Records that a write of ours is under way for, or their partners: where races are. */
function busyTargets(sim: Sim): Target[] {
  const ids = new Set<string>();
  for (const intent of sim.state.tables.intents.values()) {
    if (intent.state !== 'open') continue;
    ids.add(intent.targetId);
    const link = sim.state.tables.lanes.get(intent.laneId)?.links.get(intent.linkId)?.link;
    if (link?.a) ids.add(link.a.id);
    if (link?.b) ids.add(link.b.id);
  }
  return allStores(sim).flatMap((store) =>
    liveRows(store).flatMap((row) =>
      ids.has(row.id) || (row.stamp !== null && ids.has(`stamp:${row.stamp}`)) ? [{ store, row }] : [],
    ),
  );
}

/** A living record; more often than not one that is busy. */
export function pick(sim: Sim, of: (row: Row, store: ModelStore) => boolean): Target | undefined {
  const { tape } = sim;
  const all = allStores(sim).flatMap((store) => liveRows(store).map((row) => ({ store, row })));
  const busy = tape.choice(5) >= 3 ? busyTargets(sim) : [];
  const wanted = (busy.length > 0 ? busy : all).filter(({ row, store }) => of(row, store));
  return wanted[tape.choice(wanted.length)];
}

function liveRow(sim: Sim, id: string): Target | undefined {
  for (const store of allStores(sim)) {
    const row = store.rows.get(id);
    if (row?.state === 'live') return { store, row };
  }
  return undefined;
}

/** The record that this one is in step with. */
export function partnerOf(sim: Sim, { store, row }: Target): Target | undefined {
  for (const lane of sim.state.tables.lanes.values()) {
    for (const { link } of lane.links.values()) {
      const [mine, other] = store === sim.b ? [link.b, link.a] : [link.a, link.b];
      const found = link.status === 'live' && mine?.id === row.id && other && liveRow(sim, other.id);
      if (found) return found;
    }
  }
  return undefined;
}

/** The late create of ours that this record was made of by a lane which took it for a record of its own, not for one of two. */
export function twinBehind(sim: Sim, { store, row }: Target): Row | undefined {
  if (store === sim.b) return undefined;
  const links = [...(sim.state.tables.lanes.get(`lane-${sim.a.indexOf(store)}`)?.links.values() ?? [])];
  const pair = links.find(({ link }) => link.status === 'live' && link.a?.id === row.id)?.link;
  const made = sim.b.rows.get(pair?.b?.id ?? '');
  if (made === undefined || !sim.ledger.late.has(made)) return undefined;
  const twins = [...sim.b.rows.values()].filter(({ stamp }) => stamp !== null && stamp === made.stamp);
  return twins.length > 1 ? made : undefined;
}

/** What the partner of a deleted record shows, or will, may be an edit, and an edit beats the delete (7.1). */
export function mayLookEdited(sim: Sim, of: { target: Target; partner: Target; link: Link }): boolean {
  const { target, partner, link } = of;
  const isB = partner.store === sim.b;
  const [mine, theirs] = isB ? [link.shownB, link.shownA] : [link.shownA, link.shownB];
  // A value that waits for a person, or that only an audit can find (6.5), is one that the other side never had.
  if (link.holds.length > 0 || ((mine?.title ?? null) !== null && (theirs?.title ?? null) === null))
    return true;
  // What is still on its way to the partner is re-formed there.
  return sim.options.toAndFro && target.store.record(target.row).version !== (isB ? link.a : link.b)?.version;
}
