import { afterEach, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const PAUSE = { by: 'ann', at: 5, reason: 'audit', under: null };

it('a paused lane reads and writes nothing, loses nothing, and goes on where it stood', async () => {
  world = await createWorld();
  const { a, b, engine, state } = world;
  const id = await a.oracle.userCreate(person(1));
  await engine.sync();
  const cursors = async () =>
    [...(await state.sync.feeds('mailbox:1')), ...(await state.sync.feeds('crm:1'))].map(
      (feed) => feed.cursor,
    );
  const before = await cursors();
  const lastOkAt = (await state.sync.lanes())[0]?.lastOkAt;
  await state.sync.pauseLane('lane-1', PAUSE);
  await a.oracle.userUpdate(id, { phone: '+12025550123' });
  await b.oracle.userCreate(person(2));
  await state.sync.hintLane('lane-1', 1);
  world.advance(60_000);
  const paused = await engine.sync();
  expect(paused).toMatchObject({ settled: true, lanes: [{ status: 'paused', counts: { created: 0 } }] });
  expect(await cursors()).toEqual(before);
  expect((await state.sync.lanes())[0]).toMatchObject({ lastOkAt, paused: PAUSE });
  expect(await a.oracle.all()).toHaveLength(1);
  expect((await engine.plan())[0]?.plan.map(({ action }) => action).sort()).toEqual(['create', 'update']);
  await state.sync.pauseLane('lane-1', null);
  const [resumed] = (await engine.sync()).lanes;
  expect(resumed).toMatchObject({ status: 'done', counts: { created: 1, updated: 1 } });
  expect((await b.oracle.all()).map(({ fields }) => fields.phone).sort()).toEqual([
    '+12025550123',
    '+12025551002',
  ]);
});
