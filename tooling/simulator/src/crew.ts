import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Settings } from './options.ts';
import { createRepositories, runSeedsOn } from './repository/seeds.ts';
import { runSchedule } from './run.ts';
import { addOutcome, addTally, emptyTally, type Order, type Tally } from './tally.ts';
import { seededTape } from './tape.ts';

const SHARE = 50;
/** Megabytes: nearly all of a schedule is garbage when it ends, and what is alive when the nursery is full is copied. */
export const NURSERY = 384;
/** One schedule in this many runs twice, to compare traces. */
const TWICE = 100;

function runSeed(tally: Tally, seed: number, settings: Settings): void {
  const twice = seed % TWICE === 0;
  const outcome = runSchedule(seededTape(seed), settings, twice ? 'hash' : false);
  const failed = (check: string, detail: string): void => void tally.failures.push({ seed, check, detail });
  if (outcome.check !== null) failed(outcome.check, outcome.detail);
  if (twice && runSchedule(seededTape(seed), settings, 'hash').hash !== outcome.hash)
    failed('trace', 'the same seed gave another trace');
  addOutcome(tally, outcome);
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
export async function runCrew(order: Order, onShare: (tally: Tally) => void): Promise<Tally> {
  const tally = emptyTally();
  let next = order.from;
  const end = order.from + order.seeds;
  const share = (): Order | null => {
    if (next >= end) return null;
    const from = next;
    next = Math.min(end, next + SHARE);
    return { ...order, from, seeds: next - from };
  };
  const crew = Array.from(
    { length: availableParallelism() },
    () =>
      new Worker(new URL(import.meta.url), {
        workerData: 'simulator',
        resourceLimits: { maxYoungGenerationSizeMb: NURSERY },
      }),
  );
  const serve = (member: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      member.on('error', reject);
      member.on('exit', () => resolve());
      member.on('message', (done: Tally) => {
        addTally(tally, done);
        onShare(tally);
        member.postMessage(share());
      });
      member.postMessage(share());
    });
  await Promise.all(crew.map(serve));
  return tally;
}

/** In a thread of the crew: shares until there is none left. */
function serveShares(): void {
  // Crashes and refusals are errors by the thousand; nobody reads their stacks here.
  Error.stackTraceLimit = 0;
  let repositories: ReturnType<typeof createRepositories> | null = null;
  const run = async (order: Order): Promise<Tally> => {
    if (order.place === undefined) return runSeeds(order);
    repositories ??= createRepositories(order.place);
    const tally = emptyTally();
    for (const part of await runSeedsOn(await repositories.all(), order)) addTally(tally, part);
    return tally;
  };
  const take = async (order: Order | null): Promise<void> => {
    if (order !== null) return parentPort?.postMessage(await run(order));
    await repositories?.close();
    parentPort?.close();
  };
  parentPort?.on('message', (order: Order | null) => void take(order));
}

if (!isMainThread && workerData === 'simulator') serveShares();
