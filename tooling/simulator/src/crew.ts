import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Settings } from './options.ts';
import { runSchedule } from './run.ts';
import { seededTape } from './tape.ts';

/** A schedule on which a check failed. */
export interface Failure {
  readonly seed: number;
  readonly check: string;
  readonly detail: string;
}

/** What many schedules came to. */
export interface Tally {
  schedules: number;
  effects: number;
  passes: number;
  /** Values overwritten unseen on stores without conditional writes (R1). */
  residual: number;
  readonly failures: Failure[];
  readonly coverage: Record<string, number>;
}

export interface Order {
  readonly from: number;
  readonly seeds: number;
  readonly settings: Settings;
  /** Stop at the first failure. */
  readonly first?: boolean | undefined;
}

const SHARE = 50;
/** One schedule in this many runs twice, to compare traces. */
const TWICE = 100;

export const emptyTally = (): Tally => ({
  schedules: 0,
  effects: 0,
  passes: 0,
  residual: 0,
  failures: [],
  coverage: {},
});

function addTo(tally: Tally, other: Tally): void {
  tally.schedules += other.schedules;
  tally.effects += other.effects;
  tally.passes += other.passes;
  tally.residual += other.residual;
  tally.failures.push(...other.failures);
  for (const [cell, count] of Object.entries(other.coverage))
    tally.coverage[cell] = (tally.coverage[cell] ?? 0) + count;
}

function runSeed(tally: Tally, seed: number, settings: Settings): void {
  const twice = seed % TWICE === 0;
  const outcome = runSchedule(seededTape(seed), settings, twice ? 'hash' : false);
  const failed = (check: string, detail: string): void => void tally.failures.push({ seed, check, detail });
  if (outcome.check !== null) failed(outcome.check, outcome.detail);
  if (twice && runSchedule(seededTape(seed), settings, 'hash').hash !== outcome.hash)
    failed('trace', 'the same seed gave another trace');
  tally.schedules++;
  tally.effects += outcome.effects;
  tally.passes += outcome.passes;
  tally.residual += outcome.residual;
  const count = (cell: string, times: number): void => {
    tally.coverage[cell] = (tally.coverage[cell] ?? 0) + times;
  };
  if (outcome.check === null) count(`passes to rest ${outcome.passes}`, 1);
  for (const [cell, times] of outcome.coverage) count(cell, times);
}

/** Runs seeds one after the other in this thread. */
export function runSeeds(order: Order): Tally {
  const tally = emptyTally();
  for (let seed = order.from; seed < order.from + order.seeds; seed++) {
    runSeed(tally, seed, order.settings);
    if (order.first === true && tally.failures.length > 0) break;
  }
  return tally;
}

/** Runs seeds on all cores, in small shares, and reports after each. */
export function runCrew(order: Order, onShare: (tally: Tally) => void): Promise<Tally> {
  const tally = emptyTally();
  let next = order.from;
  const end = order.from + order.seeds;
  const share = (): Order | null => {
    if (next >= end) return null;
    const from = next;
    next = Math.min(end, next + SHARE);
    return { ...order, from, seeds: next - from };
  };
  return new Promise((resolve, reject) => {
    const crew = Array.from(
      { length: availableParallelism() },
      () => new Worker(new URL(import.meta.url), { workerData: 'simulator' }),
    );
    let busy = crew.length;
    for (const member of crew) {
      const give = (): void => {
        const part = share();
        if (part !== null) member.postMessage(part);
        else {
          busy--;
          void member.terminate();
          if (busy === 0) resolve(tally);
        }
      };
      member.on('error', reject);
      member.on('message', (done: Tally) => {
        addTo(tally, done);
        onShare(tally);
        give();
      });
      give();
    }
  });
}

if (!isMainThread && workerData === 'simulator') {
  // Crashes and refusals are errors by the thousand; nobody reads their stacks here.
  Error.stackTraceLimit = 0;
  parentPort?.on('message', (order: Order) => parentPort?.postMessage(runSeeds(order)));
}
