import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Settings } from '../options.ts';
import { type Outcome, type Play, runSchedule } from '../run.ts';
import { addOutcome, emptyTally, type Failure, type Order, type Tally } from '../tally.ts';
import { seededTape } from '../tape.ts';
import { runOn } from './lockstep.ts';
import { openPlace } from './place.ts';
import { createPostgresRepository } from './postgres.ts';
import { overRepository, type Place, type Repository, type RepositoryName } from './repository.ts';
import { createSqliteRepository } from './sqlite.ts';

/** One schedule in this many is traced, and its trace compared with the one over the state in memory. */
const TRACED = 10;

/** A server answers several schedules at a time; SQLite answers at once. */
const SIDE_BY_SIDE = { sqlite: 1, postgres: 6 } as const;

function open({ name, at }: Place, index: number): Promise<Repository> {
  const own = `sim_${threadId}_${index}`;
  return name === 'sqlite' ? createSqliteRepository(join(at, own)) : createPostgresRepository(at, own);
}

/** The repositories of one thread, opened once. */
export function createRepositories(place: Place): {
  readonly all: () => Promise<readonly Repository[]>;
  readonly close: () => Promise<void>;
} {
  let opened: Promise<readonly Repository[]> | null = null;
  const all = (): Promise<readonly Repository[]> => {
    opened ??= Promise.all(
      Array.from({ length: SIDE_BY_SIDE[place.name] }, (_, index) => open(place, index)),
    );
    return opened;
  };
  return {
    all,
    async close() {
      for (const repository of (await opened) ?? []) await repository.close();
    },
  };
}

/** What a failure says about the repository: the same seed over the state in memory fails alike, or it does not. */
function compared(seed: number, failure: Omit<Failure, 'seed'>, settings: Settings): Failure {
  const there = runSchedule(seededTape(seed), settings);
  return { seed, ...failure, inMemoryToo: there.check === failure.check && there.detail === failure.detail };
}

async function runSeed(repository: Repository, seed: number, order: Order): Promise<Tally> {
  const settings = overRepository(order.settings);
  const tally = emptyTally();
  const traced = seed % TRACED === 0;
  await repository.empty();
  const outcome = await runOn(repository, { tape: seededTape(seed), settings, trace: traced && 'hash' });
  addOutcome(tally, outcome);
  if (outcome.check !== null)
    tally.failures.push(compared(seed, { check: outcome.check, detail: outcome.detail }, settings));
  else if (traced && runSchedule(seededTape(seed), settings, 'hash').hash !== outcome.hash)
    tally.failures.push({ seed, check: 'trace', detail: 'memory gave another trace', inMemoryToo: false });
  return tally;
}

/** One schedule over a repository that is made for it. */
export async function runAlone(name: RepositoryName, play: Play): Promise<Outcome> {
  const { place, close } = await openPlace(name);
  try {
    const repository = await open(place, 0);
    try {
      return await runOn(repository, { ...play, settings: overRepository(play.settings) });
    } finally {
      await repository.close();
    }
  } finally {
    await close();
  }
}

/** Runs seeds over the repositories, each of which has one schedule at a time. */
export async function runSeedsOn(repositories: readonly Repository[], order: Order): Promise<Tally[]> {
  const tallies: Tally[] = [];
  let next = order.from;
  const work = async (repository: Repository): Promise<void> => {
    while (next < order.from + order.seeds) tallies.push(await runSeed(repository, next++, order));
  };
  await Promise.all(repositories.map(work));
  return tallies;
}
