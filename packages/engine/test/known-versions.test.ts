import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

describe('a pair that was just made', () => {
  it('knows the versions that it was made of: whoever reports them again says nothing new', async () => {
    world = await createWorld();
    const { a, b, engine, state } = world;
    await a.oracle.userCreate(person(1));
    await b.oracle.userCreate(person(2));
    const [lane] = (await engine.sync()).lanes;
    const links = await state.sync.links(lane?.laneId ?? '', { by: 'page', after: '', limit: 10 });
    expect(links).toHaveLength(2);
    for (const ref of links.flatMap((link) => [link.a, link.b])) expect(ref?.version, ref?.id).toMatch(/^v/);
  });
});
