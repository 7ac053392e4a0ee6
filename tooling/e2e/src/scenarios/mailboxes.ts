import { expect } from 'vitest';
import { links, writes } from '../inspect.ts';
import { range, sample, toOutlook, toRecord } from '../people.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';
import { contactOf, expectLive, expectNoTwins, expectQuiet, recordOf } from './people-at-rest.ts';

const FIVE = ['ann', 'ben', 'cem', 'dag', 'eve'];
const SHARED = 4;

/** The same colleagues in each of five mailboxes, spelled a little differently, and somebody whom only one knows. */
export function sharedPeople(): Scenario {
  return {
    name: 'AC-09 five mailboxes hold the same people: one CRM contact each, whichever mailbox comes first',
    options: { mailboxes: FIVE },
    arrange(world) {
      FIVE.forEach((name, at) => {
        const contacts = range(SHARED).map((n) => toOutlook(n, at % 2 === 0 ? {} : { businessPhones: [] }));
        const order = at % 2 === 0 ? contacts : contacts.toReversed();
        world.graph.admin.seedContacts(world.person(name).mailboxId, [...order, toOutlook(100 + at)]);
      });
    },
    acts: [
      (world) => {
        world.graph.admin.updateContact(world.person('cem').mailboxId, contactOf(world, 1, 'cem').id, {
          jobTitle: 'Met in Cem',
        });
        world.crm.update(recordOf(world, 2).id, { jobTitle: 'Met in the CRM' });
        world.graph.admin.deleteContact(world.person('eve').mailboxId, contactOf(world, 104, 'eve').id);
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(world.records().map((contact) => contact.values.lastName)).toHaveLength(
        SHARED + FIVE.length - 1,
      );
      for (const name of FIVE) {
        expect(world.mailbox(name)).toHaveLength(SHARED + FIVE.length - 1);
        expect(contactOf(world, 1, name).jobTitle).toBe('Met in Cem');
        expect(contactOf(world, 2, name).jobTitle).toBe('Met in the CRM');
      }
      await expectQuiet(world);
    },
  };
}

/** Every edit of one mailbox reaches the other through the CRM, and comes back to nobody. */
export function echoOverTheCrm(): Scenario {
  return {
    name: 'AC-06 two mailboxes over one CRM: an edit travels to the other mailbox once, and nothing echoes',
    options: { mailboxes: ['ann', 'ben'] },
    arrange(world) {
      world.graph.admin.seedContacts(
        world.person('ann').mailboxId,
        range(8).map((n) => toOutlook(n)),
      );
      world.graph.admin.seedContacts(
        world.person('ben').mailboxId,
        range(8, 4).map((n) => toOutlook(n)),
      );
    },
    acts: [
      (world) => {
        world.graph.admin.updateContact(world.person('ann').mailboxId, contactOf(world, 5, 'ann').id, {
          jobTitle: 'From Ann',
          personalNotes: 'one\r\ntwo  \r\n',
        });
        world.graph.admin.updateContact(world.person('ben').mailboxId, contactOf(world, 6, 'ben').id, {
          businessPhones: ['202.555.7777'],
        });
        world.graph.admin.deleteContact(world.person('ben').mailboxId, contactOf(world, 11, 'ben').id);
      },
    ],
    async check(world) {
      expectNoTwins(world);
      for (const name of ['ann', 'ben']) {
        expect(world.mailbox(name)).toHaveLength(11);
        expect(contactOf(world, 5, name).jobTitle).toBe('From Ann');
        expect(contactOf(world, 6, name).businessPhones).toHaveLength(1);
      }
      expect(world.records()).toHaveLength(11);
      expect(recordOf(world, 5).values.jobTitle).toBe('From Ann');
      await expectQuiet(world);
    },
  };
}

/** Requests that name a contact of one mailbox under another mailbox's address. */
function watchForeignIds(world: World): () => readonly string[] {
  const owners = new Map<string, string>();
  const foreign: string[] = [];
  const learn = (): void => {
    for (const { mailboxId } of Object.values(world.stage.people)) {
      for (const { id, immutableId } of world.graph.oracle.contacts(mailboxId)) {
        owners.set(id, mailboxId);
        owners.set(immutableId, mailboxId);
      }
    }
  };
  world.graph.log.on(({ path, method }) => {
    learn();
    const [, user = '', id = ''] =
      /\/users\/([^/]+)\/contacts\/([^/?]+)/.exec(decodeURIComponent(path)) ?? [];
    const owner = owners.get(id);
    if (owner !== undefined && owner !== user) foreign.push(`${method} ${path}`);
  });
  return () => foreign;
}

export function foreignIds(): Scenario {
  let foreign: () => readonly string[] = () => [];
  return {
    name: "AC-10 each mailbox keeps its own id of a person; no request names another mailbox's",
    options: { mailboxes: ['ann', 'ben'] },
    arrange(world) {
      for (const name of ['ben', 'ann']) {
        world.graph.admin.seedContacts(
          world.person(name).mailboxId,
          range(6).map((n) => toOutlook(n)),
        );
      }
      foreign = watchForeignIds(world);
    },
    acts: [
      (world) => {
        world.crm.update(recordOf(world, 0).id, { jobTitle: 'For both' });
        world.crm.remove(recordOf(world, 1).id);
        world.graph.admin.updateContact(world.person('ben').mailboxId, contactOf(world, 2, 'ben').id, {
          jobTitle: 'From Ben',
        });
      },
    ],
    async check(world) {
      expect(foreign()).toEqual([]);
      expectNoTwins(world);
      const ids = await Promise.all(
        ['ann', 'ben'].map(async (name) => {
          const own = (await links(world, name)).filter((link) => link.status === 'live');
          const held = new Set(world.mailbox(name).map((contact) => contact.immutableId));
          expect(own.every((link) => held.has(link.a?.id ?? ''))).toBe(true);
          await expectLive(world, 5, name);
          expect(contactOf(world, 0, name).jobTitle).toBe('For both');
          expect(contactOf(world, 2, name).jobTitle).toBe('From Ben');
          return own.map((link) => link.b?.id).toSorted();
        }),
      );
      expect(ids[0]).toEqual(ids[1]);
      await expectQuiet(world);
    },
  };
}

/** Between two polls an item leaves the folder and comes back under another id of its own. */
export function awayAndBack(): Scenario {
  let before: ReturnType<typeof writes> = { mailbox: 0, crm: 0 };
  return {
    name: 'AC-31 moved to another folder and back between two polls: one pair, nothing written, edits go on',
    arrange(world) {
      world.graph.admin.seedContacts(
        world.person().mailboxId,
        range(12).map((n) => toOutlook(n)),
      );
    },
    acts: [
      (world) => {
        const { mailboxId } = world.person();
        const { admin, oracle } = world.graph;
        const home = oracle.folders(mailboxId).find((folder) => folder.isDefault)?.id ?? '';
        const away = admin.createFolder(mailboxId, 'Elsewhere').id;
        before = writes(world);
        for (const n of [3, 4]) {
          const moved = admin.moveContact(mailboxId, contactOf(world, n).id, away);
          world.later(1);
          admin.moveContact(mailboxId, moved.id, home);
        }
        const gone = admin.moveContact(mailboxId, contactOf(world, 5).id, away);
        world.later(1);
        admin.updateContact(mailboxId, gone.id, { jobTitle: 'Changed while away' });
        admin.moveContact(mailboxId, gone.id, home);
      },
      (world) => {
        const now = writes(world);
        expect(now.mailbox).toBe(before.mailbox);
        world.crm.update(recordOf(world, 3).id, { jobTitle: 'Still one pair' });
      },
    ],
    async check(world) {
      expectNoTwins(world);
      expect(world.mailbox()).toHaveLength(12);
      expect(world.records()).toHaveLength(12);
      expect(contactOf(world, 3).jobTitle).toBe('Still one pair');
      expect(recordOf(world, 5).values.jobTitle).toBe('Changed while away');
      await expectLive(world, 12);
      await expectQuiet(world);
    },
  };
}

const copies = (world: World, n: number) =>
  world.mailbox().filter((contact) => contact.surname === sample(n).last);

/** Outlook copies everything, our hidden stamp too. */
export function copied(): Scenario {
  let original = '';
  let copy = '';
  return {
    name: 'AC-12 a copy carries the stamp of its original: deleting the copy leaves the original alone',
    arrange(world) {
      world.crm.seed(12, (n) => toRecord(n));
    },
    acts: [
      (world) => {
        const { mailboxId } = world.person();
        // Before that a copy cannot be told from a repeated create of ours that landed late (R5 of the residual risks).
        world.later(1_440);
        original = contactOf(world, 3).id;
        const kept = contactOf(world, 4).id;
        copy = world.graph.admin.copyContact(mailboxId, original).id;
        const second = world.graph.admin.copyContact(mailboxId, kept).id;
        // The second copy becomes somebody else: an item of its own.
        world.graph.admin.updateContact(mailboxId, second, {
          ...toOutlook(40),
          jobTitle: 'Written over a copy',
        });
      },
      (world) => {
        expect(copies(world, 3).map((contact) => contact.id)).toContain(original);
        expect(copies(world, 3).map((contact) => contact.id)).toContain(copy);
        world.graph.admin.deleteContact(world.person().mailboxId, copy);
      },
      (world) => {
        expect(contactOf(world, 3).id).toBe(original);
        world.crm.update(recordOf(world, 3).id, { jobTitle: 'Still paired' });
      },
    ],
    async check(world) {
      expect(contactOf(world, 3)).toMatchObject({ id: original, jobTitle: 'Still paired' });
      expect(recordOf(world, 40).values.jobTitle).toBe('Written over a copy');
      expect(contactOf(world, 40).jobTitle).toBe('Written over a copy');
      expectNoTwins(world);
      expect(world.mailbox()).toHaveLength(13);
      expect(world.records()).toHaveLength(13);
      await expectQuiet(world);
    },
  };
}
