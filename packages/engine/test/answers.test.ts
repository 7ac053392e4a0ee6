import type { FieldRule, Fields, Review } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createDesk,
  createEngine,
  DEFAULT_POLICY,
  type Engine,
  type EngineOptions,
  type LaneConfig,
} from '../src/index.ts';
import { createWorld, MAPPING, person, silent, type TestWorld } from './world.ts';

const LANE = 'lane-1';
let world: TestWorld;
afterEach(() => world.close());

interface Bed {
  readonly engine: Engine;
  readonly options: EngineOptions;
  answer(decision: string, kind?: Review['kind']): Promise<void>;
  open(kind?: Review['kind']): Promise<readonly Review[]>;
  fields(): Promise<{ a: Fields; b: Fields }>;
  edit(a: Fields | null, b: Fields | null): Promise<void>;
}

/** One linked person; `rule` changes the mapping row of `phone`, which asks on conflicts. */
async function setUp(rule: Partial<FieldRule> = {}): Promise<Bed> {
  world = await createWorld();
  const { a, b, state } = world;
  const fields = MAPPING.fields.map((one) =>
    one.field === 'phone' ? { ...one, conflict: 'hold' as const, ...rule } : one,
  );
  const lane: LaneConfig = {
    spec: { id: LANE, tenantId: 't', storeA: 'mailbox:1', storeB: 'crm:1', label: 'one' },
    stores: { a: a.store, b: b.store },
    mapping: { ...MAPPING, fields },
    policy: { ...DEFAULT_POLICY, holdMs: 0 },
  };
  let at = 1_800_000_000_000;
  let ids = 0;
  const options: EngineOptions = {
    state: state.sync,
    clock: { now: () => at, mono: () => at, sleep: async () => {} },
    random: { next: () => 0.5, uuid: () => `10000000-0000-4000-8000-${String(ids++).padStart(12, '0')}` },
    log: silent,
    owner: 'worker',
    lanes: [lane],
  };
  const engine = createEngine(options);
  await a.oracle.userCreate(person(1));
  await engine.prepare();
  await engine.sync();
  const desk = createDesk(options);
  const only = async (side: 'a' | 'b') => {
    const [record] = await world[side].oracle.all();
    if (record === undefined) throw new Error('no record');
    return record;
  };
  const open: Bed['open'] = async (kind = 'conflict') =>
    (await state.sync.reviews(LANE, { open: true })).filter((review) => review.kind === kind);
  return {
    engine,
    options,
    open,
    answer: async (decision, kind) => {
      at += 60_000;
      const [review] = await open(kind);
      if (review === undefined) throw new Error('nothing was asked');
      await desk.answer(review, decision);
    },
    fields: async () => ({ a: (await only('a')).fields, b: (await only('b')).fields }),
    edit: async (left, right) => {
      at += 60_000;
      if (left !== null) await a.oracle.userUpdate((await only('a')).id, left);
      if (right !== null) await b.oracle.userUpdate((await only('b')).id, right);
      await engine.sync();
    },
  };
}

const MINE = { phone: '+12025551111' };
const THEIRS = { phone: '+12025552222' };

