import { expect } from 'vitest';
import { links } from '../inspect.ts';
import { range, toCrm } from '../people.ts';
import type { Scenario } from '../scenario.ts';
import { contactOf, expectNoTwins, expectQuiet, recordOf } from './people-at-rest.ts';

/** Somebody else owns some records for a while: their pairs rest, and nobody loses a copy. */
export function anotherOwner(): Scenario {
  let other = '';
  return {
    name: 'AC-01 records change owner and come back: both copies stay, the pair rests, and edits wait for it',
    options: { records: 'own' },
    arrange(world) {
      const { crmUserId } = world.person();
      other = world.crm.admin.addUser({ username: 'other@crm.example', email: 'other@crm.example' });
      world.crm.admin.seedContacts(12, (n) => toCrm(n, { OwnerId: crmUserId }));
    },
    acts: [
      (world) => {
        for (const n of [2, 3, 4])
          world.crm.admin.updateContact(String(recordOf(world, n).Id), { OwnerId: other });
      },
      async (world) => {
        expect((await links(world)).filter((link) => link.status === 'out')).toHaveLength(3);
        expect([world.mailbox().length, world.contacts().length]).toEqual([12, 12]);
        world.crm.admin.updateContact(String(recordOf(world, 3).Id), { Title: 'Edited meanwhile' });
      },
      (world) => {
        expect(contactOf(world, 3).jobTitle ?? '').toBe('');
        const { crmUserId } = world.person();
        for (const n of [2, 3])
          world.crm.admin.updateContact(String(recordOf(world, n).Id), { OwnerId: crmUserId });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect([world.mailbox().length, world.contacts().length]).toEqual([12, 12]);
      expect(contactOf(world, 3).jobTitle).toBe('Edited meanwhile');
      const states = (await links(world)).map((link) => link.status).toSorted();
      expect(states).toEqual([...range(11).map(() => 'live'), 'out']);
      await expectQuiet(world);
    },
  };
}
