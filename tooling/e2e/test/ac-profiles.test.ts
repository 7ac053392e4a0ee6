import type { ConfigInput } from '@tidelock/host';
import { describe, expect, it } from 'vitest';
import { history, isQuiet, lane, links, writes } from '../src/inspect.ts';
import { range, toCrm, toOutlook } from '../src/people.ts';
import { CLIENT_ID, ROLES } from '../src/stage.ts';
import { createWorld, type World } from '../src/world.ts';

/** Another process goes on from what the one before it stored. */
const KEPT = { stateFile: 'state.db' };

/** Another configuration, read by another process. */
async function configure(world: World, more: Partial<ConfigInput>): Promise<void> {
  world.stage.writeConfig({ ...world.stage.config, ...more });
  await world.restart();
}

const mine = (world: World, more: object = {}) => [{ address: world.person().address, ...more }];

const filtered = (...sources: string[]): ConfigInput['profiles'] => ({
  sales: { contacts: { records: 'all', filter: [{ field: 'LeadSource', in: sources }] } },
});

async function why(world: World, query: string): Promise<string> {
  const { items } = await world.platform().explain({ query, limit: 5 });
  return items.flatMap((item) => item.sentences.map(({ text }) => text)).join(' ');
}

const statusOf = async (world: World) => {
  const [row] = await world.platform().status();
  if (row === undefined) throw new Error('there is no status');
  return row;
};

describe('AC-01 filter exit', () => {
  it('AC-01 an admin tightens the filter: both copies stay, nothing is written, one log line names the filter', async () => {
    await using world = await createWorld(KEPT);
    await configure(world, {
      mailboxes: mine(world, { profile: 'sales' }),
      profiles: filtered('Web', 'Phone'),
    });
    for (const n of range(12))
      world.salesforce.admin.createContact(toCrm(n, { LeadSource: n < 4 ? 'Phone' : 'Web' }));
    await world.sync();
    expect(world.mailbox()).toHaveLength(12);
    world.later();
    const before = writes(world);
    const said = world.logged.length;
    await configure(world, { mailboxes: mine(world, { profile: 'sales' }), profiles: filtered('Web') });
    await world.sync();
    expect(writes(world)).toEqual(before);
    expect(world.mailbox()).toHaveLength(12);
    expect(world.contacts()).toHaveLength(12);
    expect((await links(world)).filter(({ status }) => status === 'out')).toHaveLength(4);
    const lines = world.logged.slice(said).filter(({ event }) => event === 'scope.left');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.data).toMatchObject({
      rule: 'left the scope: profile "sales" takes only records where "LeadSource" is Web',
      pairs: 4,
    });
    expect(await why(world, toCrm(1).Email as string)).toContain(
      'profile "sales" takes only records where "LeadSource" is Web',
    );
    expect(await isQuiet(world)).toBe(true);
    // Edits of a frozen pair wait, and are merged when it is back.
    const [phone] = world.contacts().filter((contact) => contact.LeadSource === 'Phone');
    world.salesforce.admin.updateContact(String(phone?.Id), { Title: 'Frozen edit' });
    await world.sync();
    expect(world.mailbox().some((contact) => contact.jobTitle === 'Frozen edit')).toBe(false);
    world.later();
    await configure(world, {
      mailboxes: mine(world, { profile: 'sales' }),
      profiles: filtered('Web', 'Phone'),
    });
    await world.sync();
    expect(world.mailbox().some((contact) => contact.jobTitle === 'Frozen edit')).toBe(true);
    expect((await links(world)).every(({ status }) => status === 'live')).toBe(true);
    expect([world.mailbox().length, world.contacts().length]).toEqual([12, 12]);
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-01 a record changes owner: it stays on both sides and is frozen until it is back', async () => {
    await using world = await createWorld({ ...KEPT, records: 'own' });
    const { crmUserId } = world.person();
    const other = world.salesforce.admin.addUser({
      username: 'other@crm.example',
      email: 'other@crm.example',
    });
    const ids = range(12).map((n) => world.salesforce.admin.createContact(toCrm(n, { OwnerId: crmUserId })));
    await world.sync();
    world.later();
    const before = writes(world);
    world.salesforce.admin.updateContact(ids[3] ?? '', { OwnerId: other });
    await world.sync();
    expect(writes(world)).toEqual(before);
    expect(world.mailbox()).toHaveLength(12);
    expect(await why(world, toCrm(3).Email as string)).toContain('takes only records of its owner');
    world.later();
    world.salesforce.admin.updateContact(ids[3] ?? '', { OwnerId: crmUserId, Title: 'Back' });
    await world.sync();
    expect(world.mailbox().filter((contact) => contact.jobTitle === 'Back')).toHaveLength(1);
    expect(await isQuiet(world)).toBe(true);
  });

  it('AC-01 out of the group and back: pairs rest, status and why say it, and it goes on', async () => {
    await using world = await createWorld(KEPT);
    const { tenantId, graph } = world.stage;
    const { mailboxId, address } = world.person();
    graph.admin.consent(tenantId, CLIENT_ID, [...ROLES, 'GroupMember.Read.All']);
    const inner = graph.admin.addGroup(tenantId, { displayName: 'Inner', members: [mailboxId] }).id;
    const group = graph.admin.addGroup(tenantId, { displayName: 'Sales', members: [inner] }).id;
    const assign = [{ profile: 'sales', group, label: 'Sales' }];
    const config = { mailboxes: [], assign, profiles: { sales: { contacts: { records: 'all' as const } } } };
    await configure(world, config);
    world.salesforce.admin.seedContacts(10, (n) => toCrm(n));
    await world.sync();
    expect(world.mailbox()).toHaveLength(10);
    expect(await statusOf(world)).toMatchObject({ profile: 'sales', rule: 'group Sales', removedAt: null });
    world.later();
    const before = writes(world);
    graph.admin.setGroupMembers(inner, []);
    world.salesforce.admin.updateContact(String(world.contacts()[0]?.Id), { Title: 'Meanwhile' });
    await configure(world, config);
    await world.sync();
    expect(writes(world)).toEqual(before);
    expect((await statusOf(world)).removedAt).not.toBeNull();
    expect(await why(world, toCrm(1).Email as string)).toContain(
      `No rule names the mailbox ${address} since`,
    );
    // A group that cannot be read is no empty group: nobody has left it.
    graph.admin.setGroupMembers(inner, [mailboxId]);
    await configure(world, config);
    await world.sync();
    expect(world.mailbox().some((contact) => contact.jobTitle === 'Meanwhile')).toBe(true);
    expect([world.mailbox().length, world.contacts().length]).toEqual([10, 10]);
    graph.admin.consent(tenantId, CLIENT_ID, ROLES);
    await configure(world, config);
    await world.sync();
    expect((await statusOf(world)).removedAt).toBeNull();
    const checks = await world.platform().doctor();
    expect(checks.find(({ text }) => text.includes('group Sales'))).toMatchObject({
      status: 'fail',
      remedy: expect.stringContaining('GroupMember.Read.All'),
    });
    const acts = (await world.platform().administration.audit({ limit: 50 })).map(({ act }) => act);
    expect(
      acts
        .filter((act) => act.startsWith('mailbox.'))
        .reverse()
        .slice(-2),
    ).toEqual(['mailbox.removed', 'mailbox.returned']);
  });
});

