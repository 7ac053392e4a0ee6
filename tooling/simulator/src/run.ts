import type { PassReport } from '@tidelock/engine';
import { AT_REST } from './checks.ts';
import { FAULTS, type Rates, type Settings, type WorldOptions } from './options.ts';
import { begin, boot, chaos, createWorker, landZombies, step } from './schedule.ts';
import { allStores, CheckFailed, type Sim } from './sim.ts';
import type { Tape } from './tape.ts';
import { createPerson } from './users.ts';
import type { Worker } from './worker.ts';
import { createSim, MAPPING, type Recording } from './world.ts';

const QUIET = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Rates;
/** Longer than any lease, any hold-off and any clock jump. */
const SETTLE = 21_600_000;
const DAY = 90_000_000;
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
    sim.state.twin.prune({
      intents: 0,
      tombstones: 0,
      values: 0,
      history: 0,
      claims: sim.clock.wall() - DAY + 1,
    });
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
