import { expect } from 'vitest';
import { links } from '../inspect.ts';
import { range, toRecord } from '../people.ts';
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
      other = world.crm.addUser({ email: 'other@crm.example', name: 'Other' });
      world.crm.seed(12, (n) => toRecord(n, { owner: crmUserId }));
    },
    acts: [
      (world) => {
        for (const n of [2, 3, 4]) world.crm.update(recordOf(world, n).id, { owner: other });
      },
      async (world) => {
        expect((await links(world)).filter((link) => link.status === 'out')).toHaveLength(3);
        expect([world.mailbox().length, world.records().length]).toEqual([12, 12]);
        world.crm.update(recordOf(world, 3).id, { jobTitle: 'Edited meanwhile' });
      },
      (world) => {
        expect(contactOf(world, 3).jobTitle ?? '').toBe('');
        const { crmUserId } = world.person();
        for (const n of [2, 3]) world.crm.update(recordOf(world, n).id, { owner: crmUserId });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect([world.mailbox().length, world.records().length]).toEqual([12, 12]);
      expect(contactOf(world, 3).jobTitle).toBe('Edited meanwhile');
      const states = (await links(world)).map((link) => link.status).toSorted();
      expect(states).toEqual([...range(11).map(() => 'live'), 'out']);
      await expectQuiet(world);
    },
  };
}
