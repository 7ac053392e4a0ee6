import { isAdapterError, type LaneSpec, MappingSchema } from '@tidelock/core';
import {
  compileMapping,
  createCanon,
  createRecordCache,
  DEFAULT_POLICY,
  type Lane,
  type PassReport,
} from '@tidelock/engine';
import { AT_REST } from './checks.ts';
import { createVirtualClock } from './clock.ts';
import { createLedger } from './ledger.ts';
import { createMemoryState } from './memory-state.ts';
import { catalogueOf, createModelStore, MAPPED } from './model-store.ts';
import { drawOptions, FAULTS, type Rates, type Settings, type WorldOptions } from './options.ts';
import { allStores, CheckFailed, type Sim } from './sim.ts';
import { Crash } from './store-call.ts';
import type { Tape } from './tape.ts';
import { createPerson, operate } from './users.ts';
import { createWatch } from './watch.ts';
import { inline, perform, round, type Worker } from './worker.ts';

const canon = createCanon({ region: 'US' });
const MAPPING = compileMapping(
  MappingSchema.parse({ version: 1, kind: 'contact', fields: MAPPED }),
  { a: catalogueOf('a'), b: catalogueOf('b') },
  canon,
);

const QUIET = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Rates;
const LEASE = 60_000;
/** Longer than any lease, any hold-off and any clock jump. */
const SETTLE = 21_600_000;
const DAY = 90_000_000;
const MAX_EFFECTS = 900;
const MAX_PASS_EFFECTS = 3_000;
/** Passes until everything must be at rest (L1). */
const K = 8;

export interface Outcome {
  readonly check: string | null;
  readonly detail: string;
  readonly hash: number;
  readonly effects: number;
  readonly passes: number;
  readonly residual: number;
  readonly coverage: ReadonlyMap<string, number>;
  readonly trace: readonly string[];
  readonly choices: readonly number[];
  readonly options: WorldOptions;
}

const specOf = (index: number): LaneSpec => ({
  id: `lane-${index}`,
  tenantId: 'tenant',
  storeA: `A${index}`,
  storeB: 'B',
  label: `lane ${index}`,
});

function openLane(options: WorldOptions, index: number, mutant?: string): Lane {
  const spec = specOf(index);
  return {
    spec,
    mapping: MAPPING,
    canon,
    caps: { a: options.a.caps, b: options.b.caps },
    policy: mutant === 'hold-off' ? { ...DEFAULT_POLICY, holdMs: 0 } : DEFAULT_POLICY,
    feeds: { a: [`${spec.storeA}/main`], b: ['B/main'] },
    shared: { a: false, b: options.lanes > 1 },
    cache: createRecordCache(),
    lookedUp: new Set(),
  };
}

