import { expect, it } from 'vitest';
import { createWorld, person } from './world.ts';

it('names what a new record is made with, in the preview and in the report', async () => {
  const { a, engine, close } = await createWorld();
  await a.oracle.userCreate(person(7));
  const made = Object.entries({ firstName: 'First7', lastName: 'Family7', email: 'person7@example.com' });
  const expected = made.map(([field, value]) => ({ field, to: 'b', old: null, new: value, rule: 'create' }));
  const [plan] = await engine.plan();
  const changes = plan?.plan[0]?.changes;
  expect(changes).toEqual(expect.arrayContaining(expected));
  const [done] = (await engine.sync()).lanes[0]?.done ?? [];
  expect(done).toMatchObject({ op: 'create', side: 'b', title: 'First7 Family7' });
  expect(done?.changes).toEqual(changes);
  await close();
});
