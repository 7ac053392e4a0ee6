import { isAdapterError, type Write } from '@tidelock/core';
import { ask, restart, type Scheduled } from './ask.ts';
import { CheckFailed, type Sim } from './sim.ts';
import { Crash } from './store-call.ts';
import { operate } from './users.ts';
import { createWatch } from './watch.ts';
import { inline, perform, round, type Worker } from './worker.ts';
import { MAPPING } from './world.ts';

const LEASE = 60_000;
const MAX_EFFECTS = 900;
const MAX_PASS_EFFECTS = 3_000;

export function boot(sim: Sim, worker: Worker): void {
  worker.incarnation++;
  if (sim.tape.choice(2) === 0) worker.owner = `w${worker.index}.${worker.incarnation}`;
  if (sim.settings.mutant === 'owner-shared') worker.owner = 'everybody';
  worker.lanes = sim.a.map((_, index) => sim.openLane(index));
  worker.core = null;
  worker.answer = null;
  worker.pending = null;
}

export function createWorker(sim: Sim, index: number): Worker {
  const worker: Worker = {
    ...{ index, owner: `w${index}`, incarnation: 0, lanes: [], lane: 0, core: null, answer: null },
    ...{
      pending: null,
      late: false,
      wakeAt: sim.clock.now,
      steps: 0,
      last: null,
      watch: createWatch(sim, MAPPING),
    },
  };
  boot(sim, worker);
  return worker;
}

export function* begin(sim: Sim, worker: Worker, lane: number): Scheduled<void> {
  worker.lane = lane;
  worker.watch.reset(lane);
  const of = worker.lanes[lane];
  worker.core = round(sim, worker, of?.shared.b ? yield* ask(sim, 'feeds', of.spec.storeB) : []);
  worker.answer = null;
  worker.steps = 0;
}

/** Resumes the generator up to its next effect that touches the world; null = the round has ended. */
function nextEffect(sim: Sim, worker: Worker): Worker['pending'] {
  const { core } = worker;
  if (core === null) return null;
  let answer = worker.answer;
  for (;;) {
    const step =
      answer === null ? core.next() : 'error' in answer ? core.throw(answer.error) : core.next(answer.value);
    if (step.done) {
      worker.last = step.value;
      worker.core = null;
      sim.note(() => `w${worker.index} ends: ${step.value?.status} ${JSON.stringify(step.value?.counts)}`);
      return null;
    }
    answer = inline(sim, step.value);
    if (answer === null && (step.value.kind === 'store' || step.value.kind === 'state')) return step.value;
  }
}

const isWrite = (effect: NonNullable<Worker['pending']>): boolean =>
  effect.kind === 'store' && effect.method === 'write';

const isCreate = (effect: NonNullable<Worker['pending']>): boolean =>
  (effect.args[0] as readonly Write[]).some((write) => write.op === 'create');

/** Edits are aimed: around writes, and between the pages of an enumeration. */
function timesAt(effect: NonNullable<Worker['pending']>): number {
  if (isWrite(effect)) return 8;
  const cursor = effect.kind === 'store' && effect.method === 'changes' ? effect.args[1] : '';
  return cursor === null || String(cursor).startsWith('e') ? 8 : 1;
}

function maybeOperate(sim: Sim, effect: NonNullable<Worker['pending']>, left: { edits: number }): void {
  if (left.edits <= 0 || sim.rates.edit === 0) return;
  if (!sim.tape.happens(Math.min(3_000, sim.rates.edit * timesAt(effect)))) return;
  left.edits--;
  operate(sim);
}

/** Lets one worker take its next step. */
export function* step(sim: Sim, worker: Worker, left: { edits: number }): Scheduled<void> {
  const { tape, clock, rates } = sim;
  if (worker.core === null) yield* begin(sim, worker, tape.choice(sim.a.length));
  const paused = worker.pending !== null;
  const effect = worker.pending ?? nextEffect(sim, worker);
  worker.pending = null;
  if (effect === null) {
    worker.wakeAt = clock.now + 1_000 + tape.choice(40_000);
    return;
  }
  if (++worker.steps > MAX_PASS_EFFECTS) throw new CheckFailed('L4', 'a pass does not end');
  if (!paused && isWrite(effect) && tape.happens(rates.pauseAtSend * (isCreate(effect) ? 4 : 1))) {
    worker.pending = effect;
    worker.wakeAt = clock.now + 1_000 + tape.choice(2 * LEASE);
    sim.count('pause at send');
    return;
  }
  maybeOperate(sim, effect, left);
  worker.late = paused;
  worker.answer = yield* perform(sim, worker, effect);
  maybeOperate(sim, effect, left);
  worker.wakeAt = clock.now + (effect.kind === 'state' ? 2 : 50);
  const journaled = effect.kind === 'state' && effect.method === 'openIntents';
  if (tape.happens(journaled ? rates.pause * 3 : rates.pause)) {
    worker.wakeAt += 1_000 + tape.choice(2 * LEASE);
    sim.count('pause');
  }
}

export function landZombies(sim: Sim): void {
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

function* guardedStep(sim: Sim, worker: Worker, left: { edits: number }): Scheduled<void> {
  try {
    yield* step(sim, worker, left);
  } catch (error) {
    if (!(error instanceof Crash) && !isLeaseLost(sim, error)) throw error;
    sim.note(() => `w${worker.index} ${error instanceof Crash ? 'crashes' : 'throws conflict'}`);
    if (error instanceof Crash) yield* restart(sim);
    boot(sim, worker);
    worker.wakeAt = sim.clock.now + 500 + sim.tape.choice(90_000);
  }
}

export function* chaos(sim: Sim, workers: readonly Worker[]): Scheduled<void> {
  const left = { edits: sim.options.edits };
  while (sim.effects < MAX_EFFECTS && left.edits > 0) {
    const worker = workers.reduce((first, other) => (other.wakeAt < first.wakeAt ? other : first));
    sim.clock.advanceTo(worker.wakeAt);
    landZombies(sim);
    if (sim.tape.happens(sim.rates.clockJump)) sim.clock.jump(sim.tape.choice(1_200_000) - 600_000);
    yield* guardedStep(sim, worker, left);
  }
}
