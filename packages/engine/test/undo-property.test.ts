import { randomInt } from 'node:crypto';
import type { LaneCommit, ReadResult, RecordStore, SyncState } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  act,
  actAll,
  type Doing,
  HOUR,
  LANE,
  lostValues,
  now,
  picture,
  prepared,
  type Story,
  story,
  sync,
  undo,
  unlisted,
} from './undo-story.ts';

async function restoresExactly(of: Story, doing: Omit<Doing, 'mode'> = {}): Promise<void> {
  const { scene, since, before } = await prepared(of);
  const { world } = scene;
  try {
    const paused = async (): Promise<boolean> => (await world.state.sync.lanes())[0]?.paused != null;
    const journal = await world.state.sync.history(LANE, { limit: 10_000 });
    await undo(world, since, { ...doing, mode: of.mode === 'revert-source' ? 'hold' : of.mode });
    expect(await picture(world)).toEqual(before);
    expect((await world.state.sync.history(LANE, { limit: 10_000 })).slice(-journal.length)).toEqual(journal);
    const [last] = await world.state.sync.runs(LANE, 1);
    const wrote = Object.values(last?.counts ?? {}).some((count) => count > 0);
    if (last?.kind === 'undo' && wrote) expect(await paused()).toBe(true);
    expect(await unlisted(scene)).toEqual([]);
    await world.state.sync.pauseLane(LANE, null);
    await sync(world);
    expect(await picture(world)).toEqual(before);
    if (of.mode === 'detach') return;
    await undo(world, since, { mode: 'hold' });
    expect(await picture(world)).toEqual(before);
  } finally {
    await world.close();
  }
}

async function undoOfUndo(of: Story): Promise<void> {
  const { scene, since } = await prepared(of);
  const { world } = scene;
  try {
    const after = await picture(world);
    const from = await now(world);
    await undo(world, since, { mode: of.mode });
    world.advance(HOUR);
    await undo(world, from, { mode: 'hold' });
    expect(await picture(world)).toEqual(after);
    await world.state.sync.pauseLane(LANE, null);
    await sync(world);
    expect(await picture(world)).toEqual(after);
  } finally {
    await world.close();
  }
}

type Changed = Omit<Doing, 'mode' | 'meanwhile'> & { readonly meanwhile?: boolean };

async function destroysNothing(of: Story, { meanwhile = false, ...doing }: Changed = {}): Promise<void> {
  const { scene, since } = await prepared(of);
  const { world } = scene;
  const edits = async (): Promise<void> => {
    for (const one of of.later) await act(scene, one, true);
  };
  try {
    if (!meanwhile) await actAll(scene, of.later, true);
    await undo(world, since, { ...doing, mode: of.mode, meanwhile: meanwhile ? edits : undefined });
    expect(await lostValues(scene)).toEqual([]);
    expect(await unlisted(scene)).toEqual([]);
  } finally {
    await world.close();
  }
}

/** Fresh at each run; a failure names it, and `TIDELOCK_PROPERTY_SEED` repeats it. */
const seed = Number(process.env.TIDELOCK_PROPERTY_SEED ?? randomInt(2 ** 31));
const RUNS = { numRuns: Number(process.env.TIDELOCK_PROPERTY_RUNS ?? 40), seed };
const crashes = fc.array(fc.nat(40), { maxLength: 4 });

