import type { Change, Outcome, ReadResult, RecordStore, Review, Write } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld;
afterEach(() => world.close());

const isPoison = (write: Write): boolean => write.op === 'create' && write.fields.notes === 'poison';
const REFUSED: Outcome = { status: 'rejected', code: 'invalid', message: 'The rule says no.' };

/**
 * A CRM that refuses creates with these notes. With `silent`, it takes the next batch, its answers are lost, and a look
 * right after does not find what it made.
 */
function createRefusing() {
  const on = { silent: false, blind: false };
  const through = (store: RecordStore): RecordStore => ({
    ...store,
    find: async (by, values, options) => {
      if (!on.blind) return store.find(by, values, options);
      on.blind = false;
      return values.map(() => []);
    },
    write: async (batch, options) => {
      if (on.silent) {
        on.silent = false;
        on.blind = true;
        await store.write(batch, options);
        return batch.map((): Outcome => ({ status: 'unknown', kind: 'unavailable' }));
      }
      const sent = batch.filter((write) => !isPoison(write));
      const outcomes = [...(await store.write(sent, options))];
      return batch.map((write) => (isPoison(write) ? REFUSED : (outcomes.shift() ?? REFUSED)));
    },
  });
  return { on, through };
}

async function asked(): Promise<readonly Review[]> {
  const open = await world.state.sync.reviews('lane-1', { open: true });
  return open.filter((review) => review.kind === 'parked');
}

async function setUp() {
  const { on, through } = createRefusing();
  world = await createWorld({ throughB: through });
  const id = await world.a.oracle.userCreate(person(1, { notes: 'poison' }));
  await world.a.oracle.userCreate(person(2));
  await world.engine.sync();
  expect(await asked()).toHaveLength(1);
  return { on, id };
}

describe('the question about a refused record is closed', () => {
  it('when somebody makes its partner by hand', async () => {
    await setUp();
    await world.b.oracle.userCreate(person(1));
    world.advance(60_000);
    await world.engine.sync();
    expect(await world.b.oracle.all()).toHaveLength(2);
    expect(await asked()).toEqual([]);
  });

  it('when the record is deleted', async () => {
    const { id } = await setUp();
    await world.a.oracle.userDelete(id);
    world.advance(60_000);
    await world.engine.sync();
    expect(await asked()).toEqual([]);
  });

  it('when it was mended and taken, although the answer was lost and the feed was the first to tell', async () => {
    const { on, id } = await setUp();
    await world.a.oracle.userUpdate(id, { notes: 'mended' });
    on.silent = true;
    world.advance(60_000);
    await world.engine.sync();
    world.advance(60_000);
    await world.engine.sync();
    expect(await world.b.oracle.all()).toHaveLength(2);
    expect(await asked()).toEqual([]);
  });

  it('and stays while the record is refused, whatever else happens', async () => {
    const { id } = await setUp();
    await world.a.oracle.userUpdate(id, { phone: '+12025550000' });
    world.advance(60_000);
    await world.engine.sync();
    expect(await asked()).toHaveLength(1);
    expect(
      (await world.state.sync.reviews('lane-1', { open: false })).map(({ decision }) => decision),
    ).toEqual(['mended']);
  });
});

it('a refused record gets no third partner while a person is asked which of two it is', async () => {
  const { id } = await setUp();
  await world.b.oracle.userCreate(person(1));
  await world.b.oracle.userCreate(person(1));
  world.advance(60_000);
  await world.engine.sync();
  const questions = await world.state.sync.reviews('lane-1', { open: true });
  const doubt = questions.find(({ bIds }) => bIds.length === 2);
  expect(doubt).toMatchObject({ aIds: [id] });
  await world.a.oracle.userUpdate(id, { notes: 'mended' });
  for (let hour = 0; hour < 3; hour++) {
    world.advance(3_600_000);
    const [planned] = await world.engine.plan();
    expect(planned?.plan.map(({ action }) => action)).not.toContain('create');
    await world.engine.sync();
  }
  expect(await world.b.oracle.all()).toHaveLength(3);
  await world.state.sync.decide(doubt?.id ?? '', 'separate', 1);
  world.advance(3_600_000);
  await world.engine.sync();
  const made = (await world.b.oracle.all()).filter(({ fields }) => fields.notes === 'mended');
  expect(made).toHaveLength(1);
});

