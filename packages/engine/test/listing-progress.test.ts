import { expect, it } from 'vitest';
import { createWorld, person } from './world.ts';

it('while a mailbox is listed for what its feed does not carry, more and more of it is matched, until all is', async () => {
  const { a, restart, close } = await createWorld();
  for (let n = 0; n < 700; n++) await a.oracle.userCreate(person(n));
  const seen: { readonly done: number; readonly total: number | undefined }[] = [];
  const engine = await restart({
    onProgress: (_lane, { phase, side, done, total }) => {
      if (phase === 'match' && side === 'a') seen.push({ done, total });
    },
  });
  await engine.round();
  const done = seen.map((each) => each.done);
  expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([700]));
  expect(done.length).toBeGreaterThan(2);
  expect(done[0]).toBeGreaterThan(0);
  expect(done).toEqual(done.toSorted((x, y) => x - y));
  expect(new Set(done).size).toBe(done.length);
  expect(done.at(-1)).toBe(700);
  await close();
});
