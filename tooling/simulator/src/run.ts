import type { PassReport } from '@tidelock/engine';
import { ask, restart, runNow, type Scheduled } from './ask.ts';
import { OF_CALENDARS } from './calendar-checks.ts';
import { AT_REST, checkScope } from './checks.ts';
import { fatesOf } from './fate.ts';
import { countShared } from './meetings.ts';
import { FAULTS, type Rates, type Settings, type WorldOptions } from './options.ts';
import { createPerson } from './people.ts';
import { lookAtAll } from './repository/look.ts';
import { begin, boot, chaos, createWorker, landZombies, step, stepNow } from './schedule.ts';
import { drift } from './scope.ts';
import { allStores, CheckFailed, type Sim } from './sim.ts';
import type { Tape } from './tape.ts';
import { ALL_DATES } from './view.ts';
import { lookThrough } from './windows.ts';
import type { Worker } from './worker.ts';
import { createSim, EVENT_MAPPING, MAPPING, type Recording, saveWorld } from './world.ts';

const QUIET = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Rates;
/** Longer than any lease, any hold-off and any clock jump. */
const SETTLE = 21_600_000;
const DAY = 90_000_000;
/** Passes until everything must be at rest (L1). */
const K = 8;
/** Where two stores re-format each other's values, each lane first writes as often as the breaker lets it. */
const K_TO_AND_FRO = 16;
/** With the passes that only ask for deletes to be let go. */
const K_HELD = 16;
/** So often a refused record is tried again before it is given up (7.3). */
const RETRIES = 5;

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
function* calmRound(sim: Sim, worker: Worker, lane: number): Scheduled<PassReport | null> {
  begin(sim, worker, { lane, plans: false });
  const left = { edits: 0 };
  do {
    if (sim.asks) yield* step(sim, worker, left);
    else stepNow(sim, worker, left);
    sim.clock.advanceTo(worker.wakeAt);
  } while (worker.main !== null);
  const held = sim.state.tables.lanes.get(`lane-${lane}`)?.row.held;
  if (held) {
    sim.count('brake approved');
    yield* ask(sim, 'approveHeld', `lane-${lane}`, held.hash, sim.clock.wall());
  }
  return worker.last;
}

function isQuiet(report: PassReport | null): boolean {
  if (report === null || report.status !== 'done' || report.more || report.held !== null) return false;
  const { created, updated, deleted, linked } = report.counts;
  return created + updated + deleted + linked + report.openOutcomes === 0;
}

/** An empty enumeration waits for its second look. */
const doubtful = (sim: Sim): boolean =>
  [...sim.state.tables.feeds.values()].some(
    (feed) => feed.cursor === null && feed.pageHash?.startsWith('empty:') === true,
  );

interface Rest {
  readonly passes: number;
  /** The wall clock before the last of them. */
  readonly since: number;
}

/** Passes over every lane until none has anything to do just now. */
function* settleNow(sim: Sim, worker: Worker, phase: string): Scheduled<Rest> {
  let most = sim.options.toAndFro ? K_TO_AND_FRO : K;
  for (let turn = 1; turn <= most; turn++) {
    const reports = [];
    const since = sim.clock.wall();
    for (const lane of sim.a.keys()) reports.push(yield* calmRound(sim, worker, lane));
    // It waited for somebody to let deletes go: what they lead to in the other lane may be held again.
    if (reports.some((report) => report?.held) && most < K_HELD) most++;
    sim.clock.advanceTo(sim.clock.now + 400_000);
    if (reports.every(isQuiet) && !doubtful(sim)) return { passes: turn, since };
    const failed = reports.find((report) => report?.error);
    if (failed?.error && turn === most)
      throw new CheckFailed('L1', `${phase}: a pass fails: ${failed.error.message}`);
  }
  throw new CheckFailed('L1', `${phase}: not at rest after ${most} passes`);
}

/** The last time at which a refused record is tried again by itself. */
const lastRetry = (sim: Sim): number =>
  Math.max(
    0,
    ...[...sim.state.tables.lanes.values()].flatMap((lane) =>
      [...lane.links.values()].flatMap(({ link: { quarantine, status } }) =>
        status === 'tomb' || quarantine?.class !== 'item' ? [] : (quarantine.nextAt ?? []),
      ),
    ),
  );

