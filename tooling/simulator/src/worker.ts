import type { Write } from '@tidelock/core';
import { AdapterError, type FeedRow, isAdapterError } from '@tidelock/core';
// The simulator reads shared feeds itself, as the production facade does.
import { type Core, type Effect, ingestFeed, type Lane, type PassReport, pass } from '@tidelock/engine';
import type { Fate } from './fate.ts';
import { answered, mutated } from './mutants.ts';
import { lookAtNamed } from './named.ts';
import { carryOut } from './plans.ts';
import { allStores, type Sim, storeOf } from './sim.ts';
import { Crash, drawFate, performRead, performWrite, refusedCall } from './store-call.ts';
import type { View } from './view.ts';
import type { Watch } from './watch.ts';

/** A generator, and what it is to be resumed with. */
export interface Thread {
  readonly core: Core<unknown>;
  answer: { readonly value: unknown } | { readonly error: unknown } | null;
}

/** Parts of a pass that are under way side by side; which of them goes on next is the tape's choice. */
export interface Fork {
  readonly running: Thread[];
  /** The first error of a part. */
  failed: { readonly error: unknown } | null;
  /** A mutant did not wait for the end of them. */
  left?: boolean;
}

/** One process: steps one pass after the other, over one lane at a time. */
export interface Worker {
  readonly index: number;
  owner: string;
  incarnation: number;
  lanes: Lane[];
  /** The lane of the pass under way. */
  lane: number;
  /** Its round makes a plan, has it approved, and carries it out. */
  plans: boolean;
  /** Lanes whose turn comes, and the passes that each has waited for it. */
  queue: number[];
  readonly waited: number[];
  /** Version of the mapping that its lanes were opened with. */
  mapped: number;
  /** Dates that its lanes were opened with. */
  view: View;
  main: Thread | null;
  fork: Fork | null;
  /** Whose effect was performed last: its answer is for it. */
  turn: Thread | null;
  /** An effect that waits for its time: the worker is paused in front of it. */
  pending: Extract<Effect, { kind: 'store' | 'state' }> | null;
  /** It was paused there until now. */
  late: boolean;
  wakeAt: number;
  /** Effects of the pass under way. */
  steps: number;
  last: PassReport | null;
  watch: Watch;
}

/** Hash of the filter of each feed, by feed id. */
export const scopesOf = (sim: Sim): Map<string, string> =>
  new Map(allStores(sim).map((store) => [`${store.name}/main`, `scope ${store.scope}`]));

/** Feeds page by page, so that crashes fall between their pages, and whole. */
const commitChangesOf = (worker: Worker): number | undefined => (worker.index % 2 === 0 ? 1 : undefined);

function* sharedFeeds({ spec }: Lane): Core<readonly FeedRow[]> {
  return (yield { kind: 'state', method: 'feeds', args: [spec.storeB] }) as readonly FeedRow[];
}

/** Links one by one, so that parts of a pass are under way side by side, and all together. */
const chunkOf = (worker: Worker): number | undefined => (worker.incarnation % 2 === 0 ? 1 : undefined);

function passOver(sim: Sim, worker: Worker, lane: Lane): Core<PassReport | null> {
  const options = {
    lane,
    owner: worker.owner,
    scopes: scopesOf(sim),
    commitChanges: commitChangesOf(worker),
    chunk: chunkOf(worker),
    preview: false,
  };
  worker.watch.knows(options.scopes);
  return worker.plans ? carryOut(sim, worker, options) : pass(options);
}

function* afterSharedFeeds(sim: Sim, worker: Worker, lane: Lane): Core<PassReport | null> {
  try {
    for (const feed of yield* sharedFeeds(lane)) {
      const scopeHash = scopesOf(sim).get(feed.id) ?? '';
      const { lanes, owner } = worker;
      yield* lookAtNamed(sim, { feed, lanes, owner, scopeHash });
      const commitChanges = commitChangesOf(worker);
      yield* ingestFeed({ feed, side: 'b', lanes, scopeHash, owner, commitChanges });
    }
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return null;
  }
  return yield* passOver(sim, worker, lane);
}

/** One round over one lane: the feeds it shares once, then the pass. */
export function round(sim: Sim, worker: Worker): Core<PassReport | null> {
  const lane = worker.lanes[worker.lane];
  if (lane === undefined) throw new Error(`nobody has opened lane ${worker.lane}`);
  return lane.shared.b ? afterSharedFeeds(sim, worker, lane) : passOver(sim, worker, lane);
}

type Touching = Extract<Effect, { kind: 'store' | 'state' }>;

/** Effects that need no time and cannot fail. */
export function inline(
  sim: Sim,
  effect: Exclude<Effect, Touching | { kind: 'fork' }>,
): { readonly value: unknown } {
  switch (effect.kind) {
    case 'now':
      return { value: sim.clock.wall() };
    case 'mono':
      return { value: sim.clock.now };
    case 'uuid':
      return { value: nextUuid(sim) };
    case 'stopped':
      return { value: false };
    case 'progress':
      return { value: undefined };
    case 'breathe':
      return { value: Number.POSITIVE_INFINITY };
    case 'log':
      sim.note(() => `  log ${effect.event} ${JSON.stringify(effect.data)}`);
      return { value: undefined };
  }
}

const counters = new WeakMap<Sim, number>();
function nextUuid(sim: Sim): string {
  const next = (counters.get(sim) ?? 0) + 1;
  counters.set(sim, next);
  return `00000000-0000-4000-8000-${String(next).padStart(12, '0')}`;
}

