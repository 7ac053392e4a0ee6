import { REFERENCE_EVENTS } from '@tidelock/conformance';
import type { Fields, ReadResult, RecordStore, Review, StoreRecord } from '@tidelock/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMailLedger, createVeiledStore, DEFAULT_POLICY, type MailLedger } from '../src/index.ts';
import { notifying } from '../src/lane.ts';
import {
  createEventWorld,
  DAY_MS,
  EVENTS,
  type EventWorld,
  event,
  guests,
  laneId,
  START,
} from './event-world.ts';

// Mail of writes that look small, or that no plan of a pass names (0521).

let world: EventWorld;
afterEach(() => world?.close());

const mailbox = () => {
  const [one] = world.mailboxes;
  if (one === undefined) throw new Error('there is a mailbox');
  return one;
};
const two = guests('one@example.com', 'two@example.com');

/** A mailbox that says when a record was created; nobody has touched one since. */
function untouched(store: RecordStore): RecordStore {
  const dated = (record: StoreRecord): StoreRecord => ({ ...record, createdAt: START, modifiedAt: START });
  const read = (one: ReadResult): ReadResult =>
    one.state === 'found' ? { ...one, record: dated(one.record) } : one;
  return { ...store, read: async (ids, options) => (await store.read(ids, options)).map(read) };
}

describe('a create of ours that landed twice', () => {
  it.each([{ mail: 'hold' } as const, { mail: 'send', mailBudget: 1 } as const])(
    'is not called off under %o',
    async (policy) => {
      world = await createEventWorld(1, { through: (_, store) => untouched(store) });
      world.policy = { mail: 'send' };
      await world.sync();
      await world.crm.oracle.userCreate(event('Kick-off', 30, { guests: two }));
      await world.sync();
      const { rows } = mailbox().server;
      const [made] = [...rows.values()];
      if (made?.stamp == null) throw new Error('it was not made');
      const { stamp } = made;
      made.stamp = null;
      await mailbox().store.write([{ op: 'create', stamp, fresh: true, fields: made.fields }]);
      made.stamp = stamp;
      world.sent.length = 0;
      world.policy = policy;
      await world.sync();
      expect(world.sent).toEqual([]);
      expect(await world.all(mailbox())).toHaveLength(2);
      expect(
        (await world.state.sync.reviews(laneId(0), { open: true })).flatMap(({ reasons }) => reasons),
      ).toEqual([expect.stringContaining('deleting one of them would notify 2 people')]);
    },
  );
});

it('of a delete of something that was not read is mail to somebody', async () => {
  world = await createEventWorld();
  const caps = { a: REFERENCE_EVENTS, b: REFERENCE_EVENTS };
  const { audience } = notifying({ a: mailbox().store, b: mailbox().store }, caps);
  expect(audience.a?.({ op: 'delete', id: '1', version: 'v1' })).toHaveLength(1);
});

it('is let go by the answer to the question that shows it, and by no other one', async () => {
  world = await createEventWorld();
  world.policy = { mail: 'ask' };
  await mailbox().oracle.userCreate(event('Board', 30, { guests: two }));
  await world.sync();
  const [inCrm] = await world.all(world.crm);
  const ask = async (more: Fields): Promise<Review | undefined> => {
    await world.crm.oracle.userUpdate(inCrm?.id ?? '', more);
    await world.sync();
    const open = await world.state.sync.reviews(laneId(0), { open: true });
    return open.at(-1);
  };
  const questions = [
    await ask({ familyName: 'Board of 2026' }),
    await ask({ guests: guests('one@example.com', 'two@example.com', 'three@example.com') }),
  ];
  const answers: number[] = [];
  for (const question of questions) {
    if (question !== undefined) await world.desk().answer(question, 'retry');
    await world.sync();
    answers.push(world.sent.length);
  }
  expect(answers).toEqual([0, 3]);
});

describe('a veiled meeting', () => {
  /** Writes of something that has guests, whatever the veil says of it. */
  let told: string[];

  beforeEach(async () => {
    told = [];
    const watched = (store: RecordStore): RecordStore => ({
      ...store,
      write: (batch, options) => {
        for (const write of batch)
          if (write.op !== 'create' && mailbox().server.rows.get(write.id)?.fields.guests != null)
            told.push(write.op);
        return store.write(batch, options);
      },
    });
    world = await createEventWorld(1, {
      through: (_, store) => createVeiledStore(watched(store), { veils: 'all', mapping: EVENTS }),
      createWith: { familyName: 'Busy' },
    });
    await mailbox().oracle.userCreate(event('Board', 30, { guests: two }));
    await world.sync();
  });

  const settled = async (): Promise<readonly string[]> => {
    for (let day = 0; day < 2; day++) {
      await world.sync();
      world.advance(DAY_MS);
    }
    const open = await world.state.sync.reviews(laneId(0), { open: true });
    return open.flatMap(({ reasons }) => reasons);
  };

  it('is neither moved nor deleted from the CRM without its guests being counted', async () => {
    const [inCrm] = await world.all(world.crm);
    const { when = null } = event('', 31);
    await world.crm.oracle.userUpdate(inCrm?.id ?? '', { when });
    expect(await settled()).toEqual([
      expect.stringContaining('The change in the mailbox would notify 2 people'),
    ]);
    await world.crm.oracle.userDelete(inCrm?.id ?? '');
    expect(await settled()).toContainEqual(
      expect.stringContaining('Deleting it in the mailbox would notify 2 people'),
    );
    expect(told).toEqual([]);
  });
});

describe('an undo', () => {
  const undone = async (spentOf?: MailLedger) => {
    const [row] = await world.state.sync.history(laneId(0), { limit: 1 });
    const target = { runId: row?.runId ?? '' };
    return world.desk().undo(laneId(0), { target, mode: 'hold', preview: false, spentOf });
  };

  beforeEach(async () => {
    world = await createEventWorld();
    world.policy = { mail: 'send' };
    for (let n = 0; n < 10; n++) await world.crm.oracle.userCreate(event(`Alone ${n}`, 40 + n));
    await world.sync();
    for (let n = 0; n < 5; n++)
      await world.crm.oracle.userCreate(event(`Meeting ${n}`, 20 + n, { guests: two }));
    await world.sync();
    expect(world.sent).toHaveLength(10);
    world.sent.length = 0;
    world.policy = { mail: 'send', mailBudget: 5 };
  });

  it('notifies no more people than the budget of a run, and says so of the rest', async () => {
    const { held, items } = await undone();
    expect(held).toBeNull();
    expect(world.sent).toHaveLength(4);
    expect(items.filter(({ outcome }) => outcome === 'done')).toHaveLength(2);
    expect(items.filter(({ code }) => code === 'would-notify')).toHaveLength(3);
  });

  it('spends one budget in all mailboxes that it is carried out in', async () => {
    const spentOf = createMailLedger();
    spentOf({ spec: { id: laneId(0) }, policy: DEFAULT_POLICY } as Parameters<MailLedger>[0]).people = 3;
    await undone(spentOf);
    expect(world.sent).toHaveLength(2);
  });
});
