import type { Clock, Logger, Random, SyncState } from '@tidelock/core';
import type { ActingPlatform } from '../platform.ts';
import { createCircuit } from './circuit.ts';
import { attach, detach, refresh } from './crew.ts';
import { createEventFeed, type EventFeed } from './events.ts';
import { healthOf, type RunnerHealth } from './health.ts';
import { noteNamed, readHub } from './hub.ts';
import { jobsOf, type Lag, NO_LAG, repeat } from './jobs.ts';
import type { Machine, PlatformSource, Pushes } from './machine.ts';
import { createReadyLanes } from './ready.ts';
import { createSharedPace } from './shared-pace.ts';
import { createTally, type Tally } from './tally.ts';
import { fill, pollDue, wake } from './turns.ts';

export interface RunnerOptions {
  readonly source: PlatformSource;
  readonly state: SyncState;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Default: one of its own. */
  readonly feed?: EventFeed | undefined;
  /** Default: nothing is pushed. */
  readonly pushes?: Pushes | undefined;
  /** Whether a mailbox that was never synchronised rests until a person has approved its first plan. Default: it does not. */
  readonly holdsFirst?: (() => boolean) | undefined;
  /**
   * Name in leases. Default: one that the next process over the same data folder has again, so that it goes on at once with what
   * this one left when it died. Runners side by side in one process need names of their own.
   */
  readonly worker?: string | undefined;
  /** Milliseconds between two looks at who is due; what is hinted here needs none. Default: one second. */
  readonly tickMs?: number | undefined;
}

/** What works day and night: every mailbox has its turn when something changed there, and now and then besides. */
export interface Runner {
  readonly events: EventFeed;
  readonly tally: Tally;
  /** Begins. The first platform is taken at once, or when there is one. */
  start(): void;
  /**
   * Somebody changed something in the mailboxes of these lanes, or in the CRM with these stores, and it is noted in the state:
   * this process looks at once, and need not be told by the clock. `named`: records of such a store that are looked at by their ids,
   * before its feed is read within a tick.
   */
  hint(of: {
    readonly lanes?: readonly string[];
    readonly stores?: readonly string[];
    readonly named?: ReadonlyMap<string, readonly string[]>;
  }): void;
  /** Asks directory and CRM now who takes part. */
  refresh(): Promise<void>;
  health(): RunnerHealth;
  /** Resolves when the roster was read once and every mailbox was asked what it can do. */
  complete(): Promise<void>;
  /**
   * Begins nothing more and waits, as long as the configuration says, until what is under way has come to a safe point. False: it
   * has not, and the next process goes on from what is noted. Nothing is lost either way.
   */
  stop(): Promise<boolean>;
}

/** Who is due is asked this often (milliseconds). */
const TICK_MS = 1_000;
const PROGRESS_MS = 500;
const NO_PUSHES: Pushes = { mailbox: () => false, store: () => false };
const DEFAULT_STOP_MS = 20_000;

function createMachine(of: RunnerOptions): Machine {
  const { clock, random } = of;
  const said = new Map<string, number>();
  const machine: Machine = {
    ...{ source: of.source, state: of.state, clock, random, log: of.log },
    feed: of.feed ?? createEventFeed(clock),
    pushes: of.pushes ?? NO_PUSHES,
    worker: of.worker ?? 'runner',
    ready: createReadyLanes(),
    running: new Map(),
    loads: new Set(),
    again: new Set(),
    cut: new Set(),
    untold: new Set(),
    notBefore: new Map(),
    spins: new Map(),
    known: new Set(),
    holdsFirst: of.holdsFirst ?? (() => false),
    blocked: new Map(),
    circuit: createCircuit(),
    sharedPace: createSharedPace(() => random.next()),
    tally: createTally(),
    attached: null,
    reading: false,
    dueAsked: false,
    named: new Map(),
    readAt: Number.NEGATIVE_INFINITY,
    stopping: false,
    wake: (laneId) => wake(machine, laneId),
    progress(laneId, happening) {
      const now = clock.mono();
      const last = said.get(laneId);
      if (last === undefined || !machine.running.has(laneId)) said.set(laneId, now);
      else if (now - last >= PROGRESS_MS && happening.done > 0) {
        said.set(laneId, now);
        machine.feed.publish(happening);
      }
    },
  };
  return machine;
}

/** What a shared feed told makes lanes due, and those that waited for it can go on. */
async function told(on: Machine): Promise<void> {
  for (const laneId of [...on.untold]) {
    on.untold.delete(laneId);
    wake(on, laneId);
  }
  await pollDue(on);
}

interface Life {
  readonly tickMs: number;
  readonly on: Machine;
  readonly end: AbortController;
  readonly complete: PromiseWithResolvers<void>;
  /** Platforms and rosters are taken one after the other. */
  turn: Promise<void>;
  lag: Lag;
  loops: Promise<unknown>;
}