describe('AC-05 reset and another policy', () => {
  it('AC-05 200 linked people are reset twice and moved to another profile: nothing is created or deleted', async () => {
    await using world = await createWorld(KEPT);
    world.salesforce.admin.seedContacts(200, (n) => toCrm(n));
    await world.sync();
    world.later();
    const before = writes(world);
    const { administration } = world.platform();
    const { address } = world.person();
    await administration.reset(address);
    await administration.reset(address);
    await world.sync();
    expect(writes(world)).toEqual(before);
    await administration.reset(address);
    await configure(world, {
      mailboxes: mine(world, { profile: 'other' }),
      profiles: {
        other: { contacts: { records: 'all', create: { crm: false }, onDelete: { mailbox: 'unlink' } } },
      },
    });
    await world.sync();
    expect(writes(world)).toEqual(before);
    expect([world.mailbox().length, world.contacts().length]).toEqual([200, 200]);
    expect((await links(world)).every(({ status }) => status === 'live')).toBe(true);
    const acts = (await world.platform().administration.audit({ limit: 9 })).map(({ act }) => act);
    expect(acts.slice(0, 5)).toEqual(['mailbox.moved', 'profile.added', 'reset', 'reset', 'reset']);
  });
});

describe('AC-14 a contact that a user deleted', () => {
  it('AC-14 is unlinked by policy, stays in the CRM, and does not come back after full comparisons', async () => {
    await using world = await createWorld(KEPT);
    await configure(world, {
      mailboxes: mine(world, { profile: 'keep' }),
      profiles: { keep: { contacts: { records: 'all', onDelete: { mailbox: 'unlink' } } } },
    });
    world.salesforce.admin.seedContacts(12, (n) => toCrm(n));
    await world.sync();
    world.later();
    world.graph.admin.deleteContact(world.person().mailboxId, world.mailbox()[0]?.id ?? '');
    for (let turn = 0; turn < 3; turn++) {
      await world.sync();
      world.later();
      await world.platform().administration.reset(world.person().address);
    }
    await world.sync();
    expect([world.mailbox().length, world.contacts().length]).toEqual([11, 12]);
    expect((await history(world)).some(({ rule }) => rule.includes('unlinked by policy'))).toBe(true);
  });
});

