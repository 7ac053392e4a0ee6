import { AdapterError, type Outcome, type ReadResult, type StoreRecord, type Write } from '@tidelock/core';
import { keptExceptions, tears } from './calendar.ts';
import type { Chances, Fate } from './fate.ts';
import { personOf } from './ledger.ts';
import { copiesIn } from './meetings.ts';
import { changesOf, type FeedWorld, listOf } from './model-feed.ts';
import { isForbidden, type ModelStore, type Row } from './model-store.ts';
import { overrunOf } from './overrun.ts';
import { countMail, notePost } from './post.ts';
import type { Sim, Zombie } from './sim.ts';
import { ALL_DATES } from './view.ts';
import { seenThrough } from './windows.ts';

/** The worker died in the middle of an effect. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

const ZOMBIE_STEPS = 12;

export const refusedCall = (operation: string): AdapterError =>
  new AdapterError('unavailable', 'Nothing was sent.', { operation });

/** One choice decides; 0 is `ok`. */
export function drawFate(sim: Sim, chances: Chances): Fate {
  let value = 9_999 - sim.tape.choice(10_000);
  for (let at = 0; at < chances.length; at++) {
    const chance = chances[at];
    if (chance === undefined) break;
    if (value < chance[1]) return chance[0];
    value -= chance[1];
  }
  return 'ok';
}

/**
 * A late copy of a record that is gone looks like the record under another id: its pair may go on with it (6.3, moves). So does that of
 * a sender who slept and did not know that its time was over (5.8, row 18 is as row 17).
 */
function mayBeMoved(sim: Sim, store: ModelStore, stamp: string): void {
  for (const row of store.rows.values()) {
    if (row.stamp !== stamp || row.state !== 'gone') continue;
    const link = [...sim.state.tables.lanes.values()]
      .flatMap((lane) => [...lane.links.values()])
      .find(({ link: { a, b, status } }) => status !== 'tomb' && (a?.id === row.id || b?.id === row.id));
    if (link !== undefined) forgetExpected(sim, row);
  }
}

function created(
  sim: Sim,
  store: ModelStore,
  { write, late }: { write: Extract<Write, { op: 'create' }>; late: boolean },
): Outcome {
  const { caps } = store.options;
  const { mutant } = sim.settings;
  const [holder] = mutant === 'unique-stamp' ? [] : store.byStamp(write.stamp);
  if (holder !== undefined && mutant === 'upsert') {
    store.change(holder, 'us', () => Object.assign(holder.fields, store.hold(write.fields)));
    return done(store, holder, sim);
  }
  if (holder !== undefined && (caps.createKey === 'unique' || !late))
    return { status: 'duplicate', id: holder.id };
  if (late || sim.sender.late) mayBeMoved(sim, store, write.stamp);
  const row = store.create(write.fields, { stamp: mutant === 'stamp' ? null : write.stamp, by: 'us' });
  countMail(sim, { store, write, before: {}, after: row.fields });
  if (late || sim.sender.late) sim.ledger.late.add(row);
  return done(store, row, sim);
}

function done(store: ModelStore, row: Row, sim: Sim): Outcome {
  sim.writes++;
  if (!store.options.caps.representation) return { status: 'ok', id: row.id };
  const record = store.record(row);
  return { status: 'ok', id: row.id, version: record.version, mono: record.mono, record };
}

/** What becomes of what a request meets that nobody compares with what it was made for. */
function runOver(
  sim: Sim,
  store: ModelStore,
  { row, write, late }: { row: Row; write: Extract<Write, { op: 'update' }>; late: boolean },
): void {
  for (const [property, value] of Object.entries(write.patch))
    if (write.current.fields[property] !== row.fields[property])
      sim.ledger.ranOver(row, property, overrunOf(sim, store, { row, property, late, value }));
  if (late) forgetExpected(sim, row);
  if (tears(row, write)) sim.ledger.torn.add(personOf(row));
}

function updated(
  sim: Sim,
  store: ModelStore,
  { write, late }: { write: Extract<Write, { op: 'update' }>; late: boolean },
): Outcome {
  const row = store.rows.get(write.id);
  if (row === undefined || row.state === 'gone') return { status: 'gone' };
  const conditionalUpdate = store.options.caps.conditionalUpdate && sim.settings.mutant !== 'cas';
  if (conditionalUpdate && write.version !== `v${row.version}`) return { status: 'conflict' };
  if (!store.options.caps.conditionalUpdate) runOver(sim, store, { row, write, late });
  const before = { ...row.fields };
  const forbidden = isForbidden(store, row);
  // Only a copy that somebody has touched, be it the service itself, is set free (5.7 c).
  if (write.stamp !== undefined && !forbidden && row.createdAt !== row.mono) sim.ledger.isTheirs(row);
  store.change(row, 'us', () => {
    Object.assign(row.fields, store.hold(keptExceptions(row, write)));
    if (write.stamp !== undefined) row.stamp = write.stamp;
  });
  countMail(sim, { store, write, before, after: row.fields, blind: !conditionalUpdate || late });
  // An edited copy that was set free is a record of its own, for a person to look at (5.7).
  if (write.stamp !== undefined && !forbidden) sim.ledger.released(row);
  return done(store, row, sim);
}

