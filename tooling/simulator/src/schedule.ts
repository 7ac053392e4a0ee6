import { isAdapterError, type Outcome, type Write } from '@tidelock/core';
import { aim, aimAtHealer, aimAtLate, aimAtReplaced, aimAtTwins, type When } from './aim.ts';
import { ask, restart, type Scheduled } from './ask.ts';
import { CheckFailed, type Sim } from './sim.ts';
import { Crash, isHarmful, mayPassForAnEdit } from './store-call.ts';
import { nextEffect } from './threads.ts';
import { firstAwake, nextLane } from './turn.ts';
import { deleteMany, operate } from './users.ts';
import { createWatch } from './watch.ts';
import { beginEffect, endEffect, round, type Thread, type Under, type Worker } from './worker.ts';
import { EVENT_MAPPING, MAPPING } from './world.ts';

const LEASE = 60_000;
/** Longest hold-off of a model store. */
const HOLD = 70_000;
const MAX_EFFECTS = 900;
const MAX_PASS_EFFECTS = 3_000;

/** As a process does that starts, or that is told another configuration. */
function openLanes(sim: Sim, worker: Worker): void {
  worker.mapped = sim.mapped;
  worker.view = sim.view;
  worker.lanes = sim.a.map((_, index) => sim.openLane(index));
}

export function boot(sim: Sim, worker: Worker): void {
  worker.incarnation++;
  if (sim.tape.choice(2) === 0) worker.owner = `w${worker.index}.${worker.incarnation}`;
  if (sim.settings.mutant === 'owner-shared') worker.owner = 'everybody';
  openLanes(sim, worker);
  worker.queue = [];
  worker.waited.fill(0);
  worker.main = null;
  worker.fork = null;
  worker.turn = null;
  worker.pending = null;
}

export function createWorker(sim: Sim, index: number): Worker {
  const worker: Worker = {
    ...{ index, owner: `w${index}`, incarnation: 0, lanes: [], lane: 0, main: null, fork: null },
    ...{ plans: false, queue: [], waited: sim.a.map(() => 0), mapped: sim.mapped, view: sim.view },
    ...{
      turn: null,
      pending: null,
      late: false,
      wakeAt: sim.clock.now,
      steps: 0,
      last: null,
      watch: createWatch(sim, sim.settings.events === true ? EVENT_MAPPING : MAPPING),
    },
  };
  boot(sim, worker);
  return worker;
}

export function begin(sim: Sim, worker: Worker, of: { lane: number; plans: boolean }): void {
  const { lane, plans } = of;
  if (worker.mapped !== sim.mapped || worker.view !== sim.view) openLanes(sim, worker);
  worker.lane = lane;
  worker.plans = plans;
  worker.watch.reset(lane);
  worker.main = { core: round(sim, worker), answer: null };
  worker.steps = 0;
}

const isWrite = (effect: NonNullable<Worker['pending']>): boolean =>
  effect.kind === 'store' && effect.method === 'write';

const isCreate = (effect: NonNullable<Worker['pending']>): boolean =>
  (effect.args[0] as readonly Write[]).some((write) => write.op === 'create');

/** Edits are aimed: around writes, and between the pages of an enumeration. */
function timesAt(effect: NonNullable<Worker['pending']>): number {
  if (effect.kind === 'state') return 1;
  if (effect.method === 'write') return 8;
  const cursor = effect.method === 'changes' ? effect.args[1] : '';
  return cursor === null || String(cursor).startsWith('e') ? 8 : 1;
}

function maybeOperate(sim: Sim, effect: NonNullable<Worker['pending']>, left: { edits: number }): void {
  if (left.edits <= 0 || sim.rates.edit === 0) return;
  if (!sim.tape.happens(Math.min(3_000, sim.rates.edit * timesAt(effect)))) return;
  left.edits--;
  operate(sim);
}

/**
 * The state's clock leaps over the hold-off of a request that is still to land (5.5): recovery comes too early. Oftener
 * for one that does harm then.
 */
function maybeLeap({ tape, clock, rates, zombies, count }: Sim): void {
  if (zombies.length === 0) return;
  const often = zombies.some(isHarmful);
  if (!tape.happens(often ? Math.min(7_000, rates.clockJump * 400) : Math.min(3_000, rates.clockJump * 40)))
    return;
  clock.jump(HOLD + tape.choice(10 * HOLD));
  count('leap over a hold-off');
}

