import { describe, expect, it } from 'vitest';
import { isQuiet, links, reviews, writes } from '../src/inspect.ts';
import { sample, toCrm, toOutlook } from '../src/people.ts';
import { createWorld, type World } from '../src/world.ts';

/** Somebody who answers in `tidelock review`. */
async function decide(world: World, kind: string, decision: string): Promise<void> {
  const [review] = (await reviews(world)).filter((one) => one.kind === kind);
  if (review === undefined) throw new Error(`no ${kind} is asked about`);
  await world.platform().answer(review, decision);
  world.later();
}

describe('a value that both sides re-format for each other', () => {
  it('AC-07 is written to and fro four times, then held and asked about, and an answer ends it', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    const { admin, oracle } = world.salesforce;
    const id = admin.createContact(toCrm(1, { Title: 'Sales Rep' }));
    await world.sync();
    world.later();
    const us = oracle.users().find(({ Username }) => String(Username).startsWith('tidelock'));
    const first = writes(world);
    // An add-in writes "Rep, Sales" in the mailbox; a flow that runs as our own user writes "Sales Rep" in the CRM.
    const reformat = (): void => {
      const [contact] = world.mailbox();
      if (contact?.jobTitle === 'Sales Rep')
        world.graph.admin.updateContact(mailboxId, contact.id, { jobTitle: 'Rep, Sales' });
      if (oracle.contact(id)?.Title === 'Rep, Sales')
        admin.updateContact(id, { Title: 'Sales Rep' }, String(us?.Id));
    };
    for (let pass = 0; pass < 12; pass++) {
      reformat();
      await world.round();
      world.later(5);
    }
    const now = writes(world);
    expect(now.mailbox + now.crm - first.mailbox - first.crm).toBeLessThanOrEqual(5);
    const asked = (await reviews(world)).filter((review) => review.kind === 'conflict');
    expect(asked.map(({ reasons }) => reasons[0])).toEqual([expect.stringContaining('went to and fro')]);
    expect((await links(world))[0]?.holds).toEqual(['jobTitle']);
    // Other fields of the pair go on.
    admin.updateContact(id, { Phone: '(202) 555-0199' });
    await world.sync();
    expect(world.mailbox()[0]?.businessPhones).toEqual([expect.stringContaining('555')]);
    await decide(world, 'conflict', 'keep');
    await world.sync();
    expect(await reviews(world)).toEqual([]);
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('questions and answers', () => {
  it('AC-03 two records of one person: nothing is doubled while it is asked, and an answer links one of them', async () => {
    await using world = await createWorld();
    world.salesforce.admin.seedContacts(2, () => toCrm(1));
    world.graph.admin.createContact(world.person().mailboxId, toOutlook(1));
    await world.sync();
    expect([world.mailbox().length, world.contacts().length]).toEqual([1, 2]);
    expect((await reviews(world)).map(({ kind }) => kind)).toEqual(['match']);
    expect(await isQuiet(world)).toBe(true);
    await decide(world, 'match', 'separate');
    await world.sync();
    // Strangers by a person's word: each has a partner of its own from now on.
    expect([world.mailbox().length, world.contacts().length]).toEqual([3, 3]);
    expect((await links(world)).map(({ status }) => status)).toEqual(['live', 'live', 'live']);
    expect(await reviews(world)).toEqual([]);
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-21 a merge in the CRM leaves two contacts for one record: asked once, and not again after an answer', async () => {
    await using world = await createWorld();
    const [kept = '', lost = ''] = world.salesforce.admin.seedContacts(3, (n) => toCrm(n));
    await world.sync();
    world.later();
    world.salesforce.admin.merge(kept, [lost]);
    await world.sync();
    expect((await reviews(world)).map(({ kind }) => kind)).toEqual(['duplicate']);
    await decide(world, 'duplicate', 'dismiss');
    const before = writes(world);
    for (let pass = 0; pass < 2; pass++) {
      await world.sync();
      world.later();
    }
    expect(await reviews(world)).toEqual([]);
    expect(writes(world)).toEqual(before);
    expect([world.mailbox().length, world.contacts().length]).toEqual([3, 2]);
  });

  it('AC-33 a value that matches nothing is asked about once, and not again after an answer', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    const contact = world.graph.admin.createContact(mailboxId, {
      ...toOutlook(1),
      companyName: 'Unheard of GmbH',
    });
    await world.sync();
    await decide(world, 'unresolved', 'dismiss');
    world.graph.admin.updateContact(mailboxId, contact.id, { jobTitle: 'Boss' });
    await world.sync();
    expect(world.contacts().map(({ Title, LastName }) => [Title, LastName])).toEqual([
      ['Boss', sample(1).last],
    ]);
    expect(world.mailbox()[0]?.companyName).toBe('Unheard of GmbH');
    expect(await reviews(world)).toEqual([]);
    expect(await isQuiet(world)).toBe(true);
  });
});
