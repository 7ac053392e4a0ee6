import type { Fields, FieldValue, RecordStore, Side, SyncState } from '@tidelock/core';
import fc from 'fast-check';
import type { EngineOptions, UndoMode } from '../src/index.ts';
import { createWorld, person, type TestWorld } from './world.ts';

export const LANE = 'lane-1';
export const HOUR = 3_600_000;
const PEOPLE = 4;

/** What a person does on one side: to the n-th record there, or a new one. */
interface Deed {
  readonly side: Side;
  readonly what: 'create' | 'city' | 'notes' | 'birthday' | 'delete';
  readonly n: number;
}

const deed = (...what: Deed['what'][]): fc.Arbitrary<Deed> =>
  fc.record({ side: fc.constantFrom<Side>('a', 'b'), what: fc.constantFrom(...what), n: fc.nat(PEOPLE - 1) });

export interface Story {
  /** Before anything is in step. */
  readonly born: readonly Deed[];
  /** What the run that is undone carries over. */
  readonly during: readonly Deed[];
  readonly later: readonly Deed[];
  readonly mode: UndoMode;
}

export const story = (later: number): fc.Arbitrary<Story> =>
  fc.record({
    born: fc.array(deed('create'), { minLength: 2, maxLength: 4 }),
    during: fc.array(deed('create', 'city', 'notes', 'birthday', 'delete'), { minLength: 1, maxLength: 6 }),
    later: fc.array(deed('city', 'notes', 'birthday', 'delete'), {
      minLength: later === 0 ? 0 : 1,
      maxLength: later,
    }),
    mode: fc.constantFrom<UndoMode>('hold', 'revert-source', 'detach'),
  });

/** A value that a person wrote and that nobody wrote over since. */
interface Written {
  readonly side: Side;
  readonly id: string;
  readonly field: string;
  readonly value: FieldValue;
}

export interface Scene {
  readonly world: TestWorld;
  /** Everything that people wrote after the run, by record and field. */
  readonly written: Map<string, Written>;
  /** Values are unique, so that a lost one is seen. */
  token: number;
}

export async function act(scene: Scene, { side, what, n }: Deed, note: boolean): Promise<void> {
  const { world } = scene;
  const { oracle } = world[side];
  scene.token++;
  if (what === 'create') {
    await oracle.userCreate(person(scene.token + (side === 'a' ? 100 : 200)));
    return;
  }
  const all = await oracle.all();
  const record = all[n % Math.max(1, all.length)];
  if (record === undefined) return;
  if (what === 'delete') {
    await oracle.userDelete(record.id);
    for (const [key, one] of scene.written)
      if (one.side === side && one.id === record.id) scene.written.delete(key);
    return;
  }
  const value =
    what === 'birthday' ? `19${10 + (scene.token % 90)}-0${1 + (scene.token % 9)}-11` : `T${scene.token}`;
  await oracle.userUpdate(record.id, { [what]: value });
  if (note) scene.written.set(`${side} ${record.id} ${what}`, { side, id: record.id, field: what, value });
}

export async function actAll(scene: Scene, deeds: readonly Deed[], note = false): Promise<void> {
  for (const one of deeds) {
    await act(scene, one, note);
    scene.world.advance(HOUR);
  }
}

/** Both sides as sorted texts, without ids: what was created again has a new one. */
export async function picture(world: TestWorld): Promise<Record<Side, string[]>> {
  const { a, b } = await world.snapshot();
  const text = (fields: Fields): string =>
    JSON.stringify(
      Object.entries(fields)
        .filter(([name, value]) => value !== null && name !== 'createdVia')
        .sort(),
    );
  return { a: a.map(text).sort(), b: b.map(text).sort() };
}

class Crash extends Error {}

/** Dies before, or after, the n-th effect; counts down over several attempts. */
function dying(crashes: readonly number[]): {
  onEffect: NonNullable<EngineOptions['onEffect']>;
  next(): void;
} {
  let left = Number.POSITIVE_INFINITY;
  let attempt = -1;
  return {
    next() {
      attempt++;
      left = crashes[attempt] ?? Number.POSITIVE_INFINITY;
    },
    onEffect: () => {
      if (--left < 0) throw new Crash('the process died');
    },
  };
}

export interface Doing {
  readonly mode: UndoMode;
  readonly crashes?: readonly number[];
  /** What the processes after the first one do. Default: the same undo once more. */
  readonly finish?: 'undo' | 'sync';
  readonly state?: (state: SyncState) => SyncState;
  readonly stores?: (store: RecordStore) => RecordStore;
  /** Called once, when the undo has looked and has not written yet. */
  readonly meanwhile?: (() => Promise<void>) | undefined;
}