/** People at the worst moment, while the tape lets them. */
function maybeAim(
  sim: Sim,
  worker: Worker,
  of: { effect: NonNullable<Worker['pending']>; left: { edits: number }; when: When },
): void {
  const { effect, left, when } = of;
  if (left.edits <= 0 || effect.kind !== 'store' || !sim.tape.happens(sim.rates.aim)) return;
  left.edits--;
  if (!aimAtTwins(sim)) aim(sim, worker.lane, { effect, when });
}

/** The outcome of a write is unknown: what it was to replace comes back before anybody has looked. */
function maybeAimAtReplaced(sim: Sim, worker: Worker, effect: NonNullable<Worker['pending']>): void {
  const given = worker.turn?.answer;
  if (effect.kind !== 'store' || sim.rates.aim === 0 || !given || !('value' in given)) return;
  const unknown = (given.value as readonly Outcome[]).some(({ status }) => status === 'unknown');
  if (unknown) aimAtReplaced(sim, worker.lane, effect);
}

/** While a request that may pass for an edit is on its way, what it carries is edited at its source. */
function maybeAimAtLate(sim: Sim, left: { edits: number }): void {
  if (left.edits <= 0 || sim.rates.aim === 0 || !sim.zombies.some(mayPassForAnEdit)) return;
  if (sim.tape.choice(8) > 0 && aimAtLate(sim)) left.edits--;
}

/** Somebody comes between the healer's look at its page and its look at the two. */
function maybeAimAtHealer(sim: Sim, worker: Worker, effect: NonNullable<Worker['pending']>): void {
  if (effect.kind === 'store' && effect.method === 'read' && sim.rates.aim > 0)
    aimAtHealer(sim, worker.lane, effect);
}

/** What a step comes down to: the effect that it performs, and the call of the state, where it is one. */
interface Stepping {
  readonly effect: NonNullable<Worker['pending']>;
  readonly under: Under | null;
}

/** Whoever asked is resumed with it. */
function answer({ turn }: Worker, given: Thread['answer']): void {
  if (turn !== null) turn.answer = given;
}

/** Begins the next step of a worker; null = it is over already. */
function beginStep(sim: Sim, worker: Worker, left: { edits: number }): Stepping | null {
  const { tape, clock, rates } = sim;
  if (worker.main === null)
    begin(sim, worker, { lane: nextLane(sim, worker), plans: tape.happens(rates.plan) });
  const paused = worker.pending !== null;
  const effect = worker.pending ?? nextEffect(sim, worker);
  worker.pending = null;
  if (effect === null) {
    // What is still to land is old news only when somebody has written something newer before.
    const soon = clock.now < sim.hurryUntil || sim.zombies.some(isHarmful);
    worker.wakeAt = clock.now + 1_000 + tape.choice(soon ? 4_000 : 40_000);
    return null;
  }
  if (++worker.steps > MAX_PASS_EFFECTS) throw new CheckFailed('L4', 'a pass does not end');
  if (!paused && isWrite(effect) && tape.happens(rates.pauseAtSend * (isCreate(effect) ? 4 : 2))) {
    worker.pending = effect;
    worker.wakeAt = clock.now + 1_000 + tape.choice(3 * LEASE);
    sim.count('pause at send');
    maybeAim(sim, worker, { effect, left, when: 'waiting' });
    return null;
  }
  maybeOperate(sim, effect, left);
  maybeAimAtLate(sim, left);
  maybeAimAtHealer(sim, worker, effect);
  worker.late = paused;
  const begun = beginEffect(sim, worker, effect);
  if ('asked' in begun) return { effect, under: begun };
  answer(worker, begun);
  return { effect, under: null };
}

function endStep(
  sim: Sim,
  worker: Worker,
  { effect, left }: Pick<Stepping, 'effect'> & { left: { edits: number } },
): void {
  const { tape, clock, rates } = sim;
  if (isWrite(effect)) maybeAim(sim, worker, { effect, left, when: 'after' });
  if (isWrite(effect)) maybeAimAtReplaced(sim, worker, effect);
  if (isWrite(effect)) maybeLeap(sim);
  maybeOperate(sim, effect, left);
  worker.wakeAt = clock.now + (effect.kind === 'state' ? 2 : 50);
  const journaled = effect.kind === 'state' && effect.method === 'openIntents';
  if (tape.happens(journaled ? rates.pause * 3 : rates.pause)) {
    worker.wakeAt += 1_000 + tape.choice(2 * LEASE);
    sim.count('pause');
  }
}

