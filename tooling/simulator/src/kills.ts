import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runSeeds } from './crew.ts';
import { MUTANTS } from './mutants.ts';
import type { Settings } from './options.ts';
import { runSchedule } from './run.ts';
import { seededTape } from './tape.ts';

/** Schedules within which a mutant has to be noticed when neither it nor the command says otherwise. */
const BUDGET = 20_000;

export interface Hunt {
  readonly name: string;
  readonly from: number;
  /** Absent = the mutant's own, or the common budget. */
  readonly budget?: number | undefined;
  readonly settings: Settings;
  /** A seed that killed it before: it is tried first, with its neighbours. */
  readonly known?: number | undefined;
}

export interface Kill {
  readonly name: string;
  readonly rule: string;
  readonly budget: number;
  /** A seed on which the rule's removal is noticed and the engine itself is not at fault; null = it survives. */
  readonly seed: number | null;
  readonly check: string | null;
}

/** Seeds beside the one that killed a mutant before: a change of the workload moves what happens by little. */
const NEIGHBOURS = 10;

/** The check that notices the rule's removal on one seed, where the engine itself is not at fault; null = nothing does. */
function noticed(seed: number, name: string, settings: Settings): string | null {
  const { check } = runSchedule(seededTape(seed), { ...settings, mutant: name });
  if (check === null) return null;
  const without = { ...settings, mutant: undefined };
  return runSeeds({ from: seed, seeds: 1, settings: without }).failures.length === 0 ? check : null;
}

export function firstKill({ name, from, settings: given, known, ...of }: Hunt): Kill {
  const { rule = '', lanes = 1, budget: own = BUDGET, events } = MUTANTS[name] ?? {};
  const settings = { ...given, lanes: given.lanes ?? lanes, events: events ?? given.events };
  const budget = of.budget ?? own;
  const near = known === undefined ? [] : Array.from({ length: NEIGHBOURS }, (_, at) => known + at);
  for (const seed of near) {
    const check = noticed(seed, name, settings);
    if (check !== null) return { name, rule, budget, seed, check };
  }
  for (let seed = from; seed < from + budget; seed++) {
    const check = noticed(seed, name, settings);
    if (check !== null) return { name, rule, budget, seed, check };
  }
  return { name, rule, budget, seed: null, check: null };
}

/** Hunts mutants on all cores, one a core at a time, and reports each as it ends. */
export async function huntAll(hunts: readonly Hunt[], onKill: (kill: Kill) => void): Promise<Kill[]> {
  const kills: Kill[] = [];
  const queue = [...hunts];
  const serve = (member: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = (): void => member.postMessage(queue.shift() ?? null);
      member.on('error', reject);
      member.on('exit', () => resolve());
      member.on('message', (kill: Kill) => {
        kills.push(kill);
        onKill(kill);
        next();
      });
      next();
    });
  const crew = Array.from(
    { length: Math.min(hunts.length, availableParallelism()) },
    () => new Worker(new URL(import.meta.url), { workerData: 'mutants' }),
  );
  await Promise.all(crew.map(serve));
  return kills;
}

if (!isMainThread && workerData === 'mutants') {
  Error.stackTraceLimit = 0;
  parentPort?.on('message', (hunt: Hunt | null) => {
    if (hunt === null) parentPort?.close();
    else parentPort?.postMessage(firstKill(hunt));
  });
}
