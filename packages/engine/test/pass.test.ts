import type { Outcome, Write } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, LIKE_CRM, person, type TestWorld } from './world.ts';

let world: TestWorld | undefined;
const open = async (...args: Parameters<typeof createWorld>): Promise<TestWorld> => {
  world = await createWorld(...args);
  return world;
};
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const emails = (fields: readonly { readonly [name: string]: unknown }[]): string[] =>
  fields.map((f) => String(f.email)).sort();

describe('a pass', () => {
  it('creates what is missing on both sides, then writes nothing', async () => {
    const { a, b, engine, snapshot } = await open();
    for (let n = 0; n < 30; n++) await a.oracle.userCreate(person(n));
    for (let n = 20; n < 60; n++) await b.oracle.userCreate(person(n));
    const report = await engine.sync();
    const [lane] = report.lanes;
    expect(lane?.error).toBeNull();
    expect(lane?.counts).toMatchObject({ created: 50, linked: 10, conflicts: 0 });
    const after = await snapshot();
    expect(emails(after.a)).toEqual(emails(after.b));
    expect(after.a).toHaveLength(60);
    expect(report.settled).toBe(true);
    const again = await engine.sync();
    expect(again.lanes[0]?.counts).toMatchObject({ created: 0, updated: 0, deleted: 0, linked: 0 });
    expect(again.rounds).toBe(1);
  });

  it('carries single edits each way and merges two fields of one person', async () => {
    const { a, b, engine, snapshot } = await open();
    const idA = await a.oracle.userCreate(person(1));
    await engine.sync();
    const [other] = await b.oracle.all();
    await a.oracle.userUpdate(idA, { phone: '+12025550000' });
    await b.oracle.userUpdate(other?.id ?? '', { notes: 'hello' });
    await engine.sync();
    const { a: left, b: right } = await snapshot();
    expect(left[0]).toMatchObject({ phone: '+12025550000', notes: 'hello' });
    expect(right[0]).toMatchObject({ phone: '+12025550000', notes: 'hello' });
  });

  it('keeps the loser of a conflict', async () => {
    const { a, b, engine, snapshot, state } = await open();
    const idA = await a.oracle.userCreate(person(1));
    await engine.sync();
    const [other] = await b.oracle.all();
    await a.oracle.userUpdate(idA, { city: 'Berta' });
    await b.oracle.userUpdate(other?.id ?? '', { city: 'Clara' });
    const report = await engine.sync();
    expect(report.lanes[0]?.counts.conflicts).toBe(1);
    const { a: left, b: right } = await snapshot();
    expect(left[0]?.city).toBe('Clara');
    expect(right[0]?.city).toBe('Clara');
    const rows = await state.sync.history('lane-1', { limit: 50 });
    expect(rows.find((row) => row.op === 'conflict')).toMatchObject({
      field: 'firstName',
      old: 'Berta',
      new: 'Clara',
    });
  });

  it('deletes the partner of a deleted record, and lets an edit beat a delete', async () => {
    const { a, b, engine, snapshot } = await open();
    const ids = [];
    for (let n = 0; n < 40; n++) ids.push(await a.oracle.userCreate(person(n)));
    await engine.sync();
    await a.oracle.userDelete(ids[0] ?? '');
    await a.oracle.userDelete(ids[1] ?? '');
    const edited = (await b.oracle.all()).find((record) => record.fields.email === 'person1@example.com');
    await b.oracle.userUpdate(edited?.id ?? '', { notes: 'still here' });
    const report = await engine.sync();
    expect(report.lanes[0]?.counts).toMatchObject({ deleted: 1, created: 1 });
    const { a: left, b: right } = await snapshot();
    expect(left).toHaveLength(39);
    expect(right).toHaveLength(39);
    expect(left.find((record) => record.email === 'person1@example.com')?.notes).toBe('still here');
    expect((await engine.sync()).lanes[0]?.counts).toMatchObject({ created: 0, updated: 0, deleted: 0 });
  });

  it('holds a mass delete until somebody decides, and asks once', async () => {
    const { a, b, engine } = await open();
    const ids = [];
    for (let n = 0; n < 40; n++) ids.push(await a.oracle.userCreate(person(n)));
    await engine.sync();
    for (const id of ids.slice(0, 30)) await a.oracle.userDelete(id);
    const held = (await engine.sync()).lanes[0];
    expect(held?.counts.deleted).toBe(0);
    expect(held?.held).toMatchObject({ count: 30, side: 'b' });
    expect(await b.oracle.all()).toHaveLength(40);
    await engine.decideHeld('lane-1', held?.held?.hash ?? '', 'keep');
    const after = (await engine.sync()).lanes[0];
    expect(after?.held).toBeNull();
    expect(after?.counts).toMatchObject({ deleted: 0, created: 0 });
    expect(await b.oracle.all()).toHaveLength(40);
    expect(await a.oracle.all()).toHaveLength(10);
  });

  it('applies held deletes that were approved by their hash', async () => {
    const { a, b, engine } = await open();
    const ids = [];
    for (let n = 0; n < 40; n++) ids.push(await a.oracle.userCreate(person(n)));
    await engine.sync();
    for (const id of ids.slice(0, 30)) await a.oracle.userDelete(id);
    const held = (await engine.sync()).lanes[0]?.held;
    await engine.decideHeld('lane-1', held?.hash ?? '', 'apply');
    expect((await engine.sync()).lanes[0]?.counts.deleted).toBe(30);
    expect(await b.oracle.all()).toHaveLength(10);
  });

  it('survives an expired cursor without duplicates and finds deletes made meanwhile', async () => {
    const { a, b, engine } = await open();
    const ids = [];
    for (let n = 0; n < 30; n++) ids.push(await a.oracle.userCreate(person(n)));
    await engine.sync();
    await a.oracle.userDelete(ids[3] ?? '');
    a.faults.expireCursor?.();
    b.faults.expireCursor?.();
    const report = await engine.sync();
    expect(report.lanes[0]?.counts).toMatchObject({ created: 0, deleted: 1 });
    expect(await b.oracle.all()).toHaveLength(29);
  });

  it('parks one refused item and syncs the rest', async () => {
    const { a, b, engine, state } = await open();
    for (let n = 0; n < 20; n++) await a.oracle.userCreate(person(n));
    b.faults.clear();
    const bad = await a.oracle.userCreate(
      person(99, { email: 'person99@example.com', home: { country: 'x' } }),
    );
    expect(bad).not.toBe('');
    const report = await engine.sync();
    expect(report.lanes[0]?.counts.created).toBeGreaterThanOrEqual(20);
    expect((await state.sync.counts('lane-1', 0)).openIntents).toBe(0);
  });

  for (const applied of [true, false]) {
    it(`makes one record when the answer to a create is lost (${applied ? 'applied' : 'not applied'})`, async () => {
      const { a, b, engine, restart } = await open();
      await a.oracle.userCreate(person(1));
      b.faults.loseAnswer?.(applied);
      const first = await engine.round();
      expect(first[0]?.counts.unknown).toBe(1);
      b.faults.clear();
      const next = await restart();
      await next.sync();
      expect(await b.oracle.all()).toHaveLength(1);
      expect((await next.sync()).lanes[0]?.counts).toMatchObject({ created: 0, updated: 0 });
    });
  }

  it('previews without writing', async () => {
    const { a, b, engine } = await open();
    for (let n = 0; n < 5; n++) await a.oracle.userCreate(person(n));
    const [plan] = await engine.plan();
    expect(plan?.plan).toHaveLength(5);
    expect(plan?.plan[0]).toMatchObject({ action: 'create', side: 'b' });
    expect(await b.oracle.all()).toHaveLength(0);
    expect((await engine.sync()).lanes[0]?.counts.created).toBe(5);
  });

  it('throws when not one lane can be prepared', async () => {
    const { a, engine } = await open();
    await a.faults.next('403');
    await expect(engine.prepare()).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('looks again at what an unconditional write answered besides what was sent', async () => {
    const { a, b, engine, restart, snapshot } = await open({ capsB: { ...LIKE_CRM, representation: true } });
    const idA = await a.oracle.userCreate(person(1));
    await engine.sync();
    const idB = (await b.oracle.all())[0]?.id ?? '';
    await a.oracle.userUpdate(idA, { notes: 'from A' });
    let edited = false;
    const racing = await restart({
      onEffect: (effect, when) => {
        if (edited || when !== 'before' || effect.kind !== 'store' || effect.method !== 'write') return;
        edited = true;
        void b.oracle.userUpdate(idB, { city: 'Edited' });
      },
    });
    await racing.sync();
    await (await restart()).sync();
    const { a: left, b: right } = await snapshot();
    expect(left[0]).toMatchObject({ notes: 'from A', city: 'Edited' });
    expect(right[0]).toMatchObject({ notes: 'from A', city: 'Edited' });
  });

  it('recovers a create whose record was reported meanwhile, also when its partner is deleted', async () => {
    const { a, b, engine, advance } = await open({ policy: { holdMs: 60_000 } });
    for (let n = 0; n < 30; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const idA = await a.oracle.userCreate(person(77));
    b.faults.loseAnswer(true);
    await engine.round();
    b.faults.clear();
    expect((await engine.round())[0]?.openOutcomes).toBe(1);
    await a.oracle.userDelete(idA);
    advance(61_000);
    for (let n = 0; n < 4; n++) await engine.round();
    const report = await engine.sync();
    expect(report.lanes[0]).toMatchObject({ status: 'done', counts: { reviews: 0 } });
    expect(await b.oracle.all()).toHaveLength(30);
  });

  it('asks about a doubtful pair once, however often a feed reports it', async () => {
    const { a, b, engine, state } = await open();
    await a.oracle.userCreate(person(1, { email: 'same@example.com', phone: null }));
    const idB = await b.oracle.userCreate(person(2, { email: 'same@example.com', phone: null }));
    await engine.sync();
    b.faults.expireCursor();
    await engine.sync();
    await b.oracle.userUpdate(idB, { notes: 'touched' });
    await engine.sync();
    const reviews = await state.sync.reviews('lane-1');
    expect(reviews.map((review) => review.kind)).toEqual(['match']);
    expect(await a.oracle.all()).toHaveLength(1);
  });

  it('ends busy, without an error, when another worker takes the lane', async () => {
    const { a, restart, state, advance } = await open();
    for (let n = 0; n < 5; n++) await a.oracle.userCreate(person(n));
    let taken = false;
    const engine = await restart({
      onEffect: (effect, when) => {
        if (taken || when !== 'before' || effect.kind !== 'state' || effect.method !== 'openIntents') return;
        taken = true;
        advance(120_000);
        const now = 4_000_000_000_000;
        void state.sync.acquireLane({ laneId: 'lane-1', owner: 'other', now, ttlMs: 60_000 });
      },
    });
    expect((await engine.round())[0]?.status).toBe('busy');
  });

  it('finishes a two-sided merge after its second write was never sent', async () => {
    const both = { ...LIKE_CRM, conditionalUpdate: true, representation: true };
    const { a, b, engine, restart, snapshot } = await open({ capsB: both });
    const idA = await a.oracle.userCreate(person(1));
    await engine.sync();
    const idB = (await b.oracle.all())[0]?.id ?? '';
    await a.oracle.userUpdate(idA, { notes: 'from A' });
    await b.oracle.userUpdate(idB, { city: 'From B' });
    let sent = 0;
    const dying = await restart({
      onEffect: (effect, when) => {
        if (when !== 'before' || effect.kind !== 'state' || effect.method !== 'openIntents') return;
        sent += 1;
        if (sent === 2) throw new Error('killed');
      },
    });
    await expect(dying.round()).rejects.toThrow('killed');
    await (await restart()).sync();
    const { a: left, b: right } = await snapshot();
    expect(left[0]).toMatchObject({ notes: 'from A', city: 'From B' });
    expect(right[0]).toMatchObject({ notes: 'from A', city: 'From B' });
  });

  it('follows the edits of a record that was created again', async () => {
    const { a, b, engine, snapshot } = await open();
    for (let n = 0; n < 20; n++) await a.oracle.userCreate(person(n));
    await engine.sync();
    const target = (await b.oracle.all()).find((record) => record.fields.email === 'person3@example.com');
    const source = (await a.oracle.all()).find((record) => record.fields.email === 'person3@example.com');
    for (let n = 0; n < 50; n++) await b.oracle.userUpdate(target?.id ?? '', { notes: `draft ${n}` });
    await engine.sync();
    await b.oracle.userDelete(target?.id ?? '');
    await a.oracle.userUpdate(source?.id ?? '', { notes: 'kept' });
    await engine.sync();
    const reborn = (await b.oracle.all()).find((record) => record.fields.email === 'person3@example.com');
    await b.oracle.userUpdate(reborn?.id ?? '', { notes: 'edited again' });
    await engine.sync();
    const { a: left } = await snapshot();
    expect(left.find((record) => record.email === 'person3@example.com')?.notes).toBe('edited again');
  });

  it('tries a refused change of a pair again by itself when its wait is over', async () => {
    const { a, b, engine, advance, state, snapshot } = await open();
    const idA = await a.oracle.userCreate(person(1));
    await engine.sync();
    const { write } = b.store;
    const refusal: Outcome = { status: 'rejected', code: 'validation-rule', message: 'no' };
    Object.assign(b.store, { write: async (batch: readonly Write[]) => batch.map(() => refusal) });
    await a.oracle.userUpdate(idA, { notes: 'refused at first' });
    expect((await engine.sync()).lanes[0]?.counts.parked).toBe(1);
    Object.assign(b.store, { write });
    expect((await engine.sync()).lanes[0]?.counts).toMatchObject({ updated: 0, parked: 0 });
    advance(61_000);
    expect((await engine.sync()).lanes[0]?.counts).toMatchObject({ updated: 1, parked: 0 });
    expect((await snapshot()).b[0]?.notes).toBe('refused at first');
    expect((await state.sync.counts('lane-1', Number.MAX_SAFE_INTEGER)).parked).toBe(0);
  });
});
