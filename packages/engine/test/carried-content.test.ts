import { AdapterError, type RecordStore } from '@tidelock/core';
import { afterEach, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

// What a feed carried stands for a read only as long as something says that it is not too old (decision 0182).

let world: TestWorld;
afterEach(() => world?.close());

/** `cut`: its feed breaks off behind the next page; `blind`: nothing can be read. */
type Trouble = 'cut' | 'blind' | null;

const unavailable = (operation: string): AdapterError =>
  new AdapterError('unavailable', 'not just now', { operation });

function troubled(at: { now: Trouble }): (store: RecordStore) => RecordStore {
  return (store) => {
    let told = 0;
    return {
      ...store,
      changes: async (feed, cursor, options) => {
        if (at.now === 'cut' && told > 0) throw unavailable('changes');
        const page = await store.changes(feed, cursor, options);
        if (at.now !== 'cut') return page;
        told += page.changes.length;
        return { ...page, more: true };
      },
      read: async (ids, options) => {
        if (at.now === 'blind') throw unavailable('read');
        return store.read(ids, options);
      },
    };
  };
}

it('a pair that follows a merge reads the record, and does not take what a feed carried of it before it was deleted', async () => {
  const at: { now: Trouble } = { now: null };
  world = await createWorld({ throughB: troubled(at) });
  const { a, b, engine, state, advance, restart } = world;
  for (let n = 20; n < 40; n++) await a.oracle.userCreate(person(n));
  await engine.sync();
  const before = await world.snapshot();
  const loser = await b.oracle.userCreate(person(1));
  await engine.sync();
  const waiting = async () =>
    (await state.sync.suspects('lane-1', { limit: 10 })).map(({ id, why }) => [id, why]);

  // This process has the content of the winner, and gets no further.
  const winner = await b.oracle.userCreate(person(2));
  at.now = 'cut';
  await engine.round();
  expect(await waiting()).toEqual([[winner, 'unknown']]);
  // Another one is told of the merge, and that the winner was deleted, and can look at neither.
  await b.oracle.userMerge?.(winner, loser);
  await b.oracle.userDelete(winner);
  at.now = 'blind';
  advance(600_000);
  await (await restart()).round();
  expect(new Map((await waiting()) as [string, string][])).toEqual(
    new Map([
      [loser, 'merged'],
      [winner, 'removed'],
    ]),
  );

  at.now = null;
  advance(600_000);
  await engine.sync();
  expect(await world.snapshot()).toEqual(before);
  const [link] = await state.sync.links('lane-1', { by: 'native', side: 'b', ids: [winner] });
  expect(link?.status).toBe('tomb');
});
