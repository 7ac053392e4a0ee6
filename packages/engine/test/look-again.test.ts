import type { StoreCapabilities } from '@tidelock/core';
import { expect, test } from 'vitest';
import type { EngineOptions } from '../src/index.ts';
import { createWorld, LIKE_MAILBOX, person } from './world.ts';

const LAG_MS = 5_000;
const LAGGING: StoreCapabilities = { ...LIKE_MAILBOX, lagSeconds: LAG_MS / 1_000 };

test('a second look that comes due while the pass is at work is taken by the next one, at once', async () => {
  const world = await createWorld({ capsA: LAGGING });
  let slow = false;
  const onEffect: EngineOptions['onEffect'] = (effect, when) => {
    if (!slow || when === 'before' || effect.kind !== 'state' || effect.method !== 'links') return;
    if ((effect.args[1] as { by: string }).by !== 'work') return;
    slow = false;
    world.advance(1_000);
  };
  const engine = await world.restart({ onEffect });
  const id = await world.a.oracle.userCreate(person(1));
  await world.a.oracle.userCreate(person(2));
  world.advance(3_600_000);
  await engine.sync();
  await world.a.oracle.userDelete(id);
  world.advance(2 * LAG_MS);
  const [first] = await engine.round();
  expect(first).toMatchObject({ more: true, waitMs: LAG_MS, counts: { deleted: 0 } });
  world.advance(LAG_MS - 500);
  slow = true;
  const [second] = await engine.round();
  expect(second).toMatchObject({ more: true, counts: { deleted: 0 } });
  const [third] = await engine.round();
  expect(third?.counts.deleted).toBe(1);
  expect(await world.b.oracle.all()).toHaveLength(1);
  await world.close();
});

test('a clock that was put back leaves nobody alone with a second look', async () => {
  const world = await createWorld({ capsA: LAGGING });
  const id = await world.a.oracle.userCreate(person(1));
  await world.a.oracle.userCreate(person(2));
  world.advance(3_600_000);
  await world.engine.sync();
  await world.a.oracle.userDelete(id);
  world.advance(2 * LAG_MS);
  let at = 0;
  const clock = (back: number) => ({ now: () => at - back, mono: () => at, sleep: async () => {} });
  at = 1_767_300_000_000;
  const before = await world.restart({ clock: clock(0) });
  expect((await before.round())[0]).toMatchObject({ more: true, counts: { deleted: 0 } });
  at += 1_000;
  const after = await world.restart({ clock: clock(60_000) });
  const [report] = await after.round();
  expect(report).toMatchObject({ more: true, counts: { deleted: 0 } });
  expect(report?.waitMs).toBeGreaterThan(LAG_MS);
  expect(report?.waitMs).toBeLessThanOrEqual(60_000 + LAG_MS);
  await world.close();
});
