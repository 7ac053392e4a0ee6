import { describe, expect, it } from 'vitest';
import { isQuiet, lane, links, resetFeeds, reviews, writes } from '../src/inspect.ts';
import { range, sample, toCrm, toOutlook } from '../src/people.ts';
import { createWorld } from '../src/world.ts';

const DELTA = /\/contacts\/(microsoft\.graph\.)?delta/i;

describe('one bad item', () => {
  it('AC-20 299 are synced, one is parked with its reason, the cursor moves on, and mending it is enough', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    world.salesforce.admin.addValidationRule({
      object: 'Contact',
      message: 'Nobody may be called Poison',
      field: 'Title',
      failsWhen: (values) => values.Title === 'Poison',
    });
    const refs = world.graph.admin.seedContacts(
      mailboxId,
      range(300).map((n) => toOutlook(n, n === 137 ? { jobTitle: 'Poison' } : {})),
    );
    const report = await world.sync();
    expect(world.contacts()).toHaveLength(299);
    expect(report.lanes[0]?.counts).toMatchObject({ created: 299, parked: 1 });
    const [parked] = (await reviews(world)).filter((review) => review.kind === 'parked');
    expect(parked?.reasons.join(' ')).toMatch(/validation/i);
    const bad = (await links(world)).find((link) => link.quarantine !== null);
    expect(bad).toMatchObject({ a: { id: refs[137]?.immutableId }, quarantine: { attempts: 1 } });
    // The cursor has moved on: an idle pass reads one empty page and writes nothing.
    world.graph.log.clear();
    await world.round();
    expect(world.graph.log.count({ path: DELTA })).toBe(1);
    expect(world.contacts()).toHaveLength(299);
    // A good neighbour still flows, and the mended item follows at once.
    world.graph.admin.updateContact(mailboxId, refs[5]?.id ?? '', { jobTitle: 'Neighbour' });
    world.graph.admin.updateContact(mailboxId, refs[137]?.id ?? '', { jobTitle: 'Harmless' });
    await world.sync();
    expect(world.contacts()).toHaveLength(300);
    expect(world.contacts().filter((contact) => contact.Title === 'Harmless')).toHaveLength(1);
    expect(world.contacts().filter((contact) => contact.Title === 'Neighbour')).toHaveLength(1);
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('a mended item', () => {
  it('AC-20 that was taken although the answer was lost is no question any more', async () => {
    await using world = await createWorld();
    const { mailboxId } = world.person();
    world.salesforce.admin.addValidationRule({
      object: 'Contact',
      message: 'Nobody may be called Poison',
      field: 'Title',
      failsWhen: (values) => values.Title === 'Poison',
    });
    const [ref] = world.graph.admin.seedContacts(mailboxId, [toOutlook(1, { jobTitle: 'Poison' })]);
    await world.sync();
    const parked = async () => (await reviews(world)).filter((review) => review.kind === 'parked');
    expect(await parked()).toHaveLength(1);
    world.later();
    world.graph.admin.updateContact(mailboxId, ref?.id ?? '', { jobTitle: 'Harmless' });
    const match = { method: 'POST', path: /composite/ };
    const lost = world.salesforce.faults.inject({ match, fault: { kind: 'lost', applied: true } });
    await world.sync();
    world.later();
    await world.sync();
    expect(lost.remaining()).toBe(0);
    expect(world.contacts()).toMatchObject([{ Title: 'Harmless' }]);
    expect(await parked()).toEqual([]);
  });
});

describe('change tokens', () => {
  it('AC-26 a lost token costs a full comparison: nothing doubled, deletes found, one log line', async () => {
    await using world = await createWorld({ exchange: { pageSize: 20 } });
    const { mailboxId } = world.person();
    const refs = world.graph.admin.seedContacts(
      mailboxId,
      range(90).map((n) => toOutlook(n)),
    );
    await world.sync();
    world.later();
    world.graph.admin.expireDeltaTokens(mailboxId);
    world.graph.admin.deleteContact(mailboxId, refs[3]?.id ?? '');
    world.graph.admin.updateContact(mailboxId, refs[4]?.id ?? '', { jobTitle: 'Seen' });
    world.graph.admin.createContact(mailboxId, toOutlook(90));
    await world.sync();
    expect(world.logged.filter((line) => line.event === 'feed.cursor-expired')).toHaveLength(1);
    expect(world.mailbox()).toHaveLength(90);
    expect(world.contacts()).toHaveLength(90);
    expect(world.contacts().some((contact) => contact.Email === sample(3).email)).toBe(false);
    expect(world.contacts().filter((contact) => contact.Title === 'Seen')).toHaveLength(1);
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-26 a token that dies in the middle of paging, twice, ends in the same place', async () => {
    await using world = await createWorld({ exchange: { pageSize: 20 } });
    const { mailboxId } = world.person();
    world.graph.admin.seedContacts(
      mailboxId,
      range(90).map((n) => toOutlook(n)),
    );
    const fault = { kind: 'named', name: 'expired-delta-token' } as const;
    world.graph.faults.inject({ skip: 2, fault });
    world.graph.faults.inject({ skip: 5, fault });
    await world.sync();
    expect(world.mailbox()).toHaveLength(90);
    expect(world.contacts()).toHaveLength(90);
    expect(new Set(world.contacts().map((contact) => contact.Email)).size).toBe(90);
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('throttling', () => {
  it('AC-28 429 with 120 s: only that mailbox waits, nothing is counted as done that was not', async () => {
    await using world = await createWorld({ mailboxes: ['ann', 'ben'], records: 'own' });
    const [ann, ben] = [world.person('ann'), world.person('ben')];
    world.salesforce.admin.seedContacts(40, (n) => toCrm(n, { OwnerId: ann.crmUserId }));
    world.salesforce.admin.seedContacts(40, (n) => toCrm(100 + n, { OwnerId: ben.crmUserId }));
    const started = world.clock.now();
    world.graph.faults.inject({
      match: { path: new RegExp(`/users/${ann.mailboxId}/`) },
      times: 2,
      fault: {
        kind: 'status',
        status: 429,
        headers: { 'Retry-After': '120' },
        body: {
          error: {
            code: 'ApplicationThrottled',
            message: 'Application is over its MailboxConcurrency limit.',
          },
        },
      },
    });
    let benDoneAt = 0;
    const requests: number[] = [];
    const refusals: number[] = [];
    const stop = world.graph.log.on(({ path, at, status }) => {
      if (path.includes(ann.mailboxId)) (status === 429 ? refusals : requests).push(at);
      if (benDoneAt === 0 && world.mailbox('ben').length === 40) benDoneAt = world.clock.now();
    });
    const report = await world.sync();
    stop();
    expect(report.settled).toBe(true);
    expect(world.mailbox('ben')).toHaveLength(40);
    expect(benDoneAt - started).toBeLessThan(120_000);
    // Every attempt at the throttled mailbox kept to the wait that the one before it was told.
    expect(refusals).toHaveLength(2);
    for (const at of refusals) expect(requests.filter((one) => one > at && one < at + 120_000)).toEqual([]);
    expect(world.mailbox('ann')).toHaveLength(40);
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-28 a batch answered 200 with 429 inside: only those parts are sent again, after the wait', async () => {
    await using world = await createWorld();
    world.salesforce.admin.seedContacts(60, (n) => toCrm(n));
    let refusedAt = 0;
    world.graph.faults.inject({
      match: { method: 'POST', path: /\/contacts(\?|$)/ },
      skip: 7,
      times: 5,
      fault: {
        kind: 'status',
        status: 429,
        headers: { 'Retry-After': '120' },
        body: {
          error: {
            code: 'ApplicationThrottled',
            message: 'Application is over its MailboxConcurrency limit.',
          },
        },
      },
    });
    const creates: { status: number | 'lost'; at: number; name: unknown }[] = [];
    world.graph.log.on(({ method, path, status, at, requestBody }) => {
      if (method !== 'POST' || !/\/contacts$/.test(path)) return;
      const name = (requestBody as { surname?: unknown } | undefined)?.surname;
      creates.push({ status, at, name });
      if (status === 429 && refusedAt === 0) refusedAt = at;
    });
    await world.sync();
    expect(world.mailbox()).toHaveLength(60);
    expect(creates.filter((one) => one.status === 429)).toHaveLength(5);
    expect(creates.filter((one) => one.status === 201)).toHaveLength(60);
    const refused = new Set(creates.filter((one) => one.status === 429).map((one) => one.name));
    for (const one of creates.filter((each) => each.status === 201 && refused.has(each.name))) {
      expect(one.at - refusedAt).toBeGreaterThanOrEqual(120_000);
    }
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-28 there are never more than four requests in flight at one mailbox', async () => {
    await using world = await createWorld({ graph: { latencyMs: 200 } });
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      range(120).map((n) => toOutlook(n)),
    );
    world.salesforce.admin.seedContacts(120, (n) => toCrm(200 + n));
    const refused: unknown[] = [];
    world.graph.log.on((exchange) => {
      if (exchange.status === 429) refused.push(exchange.responseBody);
    });
    await world.sync();
    // The emulated service counts and refuses a fifth, as the real one does.
    expect(refused).toEqual([]);
    expect(world.mailbox()).toHaveLength(240);
    expect(world.contacts()).toHaveLength(240);
  });
});

describe('a feed that does not end', () => {
  it('AC-41 endless pages of a mailbox: noticed, read as a plain list, and flagged', async () => {
    await using world = await createWorld({ exchange: { pageSize: 20 } });
    const { mailboxId } = world.person();
    world.graph.admin.seedContacts(
      mailboxId,
      range(50).map((n) => toOutlook(n)),
    );
    const fault = world.graph.faults.inject({
      times: 100_000,
      fault: { kind: 'named', name: 'endless-pages' },
    });
    const [report] = await world.round();
    expect(report).toMatchObject({ status: 'done', degraded: true });
    expect(world.graph.log.count({ path: DELTA })).toBeLessThan(20);
    expect(world.logged.some((line) => line.event === 'feed.degraded')).toBe(true);
    await world.round();
    expect(world.contacts()).toHaveLength(50);
    fault.remove();
    const last = (await world.round()).at(-1);
    expect(last).toMatchObject({ status: 'done', degraded: false });
    expect(world.contacts()).toHaveLength(50);
    expect((await lane(world)).errorKind).toBeNull();
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-41 endless pages of the CRM end too, and delete nothing', async () => {
    await using world = await createWorld();
    world.salesforce.admin.seedContacts(60, (n) => toCrm(n));
    await world.sync();
    world.later();
    await resetFeeds(world);
    const before = writes(world);
    const fault = world.salesforce.faults.inject({
      times: 100_000,
      fault: { kind: 'named', name: 'endless-pages' },
    });
    const calls = world.salesforce.log.count();
    await world.round();
    expect(world.salesforce.log.count() - calls).toBeLessThan(20);
    fault.remove();
    world.later();
    await world.sync();
    expect(writes(world)).toEqual(before);
    expect(world.mailbox()).toHaveLength(60);
  });
});
