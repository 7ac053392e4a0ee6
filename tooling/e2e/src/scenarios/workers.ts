import { expect } from 'vitest';
import { lane } from '../inspect.ts';
import { range, sample, toOutlook, toRecord } from '../people.ts';
import type { Scenario } from '../scenario.ts';
import { type Death, KILLED } from '../world.ts';
import { contactOf, expectLive, expectNoTwins, expectQuiet, recordOf } from './people-at-rest.ts';

/** A mailbox of somebody who cannot be reached for an hour must not hold up anybody, nor be forgotten. */
export function outage(): Scenario {
  const lag: number[] = [];
  return {
    name: 'AC-30 a mailbox in trouble for an hour: the other one goes on, and it catches up by itself',
    options: { mailboxes: ['ann', 'ben'], records: 'own' },
    arrange(world) {
      for (const [at, name] of ['ann', 'ben'].entries()) {
        const { crmUserId, mailboxId } = world.person(name);
        world.crm.seed(6, (n) => toRecord(100 * at + n, { owner: crmUserId }));
        world.graph.admin.seedContacts(
          mailboxId,
          range(3, 100 * at + 50).map((n) => toOutlook(n)),
        );
      }
    },
    acts: [
      async (world) => {
        const { mailboxId } = world.person('ann');
        world.graph.admin.setMailboxState(mailboxId, 'stale');
        world.crm.update(recordOf(world, 1).id, { jobTitle: 'Waits for Ann' });
        world.crm.update(recordOf(world, 101).id, { jobTitle: 'Goes to Ben' });
        for (let pass = 0; pass < 6; pass++) {
          await world.round();
          const rows = await world.platform().status();
          const row = (name: string) => rows.find((one) => one.label.startsWith(name));
          expect(row('ann')).toMatchObject({ errorKind: 'unavailable', errorCount: pass + 1 });
          expect(row('ben')).toMatchObject({ errorKind: null, errorCount: 0 });
          // The last success stands still while the trouble lasts, and the lag grows.
          lag.push(Number(row('ann')?.lagMs));
          world.later(10);
        }
        expect(lag).toEqual(lag.toSorted((x, y) => x - y));
        expect(Number(lag.at(-1)) - Number(lag[0])).toBeGreaterThanOrEqual(50 * 60_000);
        expect(contactOf(world, 101, 'ben').jobTitle).toBe('Goes to Ben');
        expect(contactOf(world, 1, 'ann').jobTitle ?? '').toBe('');
        world.graph.admin.setMailboxState(mailboxId, 'normal');
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(world.records()).toHaveLength(18);
      expect(contactOf(world, 1, 'ann').jobTitle).toBe('Waits for Ann');
      for (const name of ['ann', 'ben']) await expectLive(world, 9, name);
      await expectQuiet(world);
    },
  };
}

/** Before and after what matters: the journal, the write, the outcome, the cursor. */
const DEATHS: readonly Death[] = [
  { steps: 3 },
  { method: 'commitObservations', steps: 0 },
  { method: 'commitObservations', steps: 1 },
  { method: 'openIntents', steps: 0 },
  { method: 'openIntents', steps: 1 },
  { method: 'write', steps: 0 },
  { method: 'write', steps: 1 },
  { method: 'write', steps: 1 },
  { method: 'commitLane', steps: 1 },
];

export function killedWorker(): Scenario {
  return {
    name: 'AC-30 a worker that is killed in the middle: its lease ends, and the next one finishes the work',
    arrange(world) {
      world.graph.admin.seedContacts(
        world.person().mailboxId,
        range(25).map((n) => toOutlook(n)),
      );
      world.crm.seed(25, (n) => toRecord(100 + n));
    },
    acts: [
      async (world) => {
        for (const [n, death] of DEATHS.entries()) {
          const { mailboxId } = world.person();
          const contact = world.mailbox().find(({ surname }) => surname === sample(n).last);
          world.graph.admin.updateContact(mailboxId, contact?.id ?? '', { jobTitle: `Edit ${n}` });
          if (n % 2 === 0) world.graph.admin.createContact(mailboxId, toOutlook(200 + n));
          else world.crm.create(toRecord(200 + n));
          world.killAt(death);
          await expect(world.sync(), JSON.stringify(death)).rejects.toThrow(KILLED);
          await world.restart();
        }
      },
    ],
    async check(world) {
      expectNoTwins(world);
      for (const n of DEATHS.keys()) expect(recordOf(world, n).values.jobTitle).toBe(`Edit ${n}`);
      await expectLive(world, 50 + DEATHS.length);
      const people = 50 + DEATHS.length;
      expect([world.mailbox().length, world.records().length]).toEqual([people, people]);
      expect(await lane(world)).toMatchObject({ errorKind: null, leaseOwner: null });
      await expectQuiet(world);
    },
  };
}