describe('AC-30 a status that is never frozen', () => {
  it('AC-30 a worker killed in the middle: its lease is shown as such, ends, and the next one goes on', async () => {
    await using world = await createWorld(KEPT);
    world.salesforce.admin.seedContacts(5, (n) => toCrm(n));
    await world.sync();
    world.later(1);
    const { sync } = world.platform().state;
    const { id } = await lane(world);
    const now = world.clock.product.now();
    await sync.acquireLane({ laneId: id, owner: 'a worker that died', now, ttlMs: 60_000 });
    expect(await statusOf(world)).toMatchObject({ working: true, abandonedUntil: null });
    world.clock.advance(40_000);
    expect(await statusOf(world)).toMatchObject({ working: false, abandonedUntil: now + 60_000 });
    expect((await world.round())[0]?.status).toBe('busy');
    world.clock.advance(30_000);
    expect((await world.sync()).lanes[0]?.status).toBe('done');
    expect(await statusOf(world)).toMatchObject({ working: false, abandonedUntil: null, lagMs: 0 });
  });

  it('AC-30 an error for an hour: last success, lag and next try are shown, and past the bound it alarms', async () => {
    await using world = await createWorld(KEPT);
    world.salesforce.admin.seedContacts(5, (n) => toCrm(n));
    await world.sync();
    const { lastOkAt } = await statusOf(world);
    world.graph.admin.setMailboxState(world.person().mailboxId, 'moving');
    for (let turn = 0; turn < 7; turn++) {
      world.later(10);
      await world.round();
    }
    const failing = await statusOf(world);
    expect(failing).toMatchObject({ lastOkAt, errorKind: 'unavailable', alarm: true });
    expect(failing.errorCount).toBeGreaterThanOrEqual(7);
    expect(failing.lagMs).toBeGreaterThanOrEqual(3_600_000);
    expect(failing.nextTryAt).not.toBeNull();
    world.graph.admin.setMailboxState(world.person().mailboxId, 'normal');
    world.later(10);
    await world.sync();
    expect(await statusOf(world)).toMatchObject({ errorKind: null, errorCount: 0, alarm: false });
  });

  it('AC-30 trouble of the CRM, before any mailbox is read, counts for every mailbox', async () => {
    await using world = await createWorld({ ...KEPT, mailboxes: ['ann', 'bob'] });
    await world.sync();
    world.salesforce.faults.inject({
      match: { path: /\/query/ },
      fault: { kind: 'status', status: 503, body: [] },
      times: 99,
    });
    world.later(10);
    await world.round();
    const rows = await world.platform().status();
    expect(rows.map(({ errorKind }) => errorKind)).toEqual(['unavailable', 'unavailable']);
  });
});

describe("AC-37 the user's own contacts", () => {
  it('AC-37 only contacts with the category take part; the same person without it is neither touched nor doubled', async () => {
    await using world = await createWorld(KEPT);
    const { mailboxId } = world.person();
    await configure(world, {
      mailboxes: mine(world, { profile: 'chosen' }),
      profiles: { chosen: { contacts: { records: 'all', categories: ['Customer'] } } },
    });
    const own = world.graph.admin.seedContacts(mailboxId, [
      ...range(6).map((n) => toOutlook(n)),
      ...range(3, 20).map((n) => toOutlook(n, { categories: ['customer', 'Golf'] })),
    ]);
    world.salesforce.admin.seedContacts(10, (n) => toCrm(n + 3));
    const untouched = JSON.stringify(world.mailbox().filter(({ categories }) => categories.length === 0));
    await world.sync();
    const after = world.mailbox();
    expect(JSON.stringify(after.filter(({ categories }) => categories.length === 0))).toBe(untouched);
    // 7 of the 10 are new in the mailbox and marked as chosen, 3 are the user's own, 3 chosen ones went to the CRM.
    expect(after).toHaveLength(16);
    expect(after.filter(({ categories }) => categories.includes('Customer'))).toHaveLength(7);
    expect(world.contacts()).toHaveLength(13);
    expect(await why(world, toCrm(4).Email as string)).toContain('"categories" is Customer');
    world.later();
    world.graph.admin.updateContact(mailboxId, own[4]?.id ?? '', {
      categories: ['Customer'],
      jobTitle: 'Chosen now',
    });
    await world.sync();
    expect(world.contacts().filter((contact) => contact.Title === 'Chosen now')).toHaveLength(1);
    expect([world.mailbox().length, world.contacts().length]).toEqual([16, 13]);
    expect(await isQuiet(world)).toBe(true);
  });
});
