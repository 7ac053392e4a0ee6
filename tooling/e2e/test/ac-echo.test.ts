import { describe, expect, it } from 'vitest';
import { isQuiet, links, picture, reviews, writes } from '../src/inspect.ts';
import { range, sample, toCrm, toOutlook } from '../src/people.ts';
import { createWorld } from '../src/world.ts';

const CREATE = { method: 'POST', path: /\/contacts(\?|$)/ };

describe('no echo', () => {
  it('AC-07 what is only written differently is equal: no write at first contact, none after', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    world.graph.admin.createContact(mailboxId, {
      ...toOutlook(1),
      businessPhones: ['+1 202-555-0001'],
      personalNotes: 'one\r\ntwo\r\n\r\n',
      businessHomePage: 'https://people.example/',
      emailAddresses: [{ address: 'P1@People.Example' }],
      birthday: '1980-02-29',
    });
    world.salesforce.admin.createContact(
      toCrm(1, {
        Phone: '(202) 555-0001',
        Description: 'one\ntwo',
        WebPage__c: 'people.example',
        Birthdate: '1980-02-29',
      }),
    );
    const report = await world.sync();
    expect(report.lanes[0]?.counts.linked).toBe(1);
    const before = picture(world);
    expect(await isQuiet(world)).toBe(true);
    expect(picture(world)).toEqual(before);
  });

  it('AC-07 a side that normalises what it is given: one exchange, then silence', async () => {
    await using world = await createWorld({ graph: { churn: { share: 1, minMs: 2000, maxMs: 5000 } } });
    world.salesforce.admin.seedContacts(30, (n) =>
      toCrm(n, { Description: 'a\r\n b  \r\n\r\n', Title: ' Head  of\tit ' }),
    );
    await world.sync();
    expect(world.mailbox()).toHaveLength(30);
    // The service touches what apps created: another change key, the same content.
    world.later(1);
    expect(await isQuiet(world)).toBe(true);
    const [contact] = world.mailbox();
    world.graph.admin.updateContact(world.person().mailboxId, contact?.id ?? '', {
      personalNotes: 'x\r\ny\r\n',
      businessPhones: ['202.555.7777'],
    });
    await world.sync();
    const after = writes(world);
    await world.sync();
    expect(writes(world)).toEqual(after);
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-07 an item that a robot on one side rewrites after each write of ours ends in a bounded number of writes', async () => {
    await using world = await createWorld();
    const id = world.salesforce.admin.createContact(toCrm(1, { Title: 'Chief' }));
    await world.sync();
    world.later();
    let ours = writes(world).crm;
    const first = ours + writes(world).mailbox;
    for (let pass = 0; pass < 12; pass++) {
      const [contact] = world.mailbox();
      if (pass === 0)
        world.graph.admin.updateContact(world.person().mailboxId, contact?.id ?? '', { jobTitle: 'Boss' });
      await world.round();
      const now = writes(world).crm;
      // The robot shouts: only when we wrote.
      if (now > ours)
        world.salesforce.admin.updateContact(id, {
          Title: String(world.salesforce.oracle.contact(id)?.Title).toUpperCase(),
        });
      ours = now;
      world.later(5);
    }
    const total = writes(world).crm + writes(world).mailbox - first;
    expect(total).toBeLessThanOrEqual(3);
    expect(world.mailbox()[0]?.jobTitle).toBe('BOSS');
    expect(world.salesforce.oracle.contact(id)?.Title).toBe('BOSS');
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('lost answers', () => {
  it.each([
    ['applied', true],
    ['not applied', false],
  ])('AC-08 a create in the mailbox whose answer is lost (%s) makes one contact', async (_name, applied) => {
    await using world = await createWorld();
    world.salesforce.admin.seedContacts(12, (n) => toCrm(n));
    world.graph.faults.inject({ match: CREATE, skip: 3, fault: { kind: 'lost', applied } });
    await world.sync();
    world.later();
    await world.sync();
    expect(world.mailbox()).toHaveLength(12);
    expect(new Set(world.mailbox().map((contact) => contact.surname)).size).toBe(12);
    expect(world.contacts()).toHaveLength(12);
    expect((await links(world)).every((link) => link.status === 'live')).toBe(true);
    expect(await isQuiet(world)).toBe(true);
  });

  it.each([
    ['applied', true],
    ['not applied', false],
  ])('AC-08 a create in the CRM whose answer is lost (%s) makes one record', async (_name, applied) => {
    await using world = await createWorld();
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      range(12).map((n) => toOutlook(n)),
    );
    world.salesforce.faults.inject({
      match: { method: 'POST', path: /\/composite/ },
      fault: { kind: 'lost', applied },
    });
    await world.sync();
    world.later();
    await world.sync();
    expect(world.contacts()).toHaveLength(12);
    expect(new Set(world.contacts().map((contact) => contact.TidelockKey__c)).size).toBe(12);
    expect(world.mailbox()).toHaveLength(12);
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-08 a batch whose requests were carried out twice makes one contact each', async () => {
    await using world = await createWorld();
    world.salesforce.admin.seedContacts(5, (n) => toCrm(n));
    world.graph.faults.inject({
      match: { method: 'POST', path: /\$batch/ },
      fault: { kind: 'lost', applied: true },
    });
    await world.sync();
    world.later();
    await world.sync();
    expect(world.mailbox()).toHaveLength(5);
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('what one side cannot hold', () => {
  it('AC-32 four addresses and three office numbers: three and two are written, the rest stays in the CRM', async () => {
    await using world = await createWorld();
    for (const name of ['Email4__c']) world.salesforce.admin.addField('Contact', { name, type: 'email' });
    world.salesforce.admin.addField('Contact', { name: 'Phone3__c', type: 'phone' });
    const full = {
      Email2__c: 'two@people.example',
      Email3__c: 'three@people.example',
      Email4__c: 'four@people.example',
      OtherPhone: '(202) 555-8001',
      Phone3__c: '(202) 555-8002',
    };
    const id = world.salesforce.admin.createContact(toCrm(1, full));
    await world.sync();
    const [contact] = world.mailbox();
    expect(contact?.emailAddresses.map((email) => email.address)).toEqual([
      sample(1).email,
      'two@people.example',
      'three@people.example',
    ]);
    expect(contact?.businessPhones).toEqual([sample(1).phone, '(202) 555-8001']);
    expect(world.salesforce.oracle.contact(id)).toMatchObject(full);
    // A change on either side still leaves the surplus alone.
    world.later();
    world.graph.admin.updateContact(world.person().mailboxId, contact?.id ?? '', { jobTitle: 'New' });
    await world.sync();
    world.later();
    world.salesforce.admin.updateContact(id, { Email4__c: 'vier@people.example', Title: 'Newer' });
    await world.sync();
    expect(world.salesforce.oracle.contact(id)).toMatchObject({
      ...full,
      Email4__c: 'vier@people.example',
      Title: 'Newer',
    });
    expect(world.mailbox()[0]).toMatchObject({
      jobTitle: 'Newer',
      businessPhones: [sample(1).phone, '(202) 555-8001'],
    });
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-32 a value that is too long for one side is written as far as it goes and not fought over', async () => {
    await using world = await createWorld();
    const long = 'x'.repeat(200);
    world.graph.admin.createContact(world.person().mailboxId, {
      ...toOutlook(1),
      jobTitle: long,
      department: long,
    });
    await world.sync();
    const [record] = world.contacts();
    expect(String(record?.Title).length).toBeLessThan(200);
    expect(long.startsWith(String(record?.Title))).toBe(true);
    expect(await isQuiet(world)).toBe(true);
    expect(world.mailbox()[0]).toMatchObject({ jobTitle: long, department: long });
    // An edit of something else does not write the cut value back.
    world.salesforce.admin.updateContact(String(record?.Id), { AssistantName: 'Ada' });
    await world.sync();
    expect(world.mailbox()[0]).toMatchObject({ jobTitle: long, department: long, assistantName: 'Ada' });
  });

  it('AC-33 a company that matches no account is left as it is, and offered for review', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    const account = world.salesforce.admin.createAccount({ Name: 'Known Ltd' });
    world.graph.admin.createContact(mailboxId, { ...toOutlook(1), companyName: 'Unheard of GmbH' });
    world.graph.admin.createContact(mailboxId, { ...toOutlook(2), companyName: 'Known Ltd' });
    await world.sync();
    const record = (n: number) => world.contacts().find((contact) => contact.LastName === sample(n).last);
    expect(record(1)).toMatchObject({ AccountId: null });
    expect(record(2)).toMatchObject({ AccountId: account });
    const company = (n: number) =>
      world.mailbox().find((contact) => contact.surname === sample(n).last)?.companyName;
    expect([company(1), company(2)]).toEqual(['Unheard of GmbH', 'Known Ltd']);
    const open = (await reviews(world)).filter((review) => review.kind === 'unresolved');
    expect(open).toHaveLength(1);
    for (let pass = 0; pass < 3; pass++) {
      world.later();
      world.salesforce.admin.updateContact(String(record(1)?.Id), { Title: `T${pass}` });
      await world.sync();
      expect(company(1)).toBe('Unheard of GmbH');
    }
    expect((await reviews(world)).filter((review) => review.kind === 'unresolved')).toHaveLength(1);
    expect(await isQuiet(world)).toBe(true);
  });
});
