import { describe, expect, it } from 'vitest';
import { isQuiet, links, resetFeeds, reviews, writes } from '../src/inspect.ts';
import { range, sample, toCrm, toOutlook } from '../src/people.ts';
import { createWorld } from '../src/world.ts';

describe('plan', () => {
  it('AC-04 a plan says what a first sync would do, and writes nothing', async () => {
    await using world = await createWorld();
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      range(20).map((n) => toOutlook(n)),
    );
    world.salesforce.admin.seedContacts(20, (n) => toCrm(n + 10));
    const before = writes(world);
    const [plan] = await world.plan();
    expect(plan?.plan.filter((item) => item.action === 'create')).toHaveLength(20);
    expect(plan?.counts.linked).toBe(10);
    expect(writes(world)).toEqual(before);
    const [synced] = (await world.sync()).lanes;
    expect(synced?.counts).toMatchObject({ created: 20 });
    expect(world.mailbox()).toHaveLength(30);
    expect(world.contacts()).toHaveLength(30);
  });
});

describe('a reset', () => {
  it('AC-05 finds what was deleted on either side before it, and creates nothing', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    const refs = world.graph.admin.seedContacts(
      mailboxId,
      range(30).map((n) => toOutlook(n)),
    );
    await world.sync();
    world.later();
    world.graph.admin.deleteContact(mailboxId, refs[2]?.id ?? '');
    const record = world.contacts().find((contact) => contact.LastName === sample(5).last);
    world.salesforce.admin.hardDelete(String(record?.Id));
    world.graph.admin.expireDeltaTokens(mailboxId);
    await resetFeeds(world);
    const report = await world.sync();
    expect(report.lanes[0]?.counts).toMatchObject({ created: 0, deleted: 2 });
    expect(world.mailbox()).toHaveLength(28);
    expect(world.contacts()).toHaveLength(28);
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('what only one side can do', () => {
  it('AC-32 a last name that is taken away in the mailbox stays in the CRM, which must have one', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    const [ref] = world.graph.admin.seedContacts(mailboxId, [toOutlook(1)]);
    await world.sync();
    world.later();
    world.graph.admin.updateContact(mailboxId, ref?.id ?? '', { surname: '', jobTitle: 'Nameless' });
    const report = await world.sync();
    expect(report.lanes[0]?.counts.parked).toBe(0);
    expect(world.contacts()).toMatchObject([{ LastName: sample(1).last, Title: 'Nameless' }]);
    expect(world.mailbox()[0]?.surname ?? '').toBe('');
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-32 a CRM that fills the second place only: the mailbox closes the gap, the CRM keeps its own', async () => {
    await using world = await createWorld();
    const id = world.salesforce.admin.createContact(
      toCrm(1, { Phone: null, OtherPhone: '(202) 555-9000', Email: null, Email3__c: 'third@people.example' }),
    );
    await world.sync();
    expect(world.mailbox()[0]?.businessPhones).toEqual(['(202) 555-9000']);
    expect(world.mailbox()[0]?.emailAddresses.map((email) => email.address)).toEqual([
      'third@people.example',
    ]);
    expect(await isQuiet(world)).toBe(true);
    const kept = {
      Phone: null,
      OtherPhone: '(202) 555-9000',
      Email: null,
      Email3__c: 'third@people.example',
    };
    expect(world.salesforce.oracle.contact(id)).toMatchObject(kept);
  });
});

describe('what only looks like a deletion', () => {
  it('AC-21 a record that is no longer shared with us deletes nothing while it cannot be proved gone', async () => {
    await using world = await createWorld();
    const ids = world.salesforce.admin.seedContacts(30, (n) => toCrm(n));
    await world.sync();
    world.later();
    world.salesforce.admin.setShared(ids[3] ?? '', false);
    await resetFeeds(world);
    for (let pass = 0; pass < 2; pass++) {
      await world.sync();
      world.later();
    }
    expect(world.mailbox()).toHaveLength(30);
    world.salesforce.admin.setShared(ids[3] ?? '', true);
    await resetFeeds(world);
    await world.sync();
    expect(world.mailbox()).toHaveLength(30);
    expect(world.contacts()).toHaveLength(30);
  });

  it('AC-21 two records that were merged in the CRM keep one pair, and delete no contact unasked', async () => {
    await using world = await createWorld();
    const ids = world.salesforce.admin.seedContacts(10, (n) => toCrm(n));
    await world.sync();
    world.later();
    world.salesforce.admin.merge(ids[0] ?? '', [ids[1] ?? '']);
    await world.sync();
    expect(world.mailbox()).toHaveLength(10);
    expect((await reviews(world)).filter((review) => review.kind === 'duplicate')).toHaveLength(1);
    expect((await links(world)).map((link) => link.status).toSorted()).toEqual([
      ...range(9).map(() => 'live'),
      'merged',
    ]);
    expect(await isQuiet(world)).toBe(true);
  });
});
