import { expect } from 'vitest';
import { links, reviews } from '../inspect.ts';
import { range, sample, toCrm, toOutlook } from '../people.ts';
import type { Scenario } from '../scenario.ts';
import { contactOf, expectLive, expectNoTwins, expectQuiet, recordOf } from './people-at-rest.ts';

export function poison(): Scenario {
  return {
    name: 'AC-20 one refused record: the others are in step, it is parked with its reason, and mending it is enough',
    arrange(world) {
      world.crm.admin.addValidationRule({
        object: 'Contact',
        message: 'Nobody may be called Poison',
        field: 'Title',
        failsWhen: (values) => values.Title === 'Poison',
      });
      world.graph.admin.seedContacts(
        world.person().mailboxId,
        range(30).map((n) => toOutlook(n, n === 13 || n === 14 ? { jobTitle: 'Poison' } : {})),
      );
    },
    acts: [
      (world) => {
        expect(world.contacts()).toHaveLength(28);
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
      expect(world.contacts()).toHaveLength(29);
      expect(recordOf(world, 13).Title).toBe('Harmless');
      expect(recordOf(world, 5).Title).toBe('Neighbour');
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
      expect(world.contacts()).toHaveLength(40);
      expect(world.contacts().map((contact) => contact.LastName)).not.toContain(sample(3).last);
      expect(recordOf(world, 4).Title).toBe('Seen');
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
        world.crm.admin.seedContacts(30, (n) => toCrm(100 * at + n, { OwnerId: crmUserId }));
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
      expect(world.contacts()).toHaveLength(60);
      await expectQuiet(world);
    },
  };
}

export function squeezed(): Scenario {
  const full = {
    Email2__c: 'two@people.example',
    Email3__c: 'three@people.example',
    Email4__c: 'four@people.example',
    OtherPhone: '(202) 555-8001',
    Phone3__c: '(202) 555-8002',
  };
  const long = 'x'.repeat(200);
  let id = '';
  return {
    name: 'AC-32 what one side cannot hold stays on the other: three addresses and two numbers are written',
    arrange(world) {
      world.crm.admin.addField('Contact', { name: 'Email4__c', type: 'email' });
      world.crm.admin.addField('Contact', { name: 'Phone3__c', type: 'phone' });
      id = world.crm.admin.createContact(toCrm(1, full));
      world.graph.admin.createContact(world.person().mailboxId, { ...toOutlook(2), jobTitle: long });
    },
    acts: [
      (world) => {
        world.graph.admin.updateContact(world.person().mailboxId, contactOf(world, 1).id, {
          jobTitle: 'New',
        });
      },
      (world) => {
        world.crm.admin.updateContact(id, { Email4__c: 'vier@people.example', AssistantName: 'Ada' });
        world.crm.admin.updateContact(String(recordOf(world, 2).Id), { AssistantName: 'Bob' });
      },
    ],
    async check(world) {
      expect(recordOf(world, 1)).toMatchObject({ ...full, Email4__c: 'vier@people.example', Title: 'New' });
      const contact = contactOf(world, 1);
      expect(contact.emailAddresses.map(({ address }) => address)).toEqual([
        sample(1).email,
        full.Email2__c,
        full.Email3__c,
      ]);
      expect(contact).toMatchObject({
        businessPhones: [sample(1).phone, full.OtherPhone],
        assistantName: 'Ada',
      });
      expect(contactOf(world, 2)).toMatchObject({ jobTitle: long, assistantName: 'Bob' });
      expect(long.startsWith(String(recordOf(world, 2).Title))).toBe(true);
      await expectQuiet(world);
    },
  };
}

export function unknownCompany(): Scenario {
  let account = '';
  return {
    name: 'AC-33 a company that matches no account is left as it is, and offered for review',
    arrange(world) {
      const { mailboxId } = world.person();
      account = world.crm.admin.createAccount({ Name: 'Known Ltd' });
      world.graph.admin.createContact(mailboxId, { ...toOutlook(1), companyName: 'Unheard of GmbH' });
      world.graph.admin.createContact(mailboxId, { ...toOutlook(2), companyName: 'Known Ltd' });
    },
    acts: [
      (world) => {
        world.crm.admin.updateContact(String(recordOf(world, 1).Id), { Title: 'Changed' });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(recordOf(world, 1)).toMatchObject({ AccountId: null, Title: 'Changed' });
      expect(recordOf(world, 2)).toMatchObject({ AccountId: account });
      expect(contactOf(world, 1)).toMatchObject({ companyName: 'Unheard of GmbH', jobTitle: 'Changed' });
      expect(contactOf(world, 2).companyName).toBe('Known Ltd');
      expect((await reviews(world)).filter((review) => review.kind === 'unresolved')).toHaveLength(1);
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
      world.crm.admin.seedContacts(25, (n) => toCrm(100 + n));
      for (const { faults } of [world.graph, world.crm]) {
        faults.inject({ skip: 1, times: 60, fault: { kind: 'named', name: 'endless-pages' } });
      }
    },
    acts: [
      (world) => {
        world.graph.admin.updateContact(world.person().mailboxId, contactOf(world, 4).id, {
          jobTitle: 'Seen',
        });
        world.crm.admin.updateContact(String(recordOf(world, 104).Id), { Title: 'Seen too' });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      await expectLive(world, 50);
      expect(recordOf(world, 4).Title).toBe('Seen');
      expect(contactOf(world, 104).jobTitle).toBe('Seen too');
      await expectQuiet(world);
    },
  };
}