describe('a pair whose record had been gone, and is back', () => {
  /** The verdict is stored, and what the edit was is told to nobody but by a read. */
  async function setBack(outcome: () => Outcome): Promise<void> {
    let isTold = true;
    world = await createWorld({
      throughA: (store) => ({
        ...store,
        changes: async (...asked) => {
          const page = await store.changes(...asked);
          return isTold ? page : { ...page, changes: [] };
        },
      }),
      throughB: (store) => ({
        ...store,
        write: async (batch, options) =>
          batch[0]?.op === 'update' ? batch.map(outcome) : store.write(batch, options),
      }),
    });
    const { state, a, engine } = world;
    const id = await a.oracle.userCreate(person(1));
    await engine.sync();
    const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
    const lease = await state.sync.acquireLane({ laneId: 'lane-1', owner: 'worker', now: 1, ttlMs: 1 });
    if (link === undefined || lease === null) throw new Error('no link');
    const guard = { laneId: 'lane-1', fence: lease.fence };
    await state.sync.commitLane({ guard, now: 1, links: [{ link: { ...link, goneB: true } }] });
    isTold = false;
    await a.oracle.userUpdate(id, { notes: 'edited' });
    world.advance(60_000);
  }

  it('is tried again after a write that was refused', async () => {
    let sent = 0;
    await setBack(() => {
      sent++;
      return REFUSED;
    });
    await world.engine.sync();
    expect(sent).toBe(1);
    world.advance(120_000);
    await world.engine.sync();
    expect(sent).toBe(2);
  });
});

it('a refused pair whose bases are apart is looked at again when an edit was reported of it', async () => {
  world = await createWorld({});
  const { state, a, b, engine } = world;
  const id = await a.oracle.userCreate(person(1, { notes: 'told' }));
  await engine.sync();
  const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
  const lease = await state.sync.acquireLane({ laneId: 'lane-1', owner: 'worker', now: 1, ttlMs: 1 });
  if (link === undefined || lease === null) throw new Error('no link');
  // Something was refused for good, and the CRM has shown no note when it was written last.
  await b.oracle.userUpdate(link.b?.id ?? '', { notes: null });
  const shownB = { ...link.shownB, notes: null };
  const refused = { class: 'item' as const, code: 'invalid', message: 'No.', inputHash: 'x' };
  const put = { ...link, shownB, quarantine: { ...refused, attempts: 6, nextAt: null } };
  const guard = { laneId: 'lane-1', fence: lease.fence };
  await state.sync.commitLane({ guard, now: 1, links: [{ link: put }] });
  await a.oracle.userUpdate(id, { phone: '+12025550000' });
  world.advance(60_000);
  await engine.sync();
  expect(await b.oracle.all()).toMatchObject([{ fields: { notes: 'told', phone: '+12025550000' } }]);
});

it('a refused pair is looked at when a removal was told and a lagging answer still shows the record (seed 25601)', async () => {
  let lagging: readonly ReadResult[] | null = null;
  world = await createWorld({
    throughB: (store) => ({
      ...store,
      read: async (ids, options) => {
        const stale = lagging;
        lagging = null;
        return stale ?? store.read(ids, options);
      },
    }),
  });
  const { state, a, b, engine } = world;
  await a.oracle.userCreate(person(1));
  await engine.sync();
  await engine.sync();
  const [link] = await state.sync.links('lane-1', { by: 'page', after: '', limit: 1 });
  const lease = await state.sync.acquireLane({ laneId: 'lane-1', owner: 'worker', now: 1, ttlMs: 1 });
  if (link === undefined || lease === null) throw new Error('no link');
  const refused = { class: 'item' as const, code: 'invalid', message: 'No.', inputHash: 'x' };
  const put = { ...link, quarantine: { ...refused, attempts: 6, nextAt: null } };
  const guard = { laneId: 'lane-1', fence: lease.fence };
  await state.sync.commitLane({ guard, now: 1, links: [{ link: put }] });
  const id = link.b?.id ?? '';
  lagging = await b.store.read([id]);
  world.advance(60_000);
  await b.oracle.userDelete(id);
  await engine.sync();
  world.advance(60_000);
  await engine.sync();
  expect(await a.oracle.all()).toEqual([]);
});

it('a refused pair whose record is touched is looked at once, also where a feed overlaps', async () => {
  let [reads, last]: [number, readonly Change[]] = [0, []];
  const counted = (store: RecordStore): RecordStore => ({
    ...store,
    read: (...of) => {
      reads++;
      return store.read(...of);
    },
  });
  world = await createWorld({
    throughA: counted,
    throughB: (store) => ({
      ...counted(store),
      changes: async (...asked) => {
        const page = await store.changes(...asked);
        if (page.changes.length > 0) last = page.changes;
        return { ...page, changes: last };
      },
      write: async (batch, options) =>
        batch[0]?.op === 'update' ? batch.map(() => REFUSED) : store.write(batch, options),
    }),
  });
  const { a, b, engine } = world;
  const id = await a.oracle.userCreate(person(1));
  for (let n = 0; n < 2; n++) await engine.sync();
  await a.oracle.userUpdate(id, { notes: 'poison' });
  for (let n = 0; n < 8; n++) {
    await engine.sync();
    world.advance(100_000_000);
  }
  const [inCrm] = await b.oracle.all();
  await b.oracle.userUpdate(inCrm?.id ?? '', { notes: null });
  const looks: boolean[] = [];
  for (let n = 0; n < 3; n++) {
    reads = 0;
    await engine.sync();
    looks.push(reads > 0);
    world.advance(1_000);
  }
  expect(looks).toEqual([true, false, false]);
});
