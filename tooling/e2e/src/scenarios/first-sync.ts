import { expect } from 'vitest';
import { links, resetFeeds, reviews, writes } from '../inspect.ts';
import { range, sample, toOutlook, toRecord } from '../people.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';
import { contactOf, expectLive, expectNoTwins, expectQuiet, recordOf } from './people-at-rest.ts';

const seedMailbox = (world: World, numbers: readonly number[]): void => {
  world.graph.admin.seedContacts(
    world.person().mailboxId,
    numbers.map((n) => toOutlook(n)),
  );
};

export function firstSync(): Scenario {
  return {
    name: 'AC-04 a first sync: who is on both sides is linked, the rest created, doubtful pairs left to a person',
    arrange(world) {
      const { mailboxId } = world.person();
      // 40 on both sides, ten of them with another first address or a short name; 6 only here, 6 only there; 3 in doubt.
      const here = range(46).map((n) => {
        if (n < 5)
          return toOutlook(n, {
            emailAddresses: [{ address: `q${n}@else.example` }, { address: sample(n).email }],
          });
        return n < 10 ? toOutlook(n, { givenName: 'Bob' }) : toOutlook(n);
      });
      world.graph.admin.seedContacts(mailboxId, here);
      world.crm.seed(46, (at) => {
        const n = at < 40 ? at : at + 6;
        return n >= 5 && n < 10 ? toRecord(n, { firstName: 'Robert' }) : toRecord(n);
      });
      const doubtful = range(3, 900);
      world.graph.admin.seedContacts(
        mailboxId,
        doubtful.map((n) => toOutlook(n, { emailAddresses: [] })),
      );
      world.crm.seed(3, (at) => toRecord(900 + at, { email: null }));
    },
    async check(world) {
      expect(world.mailbox()).toHaveLength(55);
      expect(world.records()).toHaveLength(55);
      expectNoTwins(world);
      await expectLive(world, 52);
      expect((await reviews(world)).filter((review) => review.kind === 'match')).toHaveLength(3);
      await expectQuiet(world);
    },
  };
}

const pairsOf = async (world: World): Promise<string[]> =>
  (await links(world)).map((link) => `${link.status} ${link.a?.id} ${link.b?.id}`).toSorted();

export function reset(): Scenario {
  let before: readonly string[] = [];
  return {
    name: 'AC-05 two resets: no link is lost, nothing is created, what was deleted before is found',
    arrange(world) {
      seedMailbox(world, range(30));
      world.crm.seed(30, (n) => toRecord(30 + n));
    },
    acts: [
      async (world) => {
        before = await pairsOf(world);
        expect(before).toHaveLength(60);
        await resetFeeds(world);
      },
      async (world) => {
        expect(await pairsOf(world)).toEqual(before);
        world.graph.admin.deleteContact(world.person().mailboxId, contactOf(world, 2).id);
        world.crm.purge(recordOf(world, 35).id);
        world.graph.admin.expireDeltaTokens(world.person().mailboxId);
        await resetFeeds(world);
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(world.mailbox()).toHaveLength(58);
      expect(world.records()).toHaveLength(58);
      const live = (await pairsOf(world)).filter((pair) => pair.startsWith('live'));
      expect(live).toHaveLength(58);
      expect(before).toEqual(expect.arrayContaining(live));
      await expectQuiet(world);
    },
  };
}

export function normalised(): Scenario {
  return {
    name: 'AC-07 what one side writes differently is written once and then left alone',
    options: { graph: { churn: { share: 1, minMs: 2000, maxMs: 5000 } } },
    arrange(world) {
      world.crm.seed(12, (n) => toRecord(n, { notes: 'a\r\n b  \r\n\r\n', jobTitle: ' Head  of\tit ' }));
      world.graph.admin.createContact(world.person().mailboxId, {
        ...toOutlook(50),
        businessPhones: ['+1 202-555-0050'],
        personalNotes: 'one\r\ntwo\r\n\r\n',
        businessHomePage: 'https://people.example/',
        birthday: '1980-02-29',
      });
      world.crm.create(
        toRecord(50, { notes: 'one\ntwo', webPage: 'people.example', birthday: '1980-02-29' }),
      );
    },
    acts: [
      (world) => {
        world.graph.admin.updateContact(world.person().mailboxId, contactOf(world, 3).id, {
          personalNotes: 'x\r\ny\r\n',
          businessPhones: ['202.555.7777'],
        });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      await expectLive(world, 13);
      expect(String(recordOf(world, 3).values.businessPhone).replace(/\D/g, '')).toBe('2025557777');
      expect(recordOf(world, 50).values.notes).toBe('one\ntwo');
      const before = writes(world);
      await world.sync();
      expect(writes(world)).toEqual(before);
      await expectQuiet(world);
    },
  };
}

export function lostAnswers(): Scenario {
  return {
    name: 'AC-08 creates on both sides: one record each, whatever became of the answers',
    arrange(world) {
      seedMailbox(world, range(25));
      world.crm.seed(25, (n) => toRecord(100 + n));
    },
    acts: [
      (world) => {
        seedMailbox(world, range(5, 200));
        world.crm.seed(5, (n) => toRecord(300 + n));
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(world.mailbox()).toHaveLength(60);
      expect(world.records()).toHaveLength(60);
      await expectLive(world, 60);
      await expectQuiet(world);
    },
  };
}

export function ownContacts(): Scenario {
  let mine: () => unknown = () => null;
  let before: unknown = null;
  let ids: readonly string[] = [];
  return {
    name: "AC-37 the user's own contacts are never touched when a directory is pushed into the main folder",
    options: { sync: { create: { crm: false } } },
    arrange(world) {
      const { mailboxId } = world.person();
      const own = world.graph.admin.seedContacts(
        mailboxId,
        range(15).map((n) => toOutlook(n, { personalNotes: 'mine', categories: ['Family'] })),
      );
      own.push(
        world.graph.admin.createContact(
          mailboxId,
          toOutlook(100, { emailAddresses: [{ address: 'x@own.example' }], businessPhones: [] }),
        ),
      );
      mine = () => own.map((ref) => world.graph.oracle.contact(mailboxId, ref.id));
      before = mine();
      ids = world.crm.seed(30, (n) => toRecord(100 + n));
    },
    acts: [
      (world) => {
        for (const id of ids.slice(1, 6)) world.crm.update(id, { jobTitle: 'Director' });
        for (const id of ids.slice(27)) world.crm.remove(id);
      },
      resetFeeds,
    ],
    async check(world) {
      expect(mine()).toEqual(before);
      expect(world.records()).toHaveLength(27);
      expect(world.mailbox()).toHaveLength(16 + 27);
      expect(contactOf(world, 103).jobTitle).toBe('Director');
      await expectQuiet(world);
    },
  };
}