/** Nothing is asked of the pair of this record any more: a late write of ours has changed it, or it has gone on with another one. */
function forgetExpected(sim: Sim, row: Row): void {
  for (const [key, wanted] of sim.ledger.expected)
    if (wanted.id === row.id || wanted.partner === row.id) sim.ledger.expected.delete(key);
}

function deleted(
  sim: Sim,
  store: ModelStore,
  { write, late }: { write: Extract<Write, { op: 'delete' }>; late: boolean },
): Outcome {
  const row = store.rows.get(write.id);
  if (row === undefined || row.state === 'gone') return { status: 'gone' };
  const moved = write.version !== `v${row.version}`;
  const checked = store.options.caps.conditionalDelete && sim.settings.mutant !== 'cas-delete';
  if (checked && moved) return { status: 'conflict' };
  if (moved && !store.options.caps.conditionalDelete)
    for (const property of Object.keys(row.fields)) {
      const risk = overrunOf(sim, store, { row, property, late });
      sim.ledger.ranOver(row, property, risk === 'restore' ? 'R2' : risk);
    }
  countMail(sim, { store, write, before: row.fields, after: {}, blind: !checked || late });
  store.change(row, 'us', () => {
    row.state = 'gone';
  });
  sim.writes++;
  return { status: 'ok', id: row.id };
}

function applyWrite(sim: Sim, store: ModelStore, { write, late }: { write: Write; late: boolean }): Outcome {
  const outcome =
    write.op === 'create'
      ? created(sim, store, { write, late })
      : write.op === 'update'
        ? updated(sim, store, { write, late: late || sim.sender.late })
        : deleted(sim, store, { write, late: late || sim.sender.late });
  sim.note(
    () =>
      `  ${late ? 'LATE ' : ''}${write.op} ${write.op === 'create' ? write.stamp.slice(0, 8) : write.id} ${
        write.op === 'delete' ? '' : JSON.stringify(write.op === 'update' ? write.patch : write.fields)
      } -> ${outcome.status} ${'id' in outcome ? outcome.id : ''}`,
  );
  return outcome;
}

/** May this request be taken for somebody's edit when it lands late, and could we tell? Rule Z is for these (5.6). */
export function mayPassForAnEdit({ store, write }: Pick<Zombie, 'store' | 'write'>): boolean {
  const { conditionalUpdate, modifiedBy } = store.options.caps;
  return write.op === 'update' && !conditionalUpdate && modifiedBy;
}

/** Requests that do harm when they land after we have given them up: those, and creates that make a second record (5.7). */
export const isHarmful = (zombie: Pick<Zombie, 'store' | 'write'>): boolean =>
  mayPassForAnEdit(zombie) ||
  (zombie.write.op === 'create' && zombie.store.options.caps.createKey === 'lookup');

function landLater(sim: Sim, store: ModelStore, writes: readonly Write[]): void {
  const span = store.options.caps.zombieSeconds * 1_000;
  const { sender } = sim;
  for (const write of writes) {
    const half = ZOMBIE_STEPS / 2;
    const steps = isHarmful({ store, write })
      ? 1 + half + sim.tape.choice(half)
      : 1 + sim.tape.choice(ZOMBIE_STEPS);
    const at = sim.clock.now + Math.ceil((span * steps) / ZOMBIE_STEPS);
    const land = (): void => {
      sim.sender = sender;
      applyWrite(sim, store, { write, late: true });
    };
    sim.zombies.push({ at, lane: sender.lane, store, write, land });
  }
}

function writeItem(sim: Sim, store: ModelStore, write: Write): Outcome {
  const fate = drawFate(sim, sim.fates.item);
  if (fate === 'retryItem') return { status: 'retry', kind: 'rate_limited', afterMs: 5_000 };
  if (store.refusing && write.op !== 'delete') {
    sim.count('operation refused');
    return { status: 'rejected', code: 'validation-rule', property: 'Title', message: 'Title: not today' };
  }
  const outcome = applyWrite(sim, store, { write, late: false });
  return fate === 'missingItem' ? { status: 'unknown', kind: 'protocol' } : outcome;
}

