import { expect } from 'vitest';
import { history, lane, links, resetFeeds, reviews, writes } from '../inspect.ts';
import { range, sample, toOutlook, toRecord } from '../people.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';
import { contactOf, expectLive, expectNoTwins, expectQuiet, recordOf } from './people-at-rest.ts';

const seedMailbox = (count: number) => (world: World) => {
  world.graph.admin.seedContacts(
    world.person().mailboxId,
    range(count).map((n) => toOutlook(n)),
  );
};

const wipe = (world: World): void => {
  for (const contact of world.mailbox())
    world.graph.admin.deleteContact(world.person().mailboxId, contact.id);
};

const deleteContact = (n: number) => (world: World) => {
  world.graph.admin.deleteContact(world.person().mailboxId, contactOf(world, n).id);
};

export function emptied(): Scenario {
  return {
    name: 'AC-11 a mailbox that was emptied deletes nothing: the brake holds and asks',
    arrange: seedMailbox(30),
    acts: [wipe],
    async check(world) {
      expect(world.records()).toHaveLength(30);
      expect((await lane(world)).held).toMatchObject({ side: 'b', count: 30 });
      await expectQuiet(world);
    },
  };
}

export function withoutMailbox(): Scenario {
  return {
    name: 'AC-11 a mailbox that is gone for a while deletes nothing, and everything is in step when it is back',
    arrange: seedMailbox(20),
    acts: [
      async (world) => {
        const { mailboxId } = world.person();
        const before = writes(world);
        for (const state of ['none', 'moving'] as const) {
          world.graph.admin.setMailboxState(mailboxId, state);
          await resetFeeds(world);
          for (let pass = 0; pass < 2; pass++) {
            await world.round();
            world.later(70);
          }
        }
        expect(writes(world)).toEqual(before);
        world.graph.admin.setMailboxState(mailboxId, 'normal');
      },
    ],
    async check(world) {
      await expectLive(world, 20);
      expect(world.records()).toHaveLength(20);
      expect(world.mailbox()).toHaveLength(20);
      await expectQuiet(world);
    },
  };
}

export function keep(): Scenario {
  return {
    name: 'AC-13 "keep" is remembered: both stay apart, nothing is asked again, nothing comes back',
    arrange: seedMailbox(15),
    acts: [
      wipe,
      async (world) => {
        const { id, held } = await lane(world);
        expect(held?.count).toBe(15);
        await world.engine().decideHeld(id, held?.hash ?? '', 'keep');
      },
      resetFeeds,
    ],
    async check(world) {
      expect((await lane(world)).held).toBeNull();
      expect((await reviews(world)).filter((review) => review.kind === 'delete')).toEqual([]);
      expect((await links(world)).map((link) => link.status)).toEqual(range(15).map(() => 'detached'));
      expect(world.records()).toHaveLength(15);
      expect(world.mailbox()).toHaveLength(0);
      await expectQuiet(world);
    },
  };
}

export function deleted(): Scenario {
  return {
    name: 'AC-14 under the policy "delete" a deleted contact is deleted on the other side, and does not come back',
    arrange: seedMailbox(15),
    acts: [
      (world) => {
        deleteContact(0)(world);
        world.crm.remove(recordOf(world, 1).id);
      },
      resetFeeds,
    ],
    async check(world) {
      for (const last of [sample(0).last, sample(1).last]) {
        expect(world.mailbox().map((contact) => contact.surname)).not.toContain(last);
        expect(world.records().map((contact) => contact.values.lastName)).not.toContain(last);
      }
      await expectLive(world, 13);
      await expectQuiet(world);
    },
  };
}

export function unlinked(): Scenario {
  return {
    name: 'AC-14 under the policy "unlink" the CRM record stays, and never brings the contact back',
    options: { sync: { onDelete: { mailbox: 'unlink', crm: 'unlink' } } },
    arrange: seedMailbox(15),
    acts: [
      deleteContact(0),
      (world) => {
        world.crm.update(recordOf(world, 0).id, { jobTitle: 'Edited after' });
      },
      resetFeeds,
    ],
    async check(world) {
      expect(world.mailbox()).toHaveLength(14);
      expect(world.records()).toHaveLength(15);
      expect(recordOf(world, 0).values.jobTitle).toBe('Edited after');
      await expectQuiet(world);
    },
  };
}

export function editBeatsDelete(): Scenario {
  return {
    name: 'AC-15 delete against edit keeps the edit on both sides, and records the conflict',
    arrange: seedMailbox(15),
    acts: [
      (world) => {
        world.crm.update(recordOf(world, 0).id, { birthday: '1980-02-29' });
        deleteContact(0)(world);
      },
    ],
    async check(world) {
      expectNoTwins(world);
      await expectLive(world, 15);
      expect(contactOf(world, 0).birthday?.slice(0, 10)).toBe('1980-02-29');
      expect(recordOf(world, 0).values.birthday).toBe('1980-02-29');
      expect((await history(world)).filter((row) => row.op === 'conflict')).toMatchObject([
        { side: 'a', rule: 'edit-beats-delete' },
      ]);
      await expectQuiet(world);
    },
  };
}

/** Moved out of the folder, hidden from us, or merged: none of it is a deletion. */
export function onlyLooksDeleted(): Scenario {
  let ids: readonly string[] = [];
  let elsewhere = '';
  return {
    name: 'AC-21 what left the folder, is no longer shared, or was merged deletes nothing',
    arrange(world) {
      seedMailbox(10)(world);
      ids = world.crm.seed(10, (n) => toRecord(50 + n));
    },
    acts: [
      (world) => {
        const { mailboxId } = world.person();
        elsewhere = world.graph.admin.createFolder(mailboxId, 'Elsewhere').id;
        world.graph.admin.moveContact(mailboxId, contactOf(world, 1).id, elsewhere);
        if (world.crm.traits.sharing) world.crm.setShared(ids[3] ?? '', false);
        world.crm.merge(ids[5] ?? '', ids[6] ?? '');
      },
      resetFeeds,
      (world) => {
        expect(world.mailbox()).toHaveLength(20);
        if (world.crm.traits.sharing) world.crm.setShared(ids[3] ?? '', true);
      },
      resetFeeds,
    ],
    async check(world) {
      expect(world.mailbox()).toHaveLength(20);
      expect(world.records()).toHaveLength(19);
      // A merge whose result has an id of its own leaves the trace of a record that was met twice.
      const statuses = (await links(world)).map((link) => link.status);
      const states = statuses.filter((status) => status !== 'tomb').toSorted();
      expect(states).toEqual([...range(18).map(() => 'live'), 'merged', 'out']);
      await expectQuiet(world);
    },
  };
}
