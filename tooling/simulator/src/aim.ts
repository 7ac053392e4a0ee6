import type { Intent, Link, Side, Write } from '@tidelock/core';
import type { Effect } from '@tidelock/engine';
import type { ModelStore, Row } from './model-store.ts';
import { propertyOf } from './model-store.ts';
import { type Sim, storeOf, type Zombie } from './sim.ts';
import { mayPassForAnEdit } from './store-call.ts';
import { liveRows, type Target } from './targets.ts';
import { EDITED, remove, restore, write } from './users.ts';

/** When somebody does something: in front of a write that has to wait, or right after one. */
export type When = 'waiting' | 'after';

interface Under {
  readonly write: Write;
  readonly side: Side;
  readonly link: Link;
}

const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');

function intentOf(sim: Sim, lane: number, write: Write): Intent | undefined {
  const target = write.op === 'create' ? `stamp:${write.stamp}` : write.id;
  return [...sim.state.tables.intents.values()].find(
    ({ laneId, state, targetId }) => laneId === `lane-${lane}` && state === 'open' && targetId === target,
  );
}

function underWay(sim: Sim, lane: number, effect: Extract<Effect, { kind: 'store' }>): Under | null {
  const writes = effect.args[0] as readonly Write[];
  const write = writes[sim.tape.choice(writes.length)];
  const intent = write && intentOf(sim, lane, write);
  const link = intent && sim.state.tables.lanes.get(intent.laneId)?.links.get(intent.linkId)?.link;
  return write === undefined || link === undefined ? null : { write, side: effect.side, link };
}

/** The record on the other side of what is written, whatever became of it. */
function sourceOf(sim: Sim, lane: number, { side, link }: Under): { store: ModelStore; row: Row } | null {
  const store = storeOf(sim, lane, other(side));
  const row = store.rows.get(link[other(side)]?.id ?? '');
  return row === undefined ? null : { store, row };
}

/** The field that a write carries is edited once more where its value came from: the write is old news when it lands (5.6). */
function editAgain(sim: Sim, { write: sent, side }: Under, source: Target): void {
  if (sent.op !== 'update') return;
  const name = EDITED.find((one) => propertyOf(side, one) in sent.patch);
  if (name !== undefined) write(sim, source, { name });
}

/** Two living records with one stamp, the younger one last. */
function twins(sim: Sim): readonly [Target, Target] | null {
  for (const store of [...sim.a, sim.b]) {
    const seen = new Map<string, Row>();
    for (const row of liveRows(store)) {
      const first = seen.get(row.stamp ?? '');
      if (row.stamp !== null && first !== undefined)
        return [
          { store, row: first },
          { store, row },
        ];
      if (row.stamp !== null) seen.set(row.stamp, row);
    }
  }
  return null;
}

/** Somebody meets our own twins before we do: takes one away, or writes into one (5.7). */
export function aimAtTwins(sim: Sim): boolean {
  const pair = twins(sim);
  if (pair === null || sim.tape.choice(4) === 0) return false;
  const target = pair[sim.tape.choice(2)];
  if (target === undefined) return false;
  sim.count('aimed at twins');
  if (sim.tape.choice(2) === 1) remove(sim, target, 'deleted');
  else write(sim, target, { name: EDITED[sim.tape.choice(EDITED.length)] ?? 'title' });
  return true;
}

/** The pair that a late request is about, where its own intent is settled by now. */
function settledPair(sim: Sim, { lane, store, write: sent }: Zombie): Link | undefined {
  if (sent.op !== 'update') return undefined;
  const side = store === sim.b ? 'b' : 'a';
  const open = [...sim.state.tables.intents.values()].some(
    (intent) => intent.state === 'open' && intent.targetId === sent.id,
  );
  const links = sim.state.tables.lanes.get(`lane-${lane}`)?.links.values() ?? [];
  return open ? undefined : [...links].find(({ link }) => link[side]?.id === sent.id)?.link;
}

/** Somebody edits, at its source, what a request carries that is still on its way: it is old news when it lands (5.6). */
export function aimAtLate(sim: Sim): boolean {
  for (const zombie of sim.zombies) {
    if (zombie.outdated === true || !mayPassForAnEdit(zombie)) continue;
    const link = settledPair(sim, zombie);
    if (link === undefined) continue;
    const under: Under = { write: zombie.write, side: zombie.store === sim.b ? 'b' : 'a', link };
    const source = sourceOf(sim, zombie.lane, under);
    if (source?.row.state !== 'live' || source.row.out) continue;
    zombie.outdated = true;
    sim.count('aimed at a late write');
    editAgain(sim, under, source);
    return true;
  }
  return false;
}

/** The healer is about to look at two of a kind: somebody takes the one away that would stay (5.7 a). */
export function aimAtHealer(sim: Sim, lane: number, effect: Extract<Effect, { kind: 'store' }>): void {
  const [kept, copy, ...more] = effect.args[0] as readonly string[];
  const store = storeOf(sim, lane, effect.side);
  const [first, second] = [store.rows.get(kept ?? ''), store.rows.get(copy ?? '')];
  if (first?.state !== 'live' || second === undefined || more.length > 0) return;
  if (first.stamp === null || first.stamp !== second.stamp || sim.tape.choice(3) === 0) return;
  sim.count('aimed at the healer');
  remove(sim, { store, row: first }, 'deleted');
}

/** About as long as a request of unknown outcome is left alone. */
const HURRY = 70_000;

/** The records that these creates are to replace come back while nobody knows yet what became of the creates (7.1). */
export function aimAtReplaced(sim: Sim, lane: number, effect: Extract<Effect, { kind: 'store' }>): void {
  if (effect.side !== 'b') return;
  for (const sent of effect.args[0] as readonly Write[]) {
    const intent = sent.op === 'create' ? intentOf(sim, lane, sent) : undefined;
    const link = intent && sim.state.tables.lanes.get(intent.laneId)?.links.get(intent.linkId)?.link;
    const row = sim.b.rows.get(link?.b?.id ?? '');
    if (row?.state !== 'gone' || sim.tape.choice(6) === 0) continue;
    sim.count('aimed at a second create');
    restore(sim, { store: sim.b, row });
    sim.hurryUntil = sim.clock.now + HURRY;
  }
}

/**
 * What people do at the worst moment. In front of an update that waits: the same field once more; in front of a create:
 * its source goes; after a delete: what it was about is brought back.
 */
export function aim(
  sim: Sim,
  lane: number,
  of: { readonly effect: Extract<Effect, { kind: 'store' }>; readonly when: When },
): void {
  const under = underWay(sim, lane, of.effect);
  const source = under && sourceOf(sim, lane, under);
  if (under === null || source === null) return;
  const { op } = under.write;
  sim.count(`aimed at ${op} ${of.when}`);
  if (op === 'delete') restore(sim, source);
  else if (source.row.state !== 'live' || source.row.out) return;
  else if (op === 'update') editAgain(sim, under, source);
  else if (sim.tape.choice(2) === 1) remove(sim, source, 'deleted');
  else write(sim, source, { name: EDITED[sim.tape.choice(EDITED.length)] ?? 'title' });
}