function hashed(hash: number, text: string): number {
  let value = hash;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

export interface Recording {
  readonly coverage: Map<string, number>;
  readonly trace: string[];
  hash: number;
}

function createSim(
  tape: Tape,
  settings: Settings,
  on: { recording: Recording; trace: boolean | 'hash' },
): Sim {
  const { recording, trace } = on;
  const options = drawOptions(tape, settings);
  const clock = createVirtualClock();
  const state = createMemoryState();
  const ledger = createLedger();
  const store = (name: string, side: 'a' | 'b') => {
    const made = createModelStore({ name, side, options: options[side], clock });
    made.onShow = (row) => ledger.shows(made, row);
    return made;
  };
  const a = Array.from({ length: options.lanes }, (_, index) => store(`A${index}`, 'a'));
  const sim: Sim = {
    ...{ tape, settings, options, clock, state, ledger, a, b: store('B', 'b'), zombies: [] },
    ...{ rates: options.rates, feedMissed: false, writes: 0, storeCalls: 0, transactions: 0, effects: 0 },
    openLane: (index) => openLane(options, index, settings.mutant),
    count: (cell) => void recording.coverage.set(cell, (recording.coverage.get(cell) ?? 0) + 1),
    note(line) {
      if (trace === false) return;
      const text = `${clock.now - 1_800_000_000_000} ${line()}`;
      recording.hash = hashed(recording.hash, text);
      if (trace === true) recording.trace.push(text);
    },
  };
  const specs = a.map((_, index) => specOf(index));
  state.twin.saveLanes(specs, clock.wall());
  state.twin.saveFeeds([
    ...specs.map((spec) => ({
      id: `${spec.storeA}/main`,
      store: spec.storeA,
      side: 'a' as const,
      key: 'main',
    })),
    { id: 'B/main', store: 'B', side: 'b', key: 'main' },
  ]);
  return sim;
}

function boot(sim: Sim, worker: Worker): void {
  worker.incarnation++;
  if (sim.tape.choice(2) === 0) worker.owner = `w${worker.index}.${worker.incarnation}`;
  if (sim.settings.mutant === 'owner-shared') worker.owner = 'everybody';
  worker.lanes = sim.a.map((_, index) => sim.openLane(index));
  worker.core = null;
  worker.answer = null;
  worker.pending = null;
}

function createWorker(sim: Sim, index: number): Worker {
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

function begin(sim: Sim, worker: Worker, lane: number): void {
  worker.lane = lane;
  worker.watch.reset(lane);
  worker.core = round(sim, worker);
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

function maybeOperate(sim: Sim, effect: NonNullable<Worker['pending']>, left: { edits: number }): void {
  if (left.edits <= 0 || sim.rates.edit === 0) return;
  if (!sim.tape.happens(isWrite(effect) ? Math.min(3_000, sim.rates.edit * 8) : sim.rates.edit)) return;
  left.edits--;
  operate(sim);
}

/** Lets one worker take its next step. */
function step(sim: Sim, worker: Worker, left: { edits: number }): void {
  const { tape, clock, rates } = sim;
  if (worker.core === null) begin(sim, worker, tape.choice(sim.a.length));
  const paused = worker.pending !== null;
  const effect = worker.pending ?? nextEffect(sim, worker);
  worker.pending = null;
  if (effect === null) {
    worker.wakeAt = clock.now + 1_000 + tape.choice(40_000);
    return;
  }
  if (++worker.steps > MAX_PASS_EFFECTS) throw new CheckFailed('L4', 'a pass does not end');
  if (!paused && isWrite(effect) && tape.happens(rates.pauseAtSend)) {
    worker.pending = effect;
    worker.wakeAt = clock.now + 1_000 + tape.choice(2 * LEASE);
    sim.count('pause at send');
    return;
  }
  maybeOperate(sim, effect, left);
  worker.late = paused;
  worker.answer = perform(sim, worker, effect);
  maybeOperate(sim, effect, left);
  worker.wakeAt = clock.now + (effect.kind === 'state' ? 2 : 50);
  const journaled = effect.kind === 'state' && effect.method === 'openIntents';
  if (tape.happens(journaled ? rates.pause * 3 : rates.pause)) {
    worker.wakeAt += 1_000 + tape.choice(2 * LEASE);
    sim.count('pause');
  }
}

function landZombies(sim: Sim): void {
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

function guardedStep(sim: Sim, worker: Worker, left: { edits: number }): void {
  try {
    step(sim, worker, left);
  } catch (error) {
    if (!(error instanceof Crash) && !isLeaseLost(sim, error)) throw error;
    sim.note(() => `w${worker.index} ${error instanceof Crash ? 'crashes' : 'throws conflict'}`);
    boot(sim, worker);
    worker.wakeAt = sim.clock.now + 500 + sim.tape.choice(90_000);
  }
}

function chaos(sim: Sim, workers: readonly Worker[]): void {
  const left = { edits: sim.options.edits };
  while (sim.effects < MAX_EFFECTS && left.edits > 0) {
    const worker = workers.reduce((first, other) => (other.wakeAt < first.wakeAt ? other : first));
    sim.clock.advanceTo(worker.wakeAt);
    landZombies(sim);
    if (sim.tape.happens(sim.rates.clockJump)) sim.clock.jump(sim.tape.choice(1_200_000) - 600_000);
    guardedStep(sim, worker, left);
  }
}

/** One whole round of one lane, without faults. */
function calmRound(sim: Sim, worker: Worker, lane: number): PassReport | null {
  begin(sim, worker, lane);
  do {
    step(sim, worker, { edits: 0 });
    sim.clock.advanceTo(worker.wakeAt);
  } while (worker.core !== null);
  const held = sim.state.tables.lanes.get(`lane-${lane}`)?.row.held;
  if (held) {
    sim.count('brake approved');
    sim.state.twin.approveHeld(`lane-${lane}`, held.hash);
  }
  return worker.last;
}

function isQuiet(report: PassReport | null): boolean {
  if (report === null || report.status !== 'done' || report.more || report.held !== null) return false;
  const { created, updated, deleted, linked } = report.counts;
  return created + updated + deleted + linked + report.openOutcomes === 0;
}

/** Passes over every lane until none has anything to do. */
function settle(sim: Sim, worker: Worker, phase: string): number {
  for (let turn = 1; turn <= K; turn++) {
    const reports = sim.a.map((_, lane) => calmRound(sim, worker, lane));
    sim.clock.advanceTo(sim.clock.now + 400_000);
    if (reports.every(isQuiet)) return turn;
    const failed = reports.find((report) => report?.error);
    if (failed?.error && turn === K)
      throw new CheckFailed('L1', `${phase}: a pass fails: ${failed.error.message}`);
  }
  throw new CheckFailed('L1', `${phase}: not at rest after ${K} passes`);
}

/** Claims outlive their creates by a day; what waited for them goes on then (5.9). */
function forgetClaims(sim: Sim, worker: Worker, phase: string): void {
  for (let day = 0; day < 2; day++) {
    sim.clock.advanceTo(sim.clock.now + DAY);
    sim.state.twin.prune({ intents: 0, tombstones: 0, history: 0, claims: sim.clock.wall() - DAY + 1 });
    for (const lane of worker.lanes) lane.lookedUp.clear();
    settle(sim, worker, phase);
  }
}

function checkIdle(sim: Sim, worker: Worker, phase: string): void {
  sim.a.forEach((_, lane) => {
    Object.assign(sim, { writes: 0, storeCalls: 0, transactions: 0 });
    calmRound(sim, worker, lane);
    if (sim.writes > 0) throw new CheckFailed('L2', `${phase}: an idle pass writes`);
    const reviewed = [...(sim.state.tables.lanes.get(`lane-${lane}`)?.suspects.values() ?? [])].length > 0;
    if (sim.storeCalls > 0 && !reviewed && !sim.settings.without.has('L5'))
      throw new CheckFailed('L5', `${phase}: an idle pass makes ${sim.storeCalls} calls beside its feeds`);
    if (sim.storeCalls > 0) sim.count('idle pass looks at reviews again');
    sim.count(`idle transactions ${sim.transactions}`);
  });
}

function atRest(sim: Sim): void {
  for (const check of AT_REST) check(sim, MAPPING);
}

function quiet(sim: Sim, workers: readonly Worker[]): number {
  const [worker] = workers;
  if (worker === undefined) return 0;
  sim.rates = QUIET;
  sim.note(() => 'quiet');
  const end = Math.max(sim.clock.now, ...sim.zombies.map((zombie) => zombie.at));
  sim.clock.advanceTo(end);
  landZombies(sim);
  sim.clock.advanceTo(end + SETTLE);
  boot(sim, worker);
  if (sim.options.audit) for (const store of allStores(sim)) sim.state.twin.resetFeeds(store.name);
  const phase = sim.options.audit ? 'with audit' : 'without audit';
  const passes = settle(sim, worker, phase);
  if (sim.a.length > 1) forgetClaims(sim, worker, phase);
  atRest(sim);
  checkIdle(sim, worker, 'at rest');
  const waited = [...sim.state.tables.lanes.values()].some((lane) => lane.suspects.size > 0);
  for (const store of allStores(sim)) sim.state.twin.resetFeeds(store.name);
  sim.note(() => 'rescan');
  sim.writes = 0;
  settle(sim, worker, 'rescan');
  if (sim.writes > 0 && !sim.feedMissed && !waited) throw new CheckFailed('L2', 'a full rescan writes');
  atRest(sim);
  return passes;
}

/** One schedule, from its tape. The same tape and settings give the same outcome. */
export function runSchedule(tape: Tape, settings: Settings, trace: boolean | 'hash' = false): Outcome {
  const recording: Recording = { coverage: new Map(), trace: [], hash: 0x811c9dc5 };
  const sim = createSim(tape, settings, { recording, trace });
  const end = (check: string | null, detail: string, passes: number): Outcome => ({
    ...{ check, detail, passes, effects: sim.effects, residual: sim.ledger.residual },
    ...{ hash: recording.hash, coverage: recording.coverage, trace: recording.trace },
    ...{ choices: tape.recorded, options: sim.options },
  });
  try {
    for (let person = 1; person <= sim.options.people; person++) {
      const where = tape.choice(3);
      for (const store of [...(where === 1 ? [] : sim.a), ...(where === 0 ? [] : [sim.b])])
        createPerson(sim, store, person);
    }
    const workers = Array.from({ length: sim.options.workers }, (_, index) => createWorker(sim, index));
    chaos(sim, workers);
    return end(null, '', quiet(sim, workers));
  } catch (error) {
    if (error instanceof CheckFailed) return end(error.check, error.message, 0);
    return end('throws', error instanceof Error ? (error.stack ?? error.message) : String(error), 0);
  }
}