/**
 * Passes over every lane until none has anything to do, also later. A refused record is tried again by itself after 1 min to 24 h (7.3,
 * class item), and what is written then is no pass at rest that writes (L2): the clock goes on to that time, and it has to come to rest
 * again. The settling is shorter than the longest of these times, and a clock that jumped back makes it shorter still.
 */
function* settle(sim: Sim, worker: Worker, phase: string): Scheduled<number> {
  let rest = yield* settleNow(sim, worker, phase);
  let { passes } = rest;
  for (let retry = 0; retry < RETRIES && lastRetry(sim) > rest.since; retry++) {
    sim.count('rest waits for a retry');
    sim.clock.advanceTo(sim.clock.now + lastRetry(sim) - sim.clock.wall());
    rest = yield* settleNow(sim, worker, phase);
    passes += rest.passes;
  }
  return passes;
}

/** Claims outlive their creates by a day; what waited for them goes on then (5.9). */
function* forgetClaims(sim: Sim, worker: Worker, phase: string): Scheduled<void> {
  for (let day = 0; day < 2; day++) {
    sim.clock.advanceTo(sim.clock.now + DAY);
    const claims = sim.clock.wall() - DAY + 1;
    yield* ask(sim, 'prune', { intents: 0, tombstones: 0, values: 0, history: 0, claims });
    for (const lane of worker.lanes) lane.lookedUp.clear();
    yield* settle(sim, worker, phase);
  }
}

/** Records that a person is asked about. */
const askedAbout = (sim: Sim): Set<string> =>
  new Set(
    [...sim.state.tables.lanes.values()].flatMap(({ row, suspects }) =>
      [...suspects.values()].flatMap(({ why, side, id }) =>
        why === 'review' ? `${row.id} ${side} ${id}` : [],
      ),
    ),
  );

/**
 * After an enumeration the feed's overlap may report a removal for the first time: news, and proved by a read. It writes nothing,
 * unless a person was asked about that record: then the question is obsolete (0619), and what else it was about is placed. After that
 * it has to come to rest anew.
 */
function* checkOverlap(sim: Sim, worker: Worker, phase: string): Scheduled<void> {
  const asked = askedAbout(sim);
  sim.writes = 0;
  yield* settle(sim, worker, phase);
  const still = askedAbout(sim);
  if (sim.writes > 0 && [...asked].some((one) => !still.has(one))) {
    sim.count('a question was let go by an overlap');
    sim.writes = 0;
    yield* settle(sim, worker, phase);
  }
  if (sim.writes > 0) throw new CheckFailed('L2', `${phase}: passes over an overlap write`);
}

function* checkIdle(sim: Sim, worker: Worker, phase: string): Scheduled<void> {
  yield* checkOverlap(sim, worker, phase);
  for (const lane of sim.a.keys()) {
    Object.assign(sim, { writes: 0, storeCalls: 0, transactions: 0 });
    yield* calmRound(sim, worker, lane);
    if (sim.writes > 0) throw new CheckFailed('L2', `${phase}: an idle pass writes`);
    const reviewed = [...(sim.state.tables.lanes.get(`lane-${lane}`)?.suspects.values() ?? [])].length > 0;
    if (sim.storeCalls > 0 && !reviewed && !sim.settings.without.has('L5'))
      throw new CheckFailed('L5', `${phase}: an idle pass makes ${sim.storeCalls} calls beside its feeds`);
    if (sim.storeCalls > 0) sim.count('idle pass looks at reviews again');
    sim.count(`idle transactions ${sim.transactions}`);
  }
}

function atRest(sim: Sim): void {
  const mapping = sim.settings.events === true ? EVENT_MAPPING : MAPPING;
  for (const check of AT_REST) check(sim, mapping);
  if (sim.settings.events === true) for (const check of OF_CALENDARS) check(sim, mapping);
}

/** An audit: every feed is enumerated again. */
function* resetFeeds(sim: Sim): Scheduled<void> {
  for (const store of allStores(sim)) yield* ask(sim, 'resetFeeds', store.name);
}

/** Before an audit some pairs have drifted apart. */
function driftSome(sim: Sim): void {
  for (const row of sim.b.rows.values())
    if (row.state === 'live' && !row.out && sim.tape.choice(3) === 2) drift(sim, { store: sim.b, row }, true);
}

