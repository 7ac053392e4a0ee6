import type { UndoMode } from '@tidelock/host';
import { describe, expect, it } from 'vitest';
import { isQuiet, links, reviews } from '../src/inspect.ts';
import { range, toOutlook } from '../src/people.ts';
import { createWorld, type World } from '../src/world.ts';

/** Pairs born in the mailbox, in step; and an instant before what is undone. */
async function paired(count: number): Promise<World> {
  const world = await createWorld();
  world.graph.admin.seedContacts(
    world.person().mailboxId,
    range(count).map((n) => toOutlook(n)),
  );
  await world.sync();
  world.later();
  return world;
}

async function undo(world: World, since: number, more: { mode?: UndoMode; preview?: boolean } = {}) {
  const platform = world.platform();
  const found = await platform.findUndo({ since });
  if (found.state !== 'found') throw new Error('there is nothing to undo');
  const how = { mode: 'hold' as const, preview: false, ...more };
  const plan = await platform.undo(found.scope, { ...how, preview: true });
  const approved = plan[0]?.held?.hash;
  const [report] = await platform.undo(found.scope, { ...how, approved });
  if (report === undefined) throw new Error('there is nothing to undo');
  return report;
}

async function resume(world: World): Promise<void> {
  const { sync } = world.platform().state;
  for (const lane of await sync.lanes()) await sync.pauseLane(lane.id, null);
  world.later();
  await world.sync();
}

const jobs = (world: World) => ({
  mailbox: world.mailbox().map((contact) => contact.jobTitle ?? null),
  crm: world.contacts().map((contact) => contact.Title ?? null),
});

describe('an undo over Exchange and the CRM', () => {
  it.each([
    ['hold', { mailbox: ['Boss'], crm: [null] }],
    ['revert-source', { mailbox: [null], crm: [null] }],
    ['detach', { mailbox: ['Boss'], crm: [null] }],
  ] as const)('of an update, mode %s', async (mode, expected) => {
    await using world = await paired(1);
    const since = world.clock.product.now();
    const { mailboxId } = world.person();
    world.graph.admin.updateContact(mailboxId, world.mailbox()[0]?.id ?? '', { jobTitle: 'Boss' });
    await world.sync();
    world.later();
    expect(jobs(world)).toEqual({ mailbox: ['Boss'], crm: ['Boss'] });
    const report = await undo(world, since, { mode });
    expect(report.items.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    expect(jobs(world)).toEqual(expected);
    await resume(world);
    expect(jobs(world)).toEqual(expected);
    expect((await reviews(world)).map(({ kind }) => kind)).toEqual(mode === 'hold' ? ['conflict'] : []);
    expect(await isQuiet(world)).toBe(true);
  });

  it('of creates: they are gone from the CRM, the contacts stay, and nothing is created again', async () => {
    await using world = await createWorld();
    const since = world.clock.product.now();
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      range(5).map((n) => toOutlook(n)),
    );
    await world.sync();
    world.later();
    const [edited] = world.contacts();
    world.salesforce.admin.updateContact(String(edited?.Id), { Title: 'Mine now' });
    const report = await undo(world, since);
    expect(report.items.filter(({ op, outcome }) => op === 'delete' && outcome === 'done')).toHaveLength(4);
    expect(report.items.filter(({ code }) => code === 'edited')).toHaveLength(1);
    expect(world.contacts().map((contact) => contact.Title)).toEqual(['Mine now']);
    await resume(world);
    expect(world.contacts()).toHaveLength(1);
    expect(world.mailbox()).toHaveLength(5);
    expect(await isQuiet(world)).toBe(true);
  });

  it.each(['hold', 'revert-source'] as const)('of a delete, mode %s', async (mode) => {
    await using world = await paired(3);
    const since = world.clock.product.now();
    const { mailboxId } = world.person();
    const [gone] = world.mailbox();
    const before = world.contacts().map(({ LastName, Email, Phone }) => [LastName, Email, Phone]);
    world.graph.admin.deleteContact(mailboxId, gone?.id ?? '');
    await world.sync();
    world.later();
    expect(world.contacts()).toHaveLength(2);
    const report = await undo(world, since, { mode });
    expect(report.items[0]?.reason).toContain('new record');
    const after = world.contacts().map(({ LastName, Email, Phone }) => [LastName, Email, Phone]);
    expect(after.toSorted()).toEqual(before.toSorted());
    expect(world.mailbox()).toHaveLength(mode === 'hold' ? 2 : 3);
    await resume(world);
    expect(world.contacts()).toHaveLength(3);
    expect(world.mailbox()).toHaveLength(mode === 'hold' ? 2 : 3);
    expect(await isQuiet(world)).toBe(true);
    const live = (await links(world)).filter((link) => link.status === 'live');
    expect(live).toHaveLength(mode === 'hold' ? 2 : 3);
  });

  it('of an undo brings the change back, whichever side asks', async () => {
    await using world = await paired(1);
    const since = world.clock.product.now();
    const { mailboxId } = world.person();
    world.graph.admin.updateContact(mailboxId, world.mailbox()[0]?.id ?? '', { jobTitle: 'Boss' });
    await world.sync();
    world.later();
    await undo(world, since);
    const from = world.clock.product.now();
    world.later();
    const runs = await world.platform().runs({ limit: 1 });
    const found = await world.platform().findUndo({ what: runs[0]?.id });
    expect(found).toMatchObject({ state: 'found', scope: { kind: 'run' } });
    if (found.state === 'found') await world.platform().undo(found.scope, { mode: 'hold', preview: false });
    expect(jobs(world)).toEqual({ mailbox: ['Boss'], crm: ['Boss'] });
    expect(await reviews(world)).toEqual([]);
    expect(from).toBeGreaterThan(since);
  });

  it('a lost answer is settled, and the same undo goes on from there', async () => {
    await using world = await paired(1);
    const since = world.clock.product.now();
    const record = world.contacts()[0];
    world.salesforce.admin.updateContact(String(record?.Id), { Title: 'Boss' });
    await world.sync();
    world.later();
    expect(jobs(world).mailbox).toEqual(['Boss']);
    world.graph.faults.inject({
      match: { method: 'PATCH', path: /contacts/ },
      times: 20,
      fault: { kind: 'status', status: 503 },
    });
    const first = await undo(world, since);
    expect(first.open).toBe(1);
    world.graph.faults.clear();
    world.later(30);
    const second = await undo(world, since);
    expect(second.open).toBe(0);
    expect(jobs(world)).toEqual({ mailbox: [null], crm: ['Boss'] });
  });
});