describe(`undo as a property (TIDELOCK_PROPERTY_SEED=${seed})`, () => {
  test('without later edits it restores both sides exactly, and a second one changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), (of) => restoresExactly(of)),
      RUNS,
    );
  });

  test('the same when processes die in the middle of it', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), crashes, (of, at) => restoresExactly(of, { crashes: at })),
      RUNS,
    );
  });

  test('the same when the process that comes next only syncs: it finishes what was begun', async () => {
    const dies = fc.array(fc.nat(60), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(story(0), dies, (of, at) => restoresExactly(of, { crashes: at, finish: 'sync' })),
      RUNS,
    );
  });

  test('two deaths in the middle leave no create of the run standing, and nobody is asked again', async () => {
    const create = (side: 'a' | 'b') => ({ side, what: 'create', n: 0 }) as const;
    const of = {
      born: [create('a'), create('a')],
      during: [create('a'), create('b'), create('b')],
      later: [],
    };
    await restoresExactly({ ...of, mode: 'hold' }, { crashes: [21, 33] });
  });

  test('an undo of an undo restores what the run had made', async () => {
    await fc.assert(fc.asyncProperty(story(0), undoOfUndo), RUNS);
  });

  test('an edit made while it looks is seen before anything is written', async () => {
    await fc.assert(
      fc.asyncProperty(story(6), (of) => destroysNothing(of, { meanwhile: true })),
      RUNS,
    );
  });

  test('with later edits it destroys none of them, also when processes die', async () => {
    await fc.assert(
      fc.asyncProperty(story(6), crashes, (of, at) => destroysNothing(of, { crashes: at })),
      RUNS,
    );
  });
});

type Commit = (commit: LaneCommit) => LaneCommit;

/** A state that loses part of what is committed to it. */
const committing =
  (change: Commit) =>
  (state: SyncState): SyncState => ({ ...state, commitLane: (commit) => state.commitLane(change(commit)) });

const withoutHolds: Commit = (commit) => ({
  ...commit,
  reviews: [],
  links: (commit.links ?? []).map((put) => ({ ...put, link: { ...put.link, holds: [] } })),
});

/** Answers every read as it answered the first one of that record. */
function remembering(store: RecordStore): RecordStore {
  const first = new Map<string, ReadResult>();
  return {
    ...store,
    async read(ids, options) {
      const reads = await store.read(ids, options);
      return reads.map((read) => {
        const known = first.get(read.id) ?? read;
        first.set(read.id, known);
        return known;
      });
    },
  };
}

interface Mutant {
  readonly rule: string;
  readonly doing: Omit<Doing, 'mode' | 'meanwhile'> & { readonly meanwhile?: boolean };
  readonly property: 'restores' | 'destroys nothing';
}

const MUTANTS: readonly Mutant[] = [
  {
    rule: 'what differs after an undo is held for a person',
    doing: { state: committing(withoutHolds) },
    property: 'restores',
  },
  {
    rule: 'what must hold afterwards is committed before the first request',
    doing: { state: committing((commit) => (commit.closed === undefined ? withoutHolds(commit) : commit)) },
    property: 'restores',
  },
  {
    rule: 'an undo is a run of its own and never edits the journal',
    doing: {
      state: (state) => ({
        ...state,
        async startRun(run) {
          const old = { intents: 0, claims: 0, tombstones: 0, values: 0 };
          await state.startRun(run);
          await state.prune({ ...old, history: Number.MAX_SAFE_INTEGER });
        },
      }),
    },
    property: 'restores',
  },
  {
    rule: 'nothing is written on an older look than one of this moment',
    doing: { stores: remembering, meanwhile: true },
    property: 'destroys nothing',
  },
  {
    rule: 'what was ordered is stored before the first write, with what a person approved of it',
    doing: {
      state: (state) => ({
        ...state,
        pauseLane: (id, pause) => state.pauseLane(id, pause && { ...pause, undo: undefined }),
      }),
    },
    property: 'restores',
  },
  {
    rule: 'the lane rests before anything is taken back',
    doing: { state: (state) => ({ ...state, pauseLane: async () => {} }) },
    property: 'restores',
  },
];

describe('an undo with one rule removed is found out', () => {
  test.each(MUTANTS)('$rule', async ({ doing, property }) => {
    const dies = fc.array(fc.nat(40), { minLength: 1, maxLength: 4 });
    const { meanwhile: _, ...rest } = doing;
    const checked = fc.asyncProperty(story(property === 'restores' ? 0 : 6), dies, (of, crashes) =>
      property === 'restores' ? restoresExactly(of, { ...rest, crashes }) : destroysNothing(of, doing),
    );
    const found = await fc.check(checked, { numRuns: 300, endOnFailure: true, seed: 7 });
    expect(found.failed, `survived ${found.numRuns} stories`).toBe(true);
  });
});
