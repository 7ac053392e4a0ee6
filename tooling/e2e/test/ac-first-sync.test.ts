import { describe, expect, it } from 'vitest';
import { isQuiet, links, picture, resetFeeds, reviews, writes } from '../src/inspect.ts';
import { range, sample, toCrm, toOutlook } from '../src/people.ts';
import { createWorld } from '../src/world.ts';

const emailsOf = (contact: { readonly emailAddresses: readonly { readonly address: string }[] }): string[] =>
  contact.emailAddresses.map((email) => email.address);

describe('first contact', () => {
  it('AC-04 480 of 500 are the same people, some under another address or a nickname: linked, not doubled', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    const second = (n: number): string => `private${n}@people.example`;
    world.graph.admin.seedContacts(
      mailboxId,
      range(500).map((n) => {
        // 30 whose first address on this side is one that the CRM does not have.
        if (n < 30)
          return toOutlook(n, { emailAddresses: [{ address: second(n) }, { address: sample(n).email }] });
        // 30 whom this side calls by a nickname.
        if (n < 60) return toOutlook(n, { givenName: 'Bob' });
        return toOutlook(n);
      }),
    );
    world.salesforce.admin.seedContacts(500, (index) => {
      const n = index < 480 ? index : index + 20;
      return n >= 30 && n < 60 ? toCrm(n, { FirstName: 'Robert' }) : toCrm(n);
    });
    // Pairs that a person must decide about: the same name and number, no address that tells.
    world.graph.admin.seedContacts(
      mailboxId,
      range(5, 900).map((n) => toOutlook(n, { emailAddresses: [] })),
    );
    world.salesforce.admin.seedContacts(5, (index) => toCrm(900 + index, { Email: null }));

    const report = await world.sync();
    expect(report.settled).toBe(true);
    const [counts] = report.lanes.map((lane) => lane.counts);
    expect(counts).toMatchObject({ linked: 480, created: 40, deleted: 0 });
    expect(world.mailbox()).toHaveLength(500 + 20 + 5);
    expect(world.contacts()).toHaveLength(500 + 20 + 5);

    const addresses = new Set(world.mailbox().flatMap(emailsOf));
    for (const n of range(520)) expect(addresses).toContain(sample(n).email);
    const lastNames = world.contacts().map((contact) => String(contact.LastName));
    expect(new Set(lastNames).size).toBe(lastNames.length);

    const doubtful = (await reviews(world)).filter((review) => review.kind === 'match');
    expect(doubtful).toHaveLength(5);
    for (const review of doubtful) {
      expect(review.score).toBeGreaterThanOrEqual(50);
      expect(review.score).toBeLessThan(75);
      expect(review.reasons).toContain('a phone number in common');
    }
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-05 a reset drops cursors, never links: 0 creates, and a second reset changes nothing', async () => {
    await using world = await createWorld();
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      range(500).map((n) => toOutlook(n)),
    );
    world.salesforce.admin.seedContacts(500, (index) => toCrm(500 + index));
    await world.sync();
    const linked = (await links(world)).map((link) => `${link.a?.id} ${link.b?.id}`);
    expect(linked).toHaveLength(1000);
    world.later();
    const before = { picture: picture(world), writes: writes(world) };
    for (let reset = 1; reset <= 2; reset++) {
      await resetFeeds(world);
      const report = await world.sync();
      expect(report.lanes.map((lane) => lane.counts)).toMatchObject([
        { created: 0, updated: 0, deleted: 0, linked: 0 },
      ]);
      expect({ picture: picture(world), writes: writes(world) }).toEqual(before);
      expect((await links(world)).map((link) => `${link.a?.id} ${link.b?.id}`).toSorted()).toEqual(
        linked.toSorted(),
      );
    }
  });

  it('AC-05 another mapping and another policy relink nothing and create nothing', async () => {
    await using world = await createWorld({ stateFile: 'tidelock.db' });
    world.salesforce.admin.seedContacts(50, (index) => toCrm(index));
    await world.sync();
    world.later();
    const before = { picture: picture(world), writes: writes(world) };
    world.stage.writeConfig({
      ...world.stage.config,
      sync: { ...world.stage.config.sync, master: 'mailbox', onDelete: { mailbox: 'unlink', crm: 'unlink' } },
      mappingExtra: [{ field: 'jobTitle', mailbox: 'jobTitle', crm: 'Title', direction: 'mailbox>crm' }],
    });
    await world.restart();
    const report = await world.sync();
    expect(report.lanes.map((lane) => lane.counts)).toMatchObject([{ created: 0, deleted: 0, linked: 0 }]);
    expect({ picture: picture(world), writes: writes(world) }).toEqual(before);
  });

  it("AC-37 the user's own contacts are never touched when a directory is pushed into the main folder", async () => {
    await using world = await createWorld({ sync: { create: { crm: false } } });
    const { mailboxId } = world.person();
    const own = world.graph.admin.seedContacts(
      mailboxId,
      range(40).map((n) => toOutlook(n, { personalNotes: 'mine', categories: ['Family'] })),
    );
    // One bears the name of somebody in the directory, and is somebody else.
    own.push(
      world.graph.admin.createContact(
        mailboxId,
        toOutlook(100, { emailAddresses: [{ address: 'x@own.example' }], businessPhones: [] }),
      ),
    );
    const crmIds = world.salesforce.admin.seedContacts(60, (index) => toCrm(100 + index));
    const mine = () => own.map((ref) => world.graph.oracle.contact(mailboxId, ref.id));
    const before = mine();
    await world.sync();
    expect(world.mailbox()).toHaveLength(41 + 60);
    expect(world.contacts()).toHaveLength(60);
    // The directory changes and shrinks: only what was linked follows.
    world.later();
    for (const id of crmIds.slice(0, 10)) world.salesforce.admin.updateContact(id, { Title: 'Director' });
    for (const id of crmIds.slice(55)) world.salesforce.admin.deleteContact(id);
    await world.sync();
    expect(world.mailbox()).toHaveLength(41 + 55);
    await resetFeeds(world);
    await world.sync();
    expect(mine()).toEqual(before);
    expect(world.contacts()).toHaveLength(55);
  });
});