type Given = { readonly value: unknown } | { readonly error: unknown };

function answerNow(sim: Sim, { asked }: Under): Given {
  try {
    return { value: sim.state.callSync(asked.method, asked.args) };
  } catch (error) {
    return { error };
  }
}

function* answerLater({ asked }: Under): Scheduled<Given> {
  try {
    return { value: yield { method: asked.method, args: asked.args } };
  } catch (error) {
    return { error };
  }
}

/** One step over the state in memory. The same as `step`, without a generator for each: there are hundreds a schedule. */
export function stepNow(sim: Sim, worker: Worker, left: { edits: number }): void {
  const begun = beginStep(sim, worker, left);
  if (begun === null) return;
  const { under, effect } = begun;
  if (under !== null) answer(worker, endEffect(sim, worker, { under, given: answerNow(sim, under) }));
  endStep(sim, worker, { effect, left });
}

/** Lets one worker take its next step. */
export function* step(sim: Sim, worker: Worker, left: { edits: number }): Scheduled<void> {
  const begun = beginStep(sim, worker, left);
  if (begun === null) return;
  const { under, effect } = begun;
  if (under !== null) answer(worker, endEffect(sim, worker, { under, given: yield* answerLater(under) }));
  endStep(sim, worker, { effect, left });
}

export function landZombies(sim: Sim): void {
  if (sim.zombies.length === 0) return;
  const due = sim.zombies.filter((zombie) => zombie.at <= sim.clock.now);
  for (const zombie of due) {
    sim.zombies.splice(sim.zombies.indexOf(zombie), 1);
    sim.count('effect write late landed');
    zombie.land();
  }
}

/** A pass that lost its lease may end with the state's own `conflict`; with `strict` that is a failure. */
function isLeaseLost(sim: Sim, error: unknown): boolean {
  if (!isAdapterError(error) || error.kind !== 'conflict' || sim.settings.strict === true) return false;
  sim.count('pass throws conflict');
  return true;
}

/** The worker died, or lost its lease; anything else is thrown on. */
function bury(sim: Sim, worker: Worker, error: unknown): void {
  if (!(error instanceof Crash) && !isLeaseLost(sim, error)) throw error;
  sim.note(() => `w${worker.index} ${error instanceof Crash ? 'crashes' : 'throws conflict'}`);
}

function rise(sim: Sim, worker: Worker): void {
  boot(sim, worker);
  worker.wakeAt = sim.clock.now + 500 + sim.tape.choice(90_000);
}

function guardedStepNow(sim: Sim, worker: Worker, left: { edits: number }): void {
  try {
    stepNow(sim, worker, left);
  } catch (error) {
    bury(sim, worker, error);
    rise(sim, worker);
  }
}

function* guardedStep(sim: Sim, worker: Worker, left: { edits: number }): Scheduled<void> {
  try {
    yield* step(sim, worker, left);
  } catch (error) {
    bury(sim, worker, error);
    if (error instanceof Crash) yield* restart(sim);
    rise(sim, worker);
  }
}

/** Somebody lets go what the brake holds, while everything goes on. */
function* maybeLetGo(sim: Sim, { lane }: Worker): Scheduled<void> {
  if (!sim.options.tightBrake) return;
  const held = sim.state.tables.lanes.get(`lane-${lane}`)?.row.held;
  if (!held || sim.tape.choice(3) === 0) return;
  sim.count('brake approved');
  sim.note(() => `somebody lets go ${held.linkIds.join()} on ${held.side}`);
  yield* ask(sim, 'approveHeld', `lane-${lane}`, held.hash, sim.clock.wall());
  // What goes after it is another matter, and was let go by nobody.
  if (sim.tape.choice(2) === 1) deleteMany(sim);
}

export function* chaos(sim: Sim, workers: readonly Worker[]): Scheduled<void> {
  const left = { edits: sim.options.edits };
  while (sim.effects < MAX_EFFECTS && left.edits > 0) {
    const worker = firstAwake(workers);
    sim.clock.advanceTo(worker.wakeAt);
    landZombies(sim);
    if (sim.tape.happens(sim.rates.clockJump)) sim.clock.jump(sim.tape.choice(1_200_000) - 600_000);
    if (sim.asks) yield* guardedStep(sim, worker, left);
    else guardedStepNow(sim, worker, left);
    if (worker.main === null) yield* maybeLetGo(sim, worker);
  }
}