/** The filters go away again, and the window shows all dates: what they had left out comes back from its base. */
function* widen(sim: Sim, worker: Worker, phase: string): Scheduled<void> {
  const narrow = allStores(sim).filter((store) => store.hidden.size > 0);
  if (narrow.length === 0 && sim.view === ALL_DATES) return;
  checkScope(sim, MAPPING);
  sim.leftOut.clear();
  for (const store of narrow) {
    store.hidden.clear();
    store.scope++;
  }
  if (sim.view !== ALL_DATES) lookThrough(sim, ALL_DATES);
  sim.note(() => 'filters go away');
  yield* settle(sim, worker, phase);
}

function* quiet(sim: Sim, workers: readonly Worker[]): Scheduled<number> {
  const [worker] = workers;
  if (worker === undefined) return 0;
  sim.rates = QUIET;
  sim.fates = fatesOf(QUIET);
  sim.b.refusing = false;
  if (sim.options.audit) driftSome(sim);
  sim.note(() => 'quiet');
  const end = Math.max(sim.clock.now, ...sim.zombies.map((zombie) => zombie.at));
  sim.clock.advanceTo(end);
  landZombies(sim);
  sim.clock.advanceTo(end + SETTLE);
  yield* restart(sim);
  boot(sim, worker);
  if (sim.options.audit) yield* resetFeeds(sim);
  const phase = sim.options.audit ? 'with audit' : 'without audit';
  const passes = yield* settle(sim, worker, phase);
  yield* widen(sim, worker, phase);
  if (sim.a.length > 1) yield* forgetClaims(sim, worker, phase);
  atRest(sim);
  countShared(sim);
  yield* checkIdle(sim, worker, 'at rest');
  const waited = [...sim.state.tables.lanes.values()].some((lane) => lane.suspects.size > 0);
  yield* resetFeeds(sim);
  sim.note(() => 'rescan');
  sim.writes = 0;
  yield* settle(sim, worker, 'rescan');
  if (sim.writes > 0 && !sim.feedMissed && !waited) throw new CheckFailed('L2', 'a full rescan writes');
  atRest(sim);
  return passes;
}

function* play(sim: Sim): Scheduled<number> {
  const { tape } = sim;
  yield* saveWorld(sim);
  for (let person = 1; person <= sim.options.people; person++) {
    const where = tape.choice(3);
    for (const store of [...(where === 1 ? [] : sim.a), ...(where === 0 ? [] : [sim.b])])
      createPerson(sim, store, person);
  }
  const workers = Array.from({ length: sim.options.workers }, (_, index) => createWorker(sim, index));
  yield* chaos(sim, workers);
  yield* lookAtAll(sim);
  const passes = yield* quiet(sim, workers);
  yield* lookAtAll(sim);
  return passes;
}

export interface Play {
  readonly tape: Tape;
  readonly settings: Settings;
  /** `hash`: only what tells two traces apart. */
  readonly trace?: boolean | 'hash' | undefined;
}

interface Made {
  readonly sim: Sim;
  readonly work: Scheduled<Outcome>;
}

/** One schedule, from its tape. The same tape and settings give the same outcome, whoever answers for the state. */
export function schedule({ tape, settings, trace = false }: Play, asks: boolean): Made {
  const recording: Recording = { coverage: new Map(), trace: [], hash: 0x811c9dc5 };
  const sim = createSim(tape, settings, { recording, trace, asks });
  const end = (check: string | null, detail: string, passes: number): Outcome => ({
    ...{ check, detail, passes, effects: sim.effects, residual: sim.ledger.residual },
    ...{ hash: recording.hash, coverage: recording.coverage, trace: recording.trace },
    ...{ choices: tape.recorded, options: sim.options },
  });
  function* work(): Scheduled<Outcome> {
    try {
      return end(null, '', yield* play(sim));
    } catch (error) {
      if (error instanceof CheckFailed) return end(error.check, error.message, 0);
      return end('throws', error instanceof Error ? (error.stack ?? error.message) : String(error), 0);
    }
  }
  return { sim, work: work() };
}

/** One schedule over the state in memory. */
export function runSchedule(tape: Tape, settings: Settings, trace: boolean | 'hash' = false): Outcome {
  return runNow(schedule({ tape, settings, trace }, false).work);
}
