import type { Link, ReadResult, RecordStore } from '@tidelock/core';
import { afterEach, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

// A CRM's feed is read by one process for all lanes: what it tells of a pair can be stored while another one is about to write.

let world: TestWorld;
afterEach(() => world.close());

const HOUR = 3_600_000;
const NEW = { city: 'From B' };

/** Whoever has the feed stores that it tells of this version of the record. */
async function hear({ id, b }: Link, mono: string): Promise<void> {
  const { sync } = world.state;
  const [feed] = await sync.feeds('crm:1');
  if (feed === undefined || b === null) throw new Error('no feed, or no record');
  const now = Date.UTC(2026, 5);
  const lease = await sync.acquireFeed({ feed: feed.id, owner: 'another', now, ttlMs: HOUR });
  const { cursor, gen, scanning, scopeHash, pageHash } = feed;
  const marks = [{ side: 'b', linkId: id, kind: 'dirty', mono }] as const;
  await sync.commitObservations({
    ...{ feed: feed.id, fence: lease?.fence ?? 0, cursor, gen, scanning, scopeHash, pageHash, now },
    lanes: [{ laneId: 'lane-1', marks, suspects: [] }],
  });
  await sync.releaseFeed({ feed: feed.id, fence: lease?.fence ?? 0, dueAt: 0 });
}

/** The n-th read of the CRM's record comes from before an edit that a feed has told of by then. */
function editedMeanwhile(at: { read: number }): (store: RecordStore) => RecordStore {
  return (store) => ({
    ...store,
    read: async (ids, options) => {
      const before: readonly ReadResult[] = await store.read(ids, options);
      if (--at.read !== 0) return before;
      await world.b.oracle.userUpdate(ids[0] ?? '', NEW);
      const [after] = await store.read(ids, options);
      const [link] = await world.state.sync.links('lane-1', { by: 'native', side: 'b', ids });
      if (after?.state !== 'found' || link === undefined) throw new Error('no pair');
      await hear(link, after.record.mono);
      return before;
    },
  });
}

it('a pass does not write over an edit that was heard of meanwhile, although its read does not show it', async () => {
  const at = { read: 0 };
  world = await createWorld({ throughB: editedMeanwhile(at) });
  const idA = await world.a.oracle.userCreate(person(1));
  await world.engine.sync();
  await world.a.oracle.userUpdate(idA, { city: 'From A' });
  at.read = 1;
  const report = await world.engine.sync();
  expect(at.read).toBeLessThan(1);
  expect(report.lanes[0]?.counts).toMatchObject({ conflicts: 1 });
  expect(await world.snapshot()).toMatchObject({ a: [NEW], b: [NEW] });
});

it('an undo looks once more', async () => {
  const at = { read: 0 };
  world = await createWorld();
  const idA = await world.a.oracle.userCreate(person(1));
  await world.engine.sync();
  await world.a.oracle.userUpdate(idA, { city: 'From A' });
  await world.engine.sync();
  world.advance(HOUR);
  const [{ runId } = { runId: '' }] = await world.state.sync.history('lane-1', { limit: 1 });
  const through = editedMeanwhile(at);
  const desk = world.desk({ stores: (store) => (store === world.b.store ? through(store) : store) });
  // The first look makes the plan, the second one is what is written on.
  at.read = 2;
  const report = await desk.undo('lane-1', { target: { runId }, mode: 'hold', preview: false });
  expect(at.read).toBeLessThan(1);
  expect(report.items).toMatchObject([{ outcome: 'skipped' }]);
  expect(await world.snapshot()).toMatchObject({ a: [{ city: 'From A' }], b: [NEW] });
});
