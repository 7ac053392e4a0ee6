import { APPROVAL_LIFE_MS } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld;
afterEach(() => world.close());

/** Forty pairs, thirty of which were deleted in the mailbox: held, and approved. */
async function approve(): Promise<void> {
  world = await createWorld();
  const { a, engine } = world;
  for (let n = 0; n < 40; n++) await a.oracle.userCreate(person(n));
  await engine.sync();
  for (const { id } of (await a.oracle.all()).slice(0, 30)) await a.oracle.userDelete(id);
  const held = (await engine.sync()).lanes[0]?.held;
  await engine.decideHeld('lane-1', held?.hash ?? '', 'apply');
}

describe('an approval of held deletes', () => {
  it('counts for a week', async () => {
    await approve();
    world.advance(APPROVAL_LIFE_MS - 1);
    expect((await world.engine.sync()).lanes[0]).toMatchObject({ held: null, counts: { deleted: 30 } });
    expect(await world.b.oracle.all()).toHaveLength(10);
  });

  it('counts no more after it: the same is held and asked again', async () => {
    await approve();
    world.advance(APPROVAL_LIFE_MS);
    const [lane] = (await world.engine.sync()).lanes;
    expect(lane).toMatchObject({ held: { count: 30 }, counts: { deleted: 0 } });
    expect(await world.b.oracle.all()).toHaveLength(40);
    await world.engine.decideHeld('lane-1', lane?.held?.hash ?? '', 'apply');
    expect((await world.engine.sync()).lanes[0]).toMatchObject({ held: null, counts: { deleted: 30 } });
  });
});