/** Does this create replace a record that was deleted? */
const replaces = (sim: Sim, write: Write): boolean =>
  write.op === 'create' &&
  [...sim.state.tables.intents.values()].some(
    ({ stamp, incarnation }) => stamp === write.stamp && incarnation > 0,
  );

function chancesOf(sim: Sim, store: ModelStore, writes: readonly Write[]): Chances {
  if (store === sim.b && writes.some((write) => replaces(sim, write))) return sim.fates.replacing;
  if (sim.settings.events && writes.some(({ op }) => op === 'delete')) return sim.fates.deletingEvents;
  return writes.some((write) => isHarmful({ store, write })) ? sim.fates.harmful : sim.fates.write;
}

/** Sends a batch. Throws `Crash` when the worker died; what was under way then may still land. */
export function performWrite(sim: Sim, store: ModelStore, writes: readonly Write[]): readonly Outcome[] {
  const ops = new Set(writes.map((write) => write.op));
  notePost(sim, store, writes);
  const fate = drawFate(sim, chancesOf(sim, store, writes));
  for (const op of ops) sim.count(`effect write.${op} ${fate}`);
  sim.count(`fate ${writes.length > 1 ? 'batch' : 'single'} ${fate}`);
  if (fate !== 'ok') sim.note(() => `  write: ${fate}`);
  if (fate === 'crash-before') throw new Crash();
  if (fate === 'refusedCall') throw refusedCall('model.write');
  const unknown = (): Outcome[] => writes.map(() => ({ status: 'unknown', kind: 'unavailable' }));
  if (fate === 'lostNotApplied') return unknown();
  if (fate === 'late' || fate === 'crash-late') {
    landLater(sim, store, writes);
    if (fate === 'crash-late') throw new Crash();
    return unknown();
  }
  const outcomes = writes.map((write) => writeItem(sim, store, write));
  if (fate === 'crash-after') throw new Crash();
  return fate === 'lostApplied' ? unknown() : outcomes;
}

/** Windows are a matter of mailboxes. */
const readIn = (
  sim: Sim,
  store: ModelStore,
  of: { readonly id: string; readonly at?: number },
): ReadResult =>
  store === sim.b ? store.read(of.id, of.at) : seenThrough(sim.looking, store.read(of.id, of.at));

function readOne(sim: Sim, store: ModelStore, id: string): ReadResult {
  const fate = drawFate(sim, store.options.caps.lagSeconds > 0 ? sim.fates.laggingRead : sim.fates.itemRead);
  if (fate === 'failedItem') return { state: 'failed', id, kind: 'unavailable' };
  if (fate === 'ok') return readIn(sim, store, { id });
  const at = sim.clock.now - 1 - sim.tape.choice(store.options.caps.lagSeconds * 1_000);
  const born = store.rows.get(id)?.snapshots[0]?.at ?? 0;
  if (born > at && !sim.tape.happens(sim.rates.staleMissing)) return readIn(sim, store, { id });
  sim.count('stale read');
  sim.note(() => `  stale read of ${id}, ${sim.clock.now - at} ms old`);
  return readIn(sim, store, { id, at });
}

function findAll(store: ModelStore, by: 'stamp' | 'email', values: readonly string[]): StoreRecord[][] {
  const live = [...store.rows.values()].filter((row) => row.state === 'live' && (by === 'stamp' || !row.out));
  const email = store.catalogue.mail === undefined ? 'Email' : 'mail';
  return values.map((value) =>
    live
      .filter((row) =>
        by === 'stamp'
          ? row.stamp === value
          : String(row.fields[email]).toLowerCase() === value.toLowerCase(),
      )
      .map(store.record),
  );
}

interface Asked {
  readonly method: string;
  readonly args: readonly unknown[];
}

const feedOf = (sim: Sim, store: ModelStore): FeedWorld => ({
  store,
  mutant: sim.settings.mutant ?? '',
  tape: sim.tape,
  rates: sim.rates,
  now: sim.clock.now,
  view: store === sim.b ? ALL_DATES : sim.looking,
  onMissing: () => {
    sim.feedMissed = true;
    sim.ledger.expected.clear();
  },
});

/** The other calls of a store: reads and feeds. */
export function performRead(sim: Sim, store: ModelStore, { method, args }: Asked): unknown {
  if (method === 'changes') return changesOf(feedOf(sim, store), args[1] as string | null);
  if (method === 'list') return listOf(feedOf(sim, store), args[1] as string | null);
  if (method === 'find') return findAll(store, args[0] as 'stamp' | 'email', args[1] as readonly string[]);
  if (method === 'findShared') return copiesIn(sim, store, args[0] as readonly string[]);
  if (method === 'read') return (args[0] as readonly string[]).map((id) => readOne(sim, store, id));
  throw new AdapterError('unsupported', `The model has no ${method}.`, { operation: 'model' });
}