/** The lane is paused between the first look and the first write. */
function interrupted(state: SyncState, meanwhile: Doing['meanwhile']): SyncState {
  let waiting = meanwhile;
  return {
    ...state,
    async pauseLane(...of) {
      await waiting?.();
      waiting = undefined;
      await state.pauseLane(...of);
    },
  };
}

type Process = Required<Pick<EngineOptions, 'onEffect' | 'state'>>;

/** A sync comes by, and finds an undo that was begun. True once there is none any more. */
async function synced(world: TestWorld, process: Process): Promise<boolean> {
  await (await world.restart(process)).sync();
  return !(await isBegun(world));
}

/** Undoes everything since `since`, by as many processes as it takes; the first one has the approval of a person. */
export async function undo(world: TestWorld, since: number, of: Doing): Promise<void> {
  const death = dying(of.crashes ?? []);
  const approved = (await heldHash(world, since, of.mode)) ?? undefined;
  const request = { target: { since }, mode: of.mode, preview: false, approved };
  for (let attempt = 0; attempt < 12; attempt++) {
    death.next();
    const state = interrupted(of.state?.(world.state.sync) ?? world.state.sync, of.meanwhile);
    const process = { onEffect: death.onEffect, state };
    const bySync = of.finish === 'sync' && (await isBegun(world));
    const work = async (): Promise<boolean> =>
      (await world.desk({ ...process, stores: of.stores }).undo(LANE, request)).open === 0;
    try {
      if (await (bySync ? synced(world, process) : work())) return;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    world.advance(HOUR);
  }
  throw new Error('the undo never ends');
}

/** Does an undo wait for its end? */
const isBegun = async (world: TestWorld): Promise<boolean> =>
  (await world.state.sync.lanes()).some((lane) => lane.paused?.undo !== undefined);

async function heldHash(world: TestWorld, since: number, mode: UndoMode): Promise<string | null> {
  const plan = await world.desk().undo(LANE, { target: { since }, mode, preview: true });
  return plan.held?.hash ?? null;
}

/** Lets the brake through: it is not what is tested here. */
export async function sync(world: TestWorld): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await world.engine.sync();
    const [lane] = await world.state.sync.lanes();
    if (lane?.held == null) return;
    await world.state.sync.approveHeld(LANE, lane.held.hash, await now(world));
  }
}

export const now = async (world: TestWorld): Promise<number> => {
  const [run] = await world.state.sync.runs(LANE, 1);
  return (run?.startedAt ?? 0) + 1;
};

export async function prepared({
  born,
  during,
}: Story): Promise<{ scene: Scene; since: number; before: Awaited<ReturnType<typeof picture>> }> {
  const world = await createWorld();
  const scene: Scene = { world, written: new Map(), token: 0 };
  await actAll(scene, born);
  await sync(world);
  world.advance(HOUR);
  const since = await now(world);
  await actAll(scene, during);
  const before = await picture(world);
  await sync(world);
  world.advance(HOUR);
  return { scene, since, before };
}

/** Whatever differs between the two records of a pair waits for a person, and is listed. */
export async function unlisted({ world, written }: Scene): Promise<string[]> {
  const links = await world.state.sync.links(LANE, { by: 'page', after: '', limit: 100 });
  const reviews = await world.state.sync.reviews(LANE, { open: true });
  const records = {
    a: new Map((await world.a.oracle.all()).map((record) => [record.id, record.fields])),
    b: new Map((await world.b.oracle.all()).map((record) => [record.id, record.fields])),
  };
  return links
    .filter((link) => link.status === 'live' && link.dirtyA <= link.cleanA && link.dirtyB <= link.cleanB)
    .flatMap((link) => {
      const [a, b] = [records.a.get(link.a?.id ?? ''), records.b.get(link.b?.id ?? '')];
      if (a === undefined || b === undefined) return [];
      const names = { city: 'firstName', notes: 'notes', birthday: 'birthday' } as const;
      return (
        (['city', 'notes', 'birthday'] as const)
          .filter((field) => (a[field] ?? null) !== (b[field] ?? null))
          // What a person wrote since travels with the next pass.
          .filter(
            (field) => !written.has(`a ${link.a?.id} ${field}`) && !written.has(`b ${link.b?.id} ${field}`),
          )
          .map((field) => names[field])
          .filter((field) => {
            const asked = reviews.some(
              ({ linkId, reasons }) => linkId === link.id && reasons[0]?.startsWith(`"${field}"`),
            );
            return !link.holds.includes(field) || !asked;
          })
      );
    });
}

export async function lostValues({ world, written }: Scene): Promise<Written[]> {
  const records = { a: await world.a.oracle.all(), b: await world.b.oracle.all() };
  return [...written.values()].filter(({ side, id, field, value }) => {
    const record = records[side].find((one) => one.id === id);
    return record?.fields[field] !== value;
  });
}
