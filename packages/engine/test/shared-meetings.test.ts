import type { Change, Fields } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventWorld, DAY_MS, type EventWorld, event, LIKE_CRM, laneId, START } from './event-world.ts';

let world: EventWorld;
afterEach(() => world.close());
const mailbox = (index: number) => {
  const one = world.mailboxes[index];
  if (one === undefined) throw new Error(`there is no mailbox ${index}`);
  return one;
};
const inCrm = () => world.all(world.crm);
const linksOf = (index: number) =>
  world.state.sync.links(laneId(index), { by: 'page', after: '', limit: 100 });

/** As a calendar's feed tells it: what has changed, and nothing of it. */
function withoutContent(change: Change): Change {
  if (change.kind === 'removed') return change;
  const { record: _, ...told } = change;
  return told;
}

describe('one meeting in several mailboxes (AC-09)', () => {
  const meeting = (more: Fields = {}): Fields => event('Board', 30, { city: 'uid-board', ...more });

  it.each([
    ['the organizer first', [0, 1, 2]],
    ['the organizer last', [2, 1, 0]],
  ] as const)('is one event of the CRM, %s', async (_, order) => {
    world = await createEventWorld(3);
    for (const index of order) await mailbox(index).oracle.userCreate(meeting());
    await world.sync();
    expect(await inCrm()).toHaveLength(1);
    for (const index of order) expect(await linksOf(index)).toMatchObject([{ status: 'live' }]);
    const before = { ...world.written };
    await world.sync();
    expect(world.written).toEqual(before);
  });

  it('that a colleague is invited to later is linked, not created', async () => {
    world = await createEventWorld(2);
    await mailbox(0).oracle.userCreate(meeting());
    await world.sync();
    await mailbox(1).oracle.userCreate(meeting());
    await world.sync();
    expect(await inCrm()).toHaveLength(1);
    expect(await linksOf(1)).toMatchObject([{ status: 'live' }]);
  });

  it.each([
    ['that is there as well', [0, 1]],
    ['that is not there', [0]],
  ] as const)(
    '%s, and is told of by another process while the mailbox is read, is there once',
    async (_, holders) => {
      let asked = 0;
      let meanwhile: (() => Promise<void>) | null = null;
      world = await createEventWorld(2, {
        through: (_, store) => {
          const isSecond = asked++ % 2 === 1;
          return {
            ...store,
            changes: async (feed, cursor, options) => {
              const page = await store.changes(feed, cursor, options);
              const act = isSecond ? meanwhile : null;
              if (act !== null) meanwhile = null;
              await act?.();
              return page;
            },
          };
        },
      });
      await world.sync();
      const other = await world.engine();
      const slow = await world.engine();
      meanwhile = async () => {
        for (const index of holders) await mailbox(index).oracle.userCreate(meeting());
        await other.sync({ lanes: [laneId(0)] });
      };
      await slow.sync({ lanes: [laneId(1)] });
      expect(meanwhile).toBeNull();
      expect(await world.all(mailbox(1))).toHaveLength(1);
      await world.sync();
      expect(await inCrm()).toHaveLength(1);
      expect(await world.all(mailbox(1))).toHaveLength(1);
      expect(await linksOf(1)).toMatchObject([{ status: 'live' }]);
    },
  );

  it('whose copy cannot be read just then is not made there once more', async () => {
    let asked = 0;
    let isReadable = false;
    world = await createEventWorld(2, {
      through: (_, store) => {
        if (asked++ % 2 === 0) return store;
        return {
          ...store,
          changes: async (feed, cursor, options) => {
            const page = await store.changes(feed, cursor, options);
            return { ...page, changes: page.changes.map(withoutContent) };
          },
          read: async (ids, options) =>
            isReadable
              ? store.read(ids, options)
              : ids.map((id) => ({ state: 'failed', id, kind: 'protocol' })),
        };
      },
    });
    for (const index of [0, 1]) await mailbox(index).oracle.userCreate(meeting());
    await world.sync();
    expect(await world.all(mailbox(1))).toHaveLength(1);
    isReadable = true;
    await world.sync();
    expect(await inCrm()).toHaveLength(1);
    expect(await world.all(mailbox(1))).toHaveLength(1);
    expect(await linksOf(1)).toMatchObject([{ status: 'live' }]);
  });

  it('whose copy no feed has told of yet is not made there once more', async () => {
    let isTold = false;
    let asked = 0;
    world = await createEventWorld(2, {
      through: (_, store) => {
        if (asked++ % 2 === 0) return store;
        return {
          ...store,
          changes: async (feed, cursor, options) =>
            isTold ? store.changes(feed, cursor, options) : { changes: [], cursor: 'later', more: false },
        };
      },
    });
    for (const index of [0, 1]) await mailbox(index).oracle.userCreate(meeting());
    await world.sync();
    expect(await world.all(mailbox(1))).toHaveLength(1);
    expect(await linksOf(1)).toMatchObject([{ status: 'live' }]);
    isTold = true;
    await world.sync();
    expect(await inCrm()).toHaveLength(1);
    expect(await world.all(mailbox(1))).toHaveLength(1);
  });

  it('whose copy lies outside the dates that are looked at is its partner, and rests', async () => {
    world = await createEventWorld(2);
    world.window = { from: START, to: START + 100 * DAY_MS };
    await mailbox(0).oracle.userCreate(meeting());
    await mailbox(1).oracle.userCreate(event('Board', 200, { city: 'uid-board' }));
    await world.sync();
    expect(await inCrm()).toHaveLength(1);
    expect(await world.all(mailbox(1))).toHaveLength(1);
    expect(await linksOf(1)).toMatchObject([{ status: 'out', a: {}, b: {} }]);
  });

  it('of which a person said that it is none of its copies is made there', async () => {
    world = await createEventWorld(2);
    world.window = { from: START, to: START + 100 * DAY_MS };
    for (const day of [200, 201])
      await mailbox(1).oracle.userCreate(event('Board', day, { city: 'uid-board' }));
    await mailbox(0).oracle.userCreate(meeting());
    await world.sync();
    const [review] = await world.state.sync.reviews(laneId(1), { open: true });
    expect(review).toMatchObject({ aIds: [expect.any(String), expect.any(String)] });
    expect(await world.all(mailbox(1))).toHaveLength(2);
    if (review !== undefined) await world.desk().answer(review, 'separate');
    // It waits for the answer, and asks again after an hour.
    world.advance(3_600_000);
    await world.sync();
    expect(await world.all(mailbox(1))).toHaveLength(3);
  });
});

describe('a meeting whose CRM event somebody merged into another one', () => {
  async function mergeInto(city: string | null): Promise<void> {
    world = await createEventWorld(1, { crm: { ...LIKE_CRM, merges: true } });
    await mailbox(0).oracle.userCreate(event('Board', 30, { city: 'uid-board' }));
    await world.sync();
    const [made] = await inCrm();
    const winner = await world.crm.oracle.userCreate(event('Board, by hand', 30, { city }));
    await world.crm.oracle.userMerge?.(winner, made?.id ?? '');
    world.advance(600_000);
    await world.sync();
  }

  it('is known by its uid there as well', async () => {
    await mergeInto(null);
    expect(await inCrm()).toMatchObject([{ fields: { familyName: 'Board, by hand', city: 'uid-board' } }]);
    expect(await world.all(mailbox(0))).toMatchObject([{ fields: { familyName: 'Board, by hand' } }]);
  });

  it('takes from no other meeting what that is known by', async () => {
    await mergeInto('uid-other');
    expect(await inCrm()).toMatchObject([{ fields: { city: 'uid-other' } }]);
  });
});