describe('a held field', () => {
  it.each([
    ['mailbox', MINE, MINE],
    ['crm', THEIRS, THEIRS],
    ['keep', MINE, THEIRS],
  ])('"%s" is carried out by the next pass and not asked again', async (decision, left, right) => {
    const bed = await setUp();
    await bed.edit(MINE, THEIRS);
    expect(await bed.fields()).toMatchObject({ a: MINE, b: THEIRS });
    await bed.answer(decision);
    expect(await bed.fields()).toMatchObject({ a: MINE, b: THEIRS });
    await bed.engine.sync();
    expect(await bed.fields()).toMatchObject({ a: left, b: right });
    expect(await bed.open()).toEqual([]);
    expect((await bed.engine.sync()).lanes[0]?.counts).toMatchObject({ updated: 0, conflicts: 0 });
    const [link] = await world.state.sync.links(LANE, { by: 'page', after: '', limit: 2 });
    expect(link?.holds).toEqual([]);
    const rows = await world.state.sync.history(LANE, { limit: 50 });
    expect(rows.map(({ rule }) => rule)).toContain(`decided by a person: ${decision}`);
  });

  it('is carried out also where another write of the pair was refused for good', async () => {
    const bed = await setUp();
    await bed.edit(MINE, THEIRS);
    const { sync } = world.state;
    const [link] = await sync.links(LANE, { by: 'page', after: '', limit: 1 });
    const lease = await sync.acquireLane({ laneId: LANE, owner: 'worker', now: 1, ttlMs: 1 });
    if (link === undefined || lease === null) throw new Error('no link');
    const refused = { class: 'item' as const, code: 'invalid', message: 'No.', inputHash: 'x' };
    const put = { ...link, quarantine: { ...refused, attempts: 6, nextAt: null } };
    await sync.commitLane({ guard: { laneId: LANE, fence: lease.fence }, now: 1, links: [{ link: put }] });
    await bed.answer('mailbox');
    await bed.engine.sync();
    expect(await bed.fields()).toMatchObject({ a: MINE, b: MINE });
  });

  it('carries the winner also when that side went back to what it was', async () => {
    const bed = await setUp();
    const before = await bed.fields();
    await bed.edit(MINE, THEIRS);
    await bed.edit({ phone: before.a.phone ?? null }, null);
    await bed.answer('mailbox');
    await bed.engine.sync();
    expect((await bed.fields()).b.phone).toBe(before.a.phone);
  });

  it('carries a blank that was decided for', async () => {
    const bed = await setUp();
    await bed.edit({ phone: null }, THEIRS);
    await bed.answer('mailbox');
    await bed.engine.sync();
    const { a, b } = await bed.fields();
    expect([a.phone ?? null, b.phone ?? null]).toEqual([null, null]);
  });

  it('flows again after the answer, and a new conflict is a new question', async () => {
    const bed = await setUp();
    await bed.edit(MINE, THEIRS);
    await bed.answer('crm');
    await bed.engine.sync();
    await bed.edit({ phone: '+12025553333' }, null);
    expect((await bed.fields()).b.phone).toBe('+12025553333');
    await bed.edit(MINE, THEIRS);
    expect(await bed.open()).toHaveLength(1);
  });

  it('an edit between answer and pass is not overwritten, and is asked about', async () => {
    const bed = await setUp();
    await bed.edit(MINE, THEIRS);
    await bed.answer('mailbox');
    await bed.edit(null, { phone: '+12025554444' });
    expect(await bed.fields()).toMatchObject({ a: MINE, b: { phone: '+12025554444' } });
    expect(await bed.open()).toHaveLength(1);
  });

  it('refuses an answer that the mapping would not carry out', async () => {
    const bed = await setUp({ direction: 'mailbox>crm' });
    await bed.edit(MINE, THEIRS);
    await expect(bed.answer('crm')).rejects.toMatchObject({ kind: 'invalid' });
    expect(await bed.open()).toHaveLength(1);
    await bed.answer('mailbox');
    await bed.engine.sync();
    expect((await bed.fields()).b).toMatchObject(MINE);
  });

  it('refuses a blank that never erases, and leaves the lane free', async () => {
    const bed = await setUp({ blank: 'keep' });
    await bed.edit({ phone: null }, THEIRS);
    await expect(bed.answer('mailbox')).rejects.toMatchObject({ kind: 'invalid' });
    await bed.answer('keep');
    expect((await bed.engine.sync()).lanes[0]?.status).toBe('done');
    expect(await bed.open()).toEqual([]);
  });

  it('waits while another worker has the lane', async () => {
    const bed = await setUp();
    await bed.edit(MINE, THEIRS);
    const now = bed.options.clock.now();
    await world.state.sync.acquireLane({ laneId: LANE, owner: 'else', now, ttlMs: 600_000 });
    await expect(bed.answer('mailbox')).rejects.toMatchObject({ kind: 'conflict' });
    expect(await bed.open()).toHaveLength(1);
  });
});

describe('a parked record', () => {
  const refuse = (bed: Bed) => {
    const store = bed.options.lanes[0]?.stores.b;
    if (store === undefined) throw new Error('no store');
    const { write } = store;
    Object.assign(store, {
      write: async (batch: readonly unknown[]) =>
        batch.map(() => ({ status: 'rejected', code: 'validation-rule', message: 'The rule says no.' })),
    });
    return () => Object.assign(store, { write });
  };

  it('is tried again on request; the question ends when it is accepted', async () => {
    const bed = await setUp();
    const accept = refuse(bed);
    await bed.edit(MINE, null);
    expect((await bed.fields()).b.phone).not.toBe(MINE.phone);
    expect(await bed.open('parked')).toHaveLength(1);
    await bed.answer('retry', 'parked');
    await bed.engine.sync();
    expect(await bed.open('parked')).toHaveLength(1);
    accept();
    await bed.answer('retry', 'parked');
    await bed.engine.sync();
    expect((await bed.fields()).b).toMatchObject(MINE);
    expect(await bed.open('parked')).toEqual([]);
  });

  it('is not asked about any more after "dismiss"', async () => {
    const bed = await setUp();
    refuse(bed);
    await bed.edit(MINE, null);
    await bed.answer('dismiss', 'parked');
    await bed.engine.sync();
    expect(await bed.open('parked')).toEqual([]);
  });
});
