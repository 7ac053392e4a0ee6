import type { SyncState } from '@tidelock/core';
import { afterAll, describe, expect, it } from 'vitest';
import { runOn } from '../src/repository/lockstep.ts';
import { type OpenPlace, openPlace } from '../src/repository/place.ts';
import { ofRepository } from '../src/repository/report.ts';
import {
  overRepository,
  REPOSITORIES,
  type Repository,
  type RepositoryName,
} from '../src/repository/repository.ts';
import { createRepositories, runSeedsOn } from '../src/repository/seeds.ts';
import { runSchedule } from '../src/run.ts';
import { seededTape } from '../src/tape.ts';

const settings = overRepository({ without: new Set() });
const FIXED = { sqlite: 30, postgres: 12 } as const;
/** Seconds on a machine of its own; only a machine that is busy with much else comes near it. */
const SLOW = 300_000;
const FRESH = { sqlite: 10, postgres: 6 } as const;

interface Bench {
  readonly open: OpenPlace;
  readonly repositories: ReturnType<typeof createRepositories>;
}

async function prepare(name: RepositoryName): Promise<Bench | string> {
  try {
    const open = await openPlace(name);
    return { open, repositories: createRepositories(open.place) };
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be opened';
  }
}

/** A repository with a fault in one method. */
const faulty = (whole: Repository, fault: (sync: SyncState) => Partial<SyncState>): Repository => ({
  ...{ restart: whole.restart, empty: whole.empty, close: whole.close },
  get sync() {
    const { sync } = whole;
    return { ...sync, ...fault(sync) };
  },
});

for (const name of REPOSITORIES) {
  const bench = await prepare(name);
  const missing = typeof bench === 'string';
  const use = (): Bench => {
    if (typeof bench === 'string') throw new Error(bench);
    return bench;
  };
  const one = async (): Promise<Repository> => {
    const [first] = await use().repositories.all();
    if (first === undefined) throw new Error('no repository');
    await first.empty();
    return first;
  };
  const run = async (from: number, seeds: number): Promise<string[]> => {
    const tallies = await runSeedsOn(await use().repositories.all(), { from, seeds, settings });
    expect(tallies.length).toBe(seeds);
    return tallies.flatMap(ofRepository).map(({ seed, check, detail }) => `seed ${seed}: ${check} ${detail}`);
  };

  describe.skipIf(missing)(
    `the simulator over ${name}${missing ? ` [skipped: ${bench}]` : ''}`,
    { timeout: SLOW },
    () => {
      afterAll(async () => {
        await use().repositories.close();
        await use().open.close();
      });

      it(`answers as the state in memory does on ${FIXED[name]} fixed seeds`, async () => {
        expect(await run(1, FIXED[name])).toEqual([]);
      });

      it(`and on ${FRESH[name]} fresh seeds`, async () => {
        const from = 1_000_000 + Math.floor(Math.random() * 1_000_000_000);
        console.info(`fresh seeds: pnpm sim --state ${name} --from ${from} --seeds ${FRESH[name]}`);
        expect(await run(from, FRESH[name])).toEqual([]);
      });

      it('takes the same decisions: the trace of a seed is the one of the state in memory', async () => {
        const outcome = await runOn(await one(), { tape: seededTape(7), settings, trace: 'hash' });
        expect(outcome.hash).toBe(runSchedule(seededTape(7), settings, 'hash').hash);
      });

      it.for<[string, (sync: SyncState) => Partial<SyncState>]>([
        [
          'grants a lease twice',
          (sync) => ({ acquireLane: (of) => sync.acquireLane({ ...of, now: of.now + 3_600_000 }) }),
        ],
        [
          'loses what is settled',
          (sync) => ({ commitLane: (of) => sync.commitLane({ ...of, settled: [] }) }),
        ],
        [
          'loses the journal',
          (sync) => ({ openIntents: (of) => sync.openIntents({ ...of, intents: of.intents.slice(1) }) }),
        ],
        ['forgets who was seen', (sync) => ({ resetFeeds: async () => void (await sync.feeds('B')) })],
      ])('blames a repository that %s', async ([, fault]) => {
        const repository = faulty(await one(), fault);
        const blamed: (string | null)[] = [];
        for (let seed = 1; seed <= 5 && !blamed.includes('answers'); seed++) {
          await repository.empty();
          blamed.push((await runOn(repository, { tape: seededTape(seed), settings })).check);
        }
        expect(blamed).toContain('answers');
      });
    },
  );
}
