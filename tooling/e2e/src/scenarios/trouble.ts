import { expect } from 'vitest';
import { links, reviews } from '../inspect.ts';
import { range, sample, toOutlook, toRecord } from '../people.ts';
import type { Scenario } from '../scenario.ts';
import { contactOf, expectLive, expectNoTwins, expectQuiet, recordOf } from './people-at-rest.ts';

export function poison(): Scenario {
  return {
    name: 'AC-20 one refused record: the others are in step, it is parked with its reason, and mending it is enough',
    arrange(world) {
      world.crm.refuseJobTitle('Poison');
      world.graph.admin.seedContacts(
        world.person().mailboxId,
        range(30).map((n) => toOutlook(n, n === 13 || n === 14 ? { jobTitle: 'Poison' } : {})),
      );
    },
    acts: [
      (world) => {
        expect(world.records()).toHaveLength(28);
        world.graph.admin.updateContact(world.person().mailboxId, contactOf(world, 13).id, {
          jobTitle: 'Harmless',
        });
        world.graph.admin.updateContact(world.person().mailboxId, contactOf(world, 5).id, {
          jobTitle: 'Neighbour',
        });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(world.records()).toHaveLength(29);
      expect(recordOf(world, 13).values.jobTitle).toBe('Harmless');
      expect(recordOf(world, 5).values.jobTitle).toBe('Neighbour');
      const parked = (await reviews(world)).filter((review) => review.kind === 'parked');
      expect(parked).toHaveLength(1);
      expect(parked[0]?.reasons.join(' ')).toMatch(/validation/i);
      expect((await links(world)).filter((link) => link.quarantine !== null)).toHaveLength(1);
      await expectQuiet(world);
    },
  };
}

export function lostTokens(): Scenario {
  return {
    name: 'AC-26 change tokens that are lost, also in the middle of paging: nothing doubled, deletes found',
    options: { exchange: { pageSize: 10 } },
    arrange(world) {
      world.graph.admin.seedContacts(
        world.person().mailboxId,
        range(40).map((n) => toOutlook(n)),
      );
      for (const skip of [2, 3]) {
        world.graph.faults.inject({ skip, fault: { kind: 'named', name: 'expired-delta-token' } });
      }
    },
    acts: [
      (world) => {
        const { mailboxId } = world.person();
        world.graph.admin.expireDeltaTokens(mailboxId);
        world.graph.admin.deleteContact(mailboxId, contactOf(world, 3).id);
        world.graph.admin.updateContact(mailboxId, contactOf(world, 4).id, { jobTitle: 'Seen' });
        world.graph.admin.createContact(mailboxId, toOutlook(90));
        world.graph.faults.inject({ skip: 2, fault: { kind: 'named', name: 'expired-delta-token' } });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(world.mailbox()).toHaveLength(40);
      expect(world.records()).toHaveLength(40);
      expect(world.records().map((contact) => contact.values.lastName)).not.toContain(sample(3).last);
      expect(recordOf(world, 4).values.jobTitle).toBe('Seen');
      await expectLive(world, 40);
      await expectQuiet(world);
    },
  };
}

export function throttled(): Scenario {
  return {
    name: 'AC-28 throttled for two minutes, also inside a batch: every part is accounted for',
    options: { mailboxes: ['ann', 'ben'], records: 'own' },
    arrange(world) {
      for (const [at, name] of ['ann', 'ben'].entries()) {
        const { crmUserId } = world.person(name);
        world.crm.seed(30, (n) => toRecord(100 * at + n, { owner: crmUserId }));
      }
      const error = {
        code: 'ApplicationThrottled',
        message: 'Application is over its MailboxConcurrency limit.',
      };
      const fault = {
        kind: 'status',
        status: 429,
        headers: { 'Retry-After': '120' },
        body: { error },
      } as const;
      world.graph.faults.inject({
        match: { method: 'POST', path: /\/contacts(\?|$)/ },
        skip: 7,
        times: 5,
        fault,
      });
    },
    async check(world) {
      expectNoTwins(world);
      for (const name of ['ann', 'ben']) {
        expect(world.mailbox(name)).toHaveLength(30);
        await expectLive(world, 30, name);
      }
      expect(world.records()).toHaveLength(60);
      await expectQuiet(world);
    },
  };
}

export function squeezed(): Scenario {
  const full = {
    email2: 'two@people.example',
    email3: 'three@people.example',
    businessPhone2: '(202) 555-8001',
  };
  const long = 'x'.repeat(200);
  let id = '';
  let [fourth, third] = ['', ''];
  return {
    name: 'AC-32 what one side cannot hold stays on the other: three addresses and two numbers are written',
    arrange(world) {
      fourth = world.crm.addProperty('email4', 'email');
      third = world.crm.addProperty('phone3', 'phone');
      const more = { [fourth]: 'four@people.example', [third]: '(202) 555-8002' };
      id = world.crm.create(toRecord(1, { ...full, ...more }));
      world.graph.admin.createContact(world.person().mailboxId, { ...toOutlook(2), jobTitle: long });
    },
    acts: [
      (world) => {
        world.graph.admin.updateContact(world.person().mailboxId, contactOf(world, 1).id, {
          jobTitle: 'New',
        });
      },
      (world) => {
        world.crm.update(id, { [fourth]: 'vier@people.example', assistant: 'Ada' });
        world.crm.update(recordOf(world, 2).id, { assistant: 'Bob' });
      },
    ],
    async check(world) {
      expect(recordOf(world, 1).values).toMatchObject({
        ...full,
        [fourth]: 'vier@people.example',
        [third]: '(202) 555-8002',
        jobTitle: 'New',
      });
      const contact = contactOf(world, 1);
      expect(contact.emailAddresses.map(({ address }) => address)).toEqual([
        sample(1).email,
        full.email2,
        full.email3,
      ]);
      expect(contact).toMatchObject({
        businessPhones: [sample(1).phone, full.businessPhone2],
        assistantName: 'Ada',
      });
      expect(contactOf(world, 2)).toMatchObject({ jobTitle: long, assistantName: 'Bob' });
      const held = recordOf(world, 2).values.jobTitle ?? '';
      expect([held.length > 0, long.startsWith(held)]).toEqual([true, true]);
      await expectQuiet(world);
    },
  };
}

/** Where companies are texts, nothing has to match: the name flows, and nobody is asked. */
export function unknownCompany(): Scenario {
  return {
    name: 'AC-33 a company that matches no account is left as it is, and offered for review',
    arrange(world) {
      const { mailboxId } = world.person();
      world.crm.addCompany('Known Ltd');
      world.graph.admin.createContact(mailboxId, { ...toOutlook(1), companyName: 'Unheard of GmbH' });
      world.graph.admin.createContact(mailboxId, { ...toOutlook(2), companyName: 'Known Ltd' });
    },
    acts: [
      (world) => {
        world.crm.update(recordOf(world, 1).id, { jobTitle: 'Changed' });
      },
    ],
    async check(world) {
      const { companyRecords } = world.crm.traits;
      expectNoTwins(world);
      expect(recordOf(world, 1).values.jobTitle).toBe('Changed');
      expect(recordOf(world, 1).values.company).toBe(companyRecords ? undefined : 'Unheard of GmbH');
      expect(recordOf(world, 2).values.company).toBe('Known Ltd');
      expect(contactOf(world, 1)).toMatchObject({ companyName: 'Unheard of GmbH', jobTitle: 'Changed' });
      expect(contactOf(world, 2).companyName).toBe('Known Ltd');
      const asked = (await reviews(world)).filter((review) => review.kind === 'unresolved');
      expect(asked).toHaveLength(companyRecords ? 1 : 0);
      await expectQuiet(world);
    },
  };
}

export function endlessPages(): Scenario {
  return {
    name: 'AC-41 pages that never end, on either side, end the pass and not the sync',
    options: { exchange: { pageSize: 10 } },
    arrange(world) {
      world.graph.admin.seedContacts(
        world.person().mailboxId,
        range(25).map((n) => toOutlook(n)),
      );
      world.crm.seed(25, (n) => toRecord(100 + n));
      for (const { faults } of [world.graph, world.crm]) {
        faults.inject({ skip: 1, times: 60, fault: { kind: 'named', name: 'endless-pages' } });
      }
    },
    acts: [
      (world) => {
        world.graph.admin.updateContact(world.person().mailboxId, contactOf(world, 4).id, {
          jobTitle: 'Seen',
        });
        world.crm.update(recordOf(world, 104).id, { jobTitle: 'Seen too' });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      await expectLive(world, 50);
      expect(recordOf(world, 4).values.jobTitle).toBe('Seen');
      expect(contactOf(world, 104).jobTitle).toBe('Seen too');
      await expectQuiet(world);
    },
  };
}