const WRITES: ReadonlySet<string> = new Set([
  'acquireLane',
  'renewLane',
  'releaseLane',
  'acquireFeed',
  'releaseFeed',
  'commitObservations',
  'commitLane',
  'openIntents',
  'startRun',
  'finishRun',
]);

/** A call of the state on its way: what is asked, and what becomes of the worker after it. */
export interface Under {
  readonly effect: Extract<Effect, { kind: 'state' }>;
  readonly asked: Extract<Effect, { kind: 'state' }>;
  readonly fate: Fate;
}

function beforeState(sim: Sim, worker: Worker, effect: Under['effect']): Under {
  const { method } = effect;
  const writes = WRITES.has(method);
  const fate = writes ? drawFate(sim, sim.fates.state) : 'ok';
  if (writes) sim.transactions++;
  if (fate !== 'ok') sim.count(`effect ${method} ${fate}`);
  worker.watch.fate(effect, fate);
  if (fate === 'crash-before') throw new Crash();
  worker.watch.before(effect, false);
  return { effect, asked: mutated(sim, effect) as Under['asked'], fate };
}

/** The watch is told what was really read or found, whatever a mutant makes of it. */
const isReal = ({ method }: Effect & { kind: 'store' }, blind: boolean): boolean =>
  method === 'find' || (method === 'read' && !blind);

function performStore(
  sim: Sim,
  worker: Worker,
  effect: Extract<Effect, { kind: 'store' }>,
): { readonly value: unknown } {
  const store = storeOf(sim, worker.lane, effect.side);
  if (effect.method !== 'changes') sim.storeCalls++;
  const late = worker.late || (effect.method === 'write' && worker.watch.overleapt());
  sim.sender = { lane: worker.lane, late };
  sim.looking = worker.view;
  if (worker.view !== sim.view && effect.side === 'a') sim.count('window of before');
  worker.watch.before(mutated(sim, effect), late);
  if (effect.method === 'write') {
    const outcomes = performWrite(sim, store, mutated(sim, effect).args[0] as readonly Write[]);
    worker.watch.after(effect, outcomes);
    return { value: answered(sim, effect, outcomes) };
  }
  const fate = drawFate(sim, sim.fates.read);
  if (fate !== 'ok') sim.count(`effect ${effect.method} ${fate}`);
  worker.watch.fate(effect, fate);
  if (fate === 'crash-before') throw new Crash();
  if (fate === 'refusedCall') throw refusedCall(`model.${effect.method}`);
  if (fate === 'denied') throw denied(effect.method);
  const found = performRead(sim, store, effect);
  const blind = sim.settings.mutant === 'verify-removed' && worker.watch.phase() === 'verify';
  const value = blind
    ? (effect.args[0] as readonly string[]).map((id) => ({ state: 'gone', id }))
    : answered(sim, effect, found);
  if (fate === 'crash-after') throw new Crash();
  worker.watch.after(effect, isReal(effect, blind) ? found : value);
  return { value };
}

/** Permission is gone, or the whole folder is: trouble of the connection, and no verdict about any record (6.3). */
const denied = (method: string): AdapterError =>
  method === 'changes'
    ? new AdapterError('not_found', 'The folder is gone.', { operation: 'model.changes' })
    : new AdapterError('forbidden', 'Not allowed.', { operation: `model.${method}` });

/** Errors of an effect are its answer; a crash, and a check that does not hold, are thrown. */
function asAnswer(sim: Sim, work: () => NonNullable<Thread['answer']>): NonNullable<Thread['answer']> {
  try {
    return work();
  } catch (error) {
    return failedWith(sim, error);
  }
}

function failedWith(sim: Sim, error: unknown): NonNullable<Thread['answer']> {
  if (!(error instanceof AdapterError)) throw error;
  sim.note(() => `  throws ${error.kind}`);
  return { error };
}

/** Begins an effect: its answer, or the call of the state that it comes down to. */
export function beginEffect(
  sim: Sim,
  worker: Worker,
  effect: Touching,
): NonNullable<Thread['answer']> | Under {
  sim.effects++;
  if (sim.traced) sim.note(() => `w${worker.index}.${worker.incarnation} ${describe(effect)}`);
  return effect.kind === 'state'
    ? beforeState(sim, worker, effect)
    : asAnswer(sim, () => performStore(sim, worker, effect));
}

/** Ends a call of the state with what it answered, or with its error. */
export function endEffect(
  sim: Sim,
  worker: Worker,
  of: { readonly under: Under; readonly given: { readonly value: unknown } | { readonly error: unknown } },
): NonNullable<Thread['answer']> {
  const { under, given } = of;
  if ('error' in given) return failedWith(sim, given.error);
  const value = answered(sim, under.effect, given.value);
  worker.watch.after(under.asked, value);
  if (under.fate === 'crash-after') throw new Crash();
  return { value };
}

const SHORT = 700;

/** Ids of rows that change nothing, and the order of names, which a database may not keep. */
const asTraced = (key: string, value: unknown): unknown => {
  if (key === 'history' || key === 'runId' || key === 'reviews') return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)));
};

function describe(effect: Extract<Effect, { kind: 'store' | 'state' }>): string {
  const name = effect.kind === 'store' ? `${effect.side}.${effect.method}` : effect.method;
  const text = JSON.stringify(effect.args, asTraced);
  return `${name} ${text.length > Number(process.env.SHORT ?? SHORT) ? `${text.slice(0, Number(process.env.SHORT ?? SHORT))}...` : text}`;
}