function failed({ on }: Life, name: string, error: unknown): void {
  // What was asked to stop says so in many ways.
  if (on.stopping) return;
  const failure = error instanceof Error ? error.stack : String(error);
  on.log.error('runner.job-failed', { job: name, failure });
  on.tally.add('errors', ['unexpected']);
}

function inTurn(life: Life, name: string, work: () => Promise<void>): Promise<void> {
  const next = life.turn.then(work).catch((error: unknown) => failed(life, name, error));
  life.turn = next;
  return next;
}

async function renew(life: Life): Promise<number> {
  const { on } = life;
  const wait = await refresh(on);
  if (on.attached?.complete === true) life.complete.resolve();
  await pollDue(on);
  fill(on);
  look(life);
  return wait;
}

/** Reads records that were named, and shared feeds that are due, beside everything else. */
function look(life: Life, of: { readonly namedOnly: boolean } = { namedOnly: false }): void {
  const { on } = life;
  on.dueAsked ||= !of.namedOnly;
  void readHub(on, () => told(on)).catch((error: unknown) => failed(life, 'hub', error));
}

/** One tick: who is due by the clock, and which shared feed. */
async function tick(life: Life): Promise<void> {
  const { on } = life;
  if (on.attached === null) return;
  await pollDue(on);
  fill(on);
  look(life);
}

async function loop(life: Life): Promise<void> {
  const { on, end } = life;
  while (!end.signal.aborted) {
    await tick(life).catch((error: unknown) => failed(life, 'tick', error));
    await on.clock.sleep(life.tickMs, end.signal).catch(() => undefined);
  }
}

async function rosterLoop(life: Life): Promise<void> {
  const { on, end } = life;
  for (;;) {
    let wait = DEFAULT_STOP_MS;
    await inTurn(life, 'roster', async () => {
      wait = await renew(life);
    });
    await on.clock.sleep(wait, end.signal).catch(() => undefined);
    if (end.signal.aborted) return;
  }
}

function present(source: PlatformSource): ActingPlatform | null {
  try {
    return source.now();
  } catch {
    // No tenant is connected yet, or a secret is missing: the source tells when there is a platform.
    return null;
  }
}

function start(life: Life): void {
  const { on, end } = life;
  on.feed.publish({ type: 'runner', state: 'starting' });
  const leave = on.source.onChange((platform) => {
    void inTurn(life, 'platform', async () => {
      await attach(on, platform);
      if (platform !== null) await renew(life);
    });
  });
  end.signal.addEventListener('abort', leave, { once: true });
  const first = present(on.source);
  if (first !== null) void inTurn(life, 'platform', () => attach(on, first));
  const jobs = jobsOf(on, (lag) => {
    life.lag = lag;
  });
  const of = { clock: on.clock, signal: end.signal };
  const told_ = (name: string, error: unknown): void => failed(life, name, error);
  life.loops = Promise.all([
    rosterLoop(life),
    loop(life),
    ...jobs.map((job) => repeat(job, { ...of, failed: told_ })),
  ]);
  on.feed.publish({ type: 'runner', state: 'running' });
}

async function stop(life: Life): Promise<boolean> {
  const { on, end } = life;
  if (on.stopping) return true;
  on.feed.publish({ type: 'runner', state: 'stopping' });
  const bound = on.attached?.pace.stopMs ?? DEFAULT_STOP_MS;
  on.stopping = true;
  end.abort(new Error('stopping'));
  const waiting = new AbortController();
  const ended = Promise.all([detach(on), life.turn, life.loops]).then(() => true);
  const late = on.clock.sleep(bound, waiting.signal).then(
    () => false,
    () => false,
  );
  const finished = await Promise.race([ended, late]);
  waiting.abort();
  on.feed.publish({ type: 'runner', state: 'stopped' });
  return finished;
}

/** A runner, not begun. */
export function createRunner(options: RunnerOptions): Runner {
  const on = createMachine(options);
  const life: Life = {
    tickMs: options.tickMs ?? TICK_MS,
    ...{ on, end: new AbortController(), complete: Promise.withResolvers<void>() },
    ...{ turn: Promise.resolve(), lag: NO_LAG, loops: Promise.resolve() },
  };
  return {
    events: on.feed,
    tally: on.tally,
    start: () => start(life),
    hint({ lanes = [], stores = [], named = new Map() }) {
      for (const laneId of lanes) wake(on, laneId);
      noteNamed(on, named);
      if (stores.length > 0) look(life, { namedOnly: stores.every((store) => named.has(store)) });
    },
    refresh: () => inTurn(life, 'roster', async () => void (await renew(life))),
    health: () => healthOf(on, life.lag),
    complete: () => life.complete.promise,
    stop: () => stop(life),
  };
}
