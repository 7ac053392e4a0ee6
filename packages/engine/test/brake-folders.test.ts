import type { Change, Fields, RecordStore, StoreRecord } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld;
afterEach(() => world.close());

const placed = (record: StoreRecord): StoreRecord => ({
  ...record,
  container: record.fields.notes === 'team' ? 'Team' : 'Contacts',
});
const placedChange = (change: Change): Change =>
  change.kind === 'changed' && change.record !== undefined
    ? { ...change, record: placed(change.record) }
    : change;

/** A mailbox with two folders: whoever has this note is in the smaller one. */
const withFolders = (store: RecordStore): RecordStore => ({
  ...store,
  changes: async (feed, cursor, options) => {
    const page = await store.changes(feed, cursor, options);
    return { ...page, changes: page.changes.map(placedChange) };
  },
  read: async (ids, options) =>
    (await store.read(ids, options)).map((read) =>
      read.state === 'found' ? { ...read, record: placed(read.record) } : read,
    ),
  write: async (batch, options) =>
    (await store.write(batch, options)).map((outcome) =>
      outcome.status === 'ok' && outcome.record !== undefined
        ? { ...outcome, record: placed(outcome.record) }
        : outcome,
    ),
});

const inTeam = (n: number): boolean => n % 8 === 0;

/** 240 pairs, 30 of them in the folder Team; half of all were made here, and half came from the CRM. */
async function setUp() {
  world = await createWorld({ throughA: withFolders });
  const extra = (n: number): Fields => (inTeam(n) ? { notes: 'team' } : {});
  for (let n = 0; n < 240; n++) await world[n % 16 < 8 ? 'a' : 'b'].oracle.userCreate(person(n, extra(n)));
  await world.engine.sync();
  expect(await world.a.oracle.all()).toHaveLength(240);
}

async function deleteFrom(side: 'a' | 'b', folder: 'Team' | 'Contacts', count: number) {
  const all = await world[side].oracle.all();
  const mine = all.filter(({ fields }) => (fields.notes === 'team') === (folder === 'Team'));
  for (const { id } of mine.slice(0, count)) await world[side].oracle.userDelete(id);
  world.advance(60_000);
  return (await world.engine.sync()).lanes[0];
}

describe('the brake and folders', () => {
  it.each(['a', 'b'] as const)(
    'holds what is much of one folder and little of all (gone on %s)',
    async (side) => {
      await setUp();
      const lane = await deleteFrom(side, 'Team', 11);
      expect(lane?.held).toMatchObject({ count: 11, side: side === 'a' ? 'b' : 'a' });
      expect(lane?.held?.reason).toContain(
        '11 deletes are more than 25 % of the 30 linked records of one folder',
      );
      expect(lane?.counts.deleted).toBe(0);
    },
  );

  it('lets as many go out of the large folder', async () => {
    await setUp();
    const lane = await deleteFrom('a', 'Contacts', 11);
    expect(lane?.held).toBeNull();
    expect(lane?.counts.deleted).toBe(11);
  });
});
