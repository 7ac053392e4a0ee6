import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

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
});
