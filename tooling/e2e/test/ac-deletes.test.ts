import { describe, expect, it } from 'vitest';
import { conflicts, history, isQuiet, lane, links, resetFeeds, reviews, writes } from '../src/inspect.ts';
import { range, toOutlook } from '../src/people.ts';
import type { StageOptions } from '../src/stage.ts';
import { createWorld, type World } from '../src/world.ts';

const DELTA = /\/contacts\/(microsoft\.graph\.)?delta/i;

/** A world with `count` linked people, all of them born in the mailbox. */
async function linkedWorld(count: number, options: StageOptions = {}): Promise<World> {
  const world = await createWorld(options);
  world.graph.admin.seedContacts(
    world.person().mailboxId,
    range(count).map((n) => toOutlook(n)),
  );
  await world.sync();
  world.later();
  expect(world.contacts()).toHaveLength(count);
  return world;
}

const wipeMailbox = (world: World): void => {
  const { mailboxId } = world.person();
  for (const contact of world.mailbox()) world.graph.admin.deleteContact(mailboxId, contact.id);
};

describe('an empty or unavailable side', () => {
  it('AC-11 a mailbox that was emptied deletes nothing: the brake holds and asks', async () => {
    await using world = await linkedWorld(200);
    wipeMailbox(world);
    const before = writes(world);
    for (let pass = 0; pass < 3; pass++) {
      await world.sync();
      expect(world.contacts()).toHaveLength(200);
    }
    expect(writes(world)).toEqual(before);
    expect((await lane(world)).held).toMatchObject({ side: 'b', count: 200 });
  });

  it('AC-11 a mailbox that lists nothing although everything is there deletes nothing', async () => {
    await using world = await linkedWorld(120);
    const { mailboxId } = world.person();
    const { origin } = new URL(world.graph.log.entries.at(-1)?.url ?? '');
    const deltaLink = `${origin}/v1.0/users/${mailboxId}/contactFolders/contacts/contacts/delta?$deltatoken=x`;
    const emptied = world.graph.faults.inject({
      match: { method: 'GET', path: DELTA },
      fault: { kind: 'status', status: 200, body: { value: [], '@odata.deltaLink': deltaLink } },
    });
    await resetFeeds(world);
    const before = writes(world);
    await world.round();
    expect(emptied.remaining()).toBe(0);
    expect(world.contacts()).toHaveLength(120);
    expect(writes(world)).toEqual(before);
    expect((await links(world)).every((link) => link.status === 'live')).toBe(true);
  });

  it.each(['none', 'soft-deleted', 'moving'] as const)(
    'AC-11 a mailbox in state "%s" deletes nothing, and everything is in step when it is back',
    async (state) => {
      await using world = await linkedWorld(30);
      const { mailboxId } = world.person();
      world.graph.admin.setMailboxState(mailboxId, state);
      await resetFeeds(world);
      const before = writes(world);
      const [report] = await world.round();
      expect(report?.status).toBe('failed');
      expect(world.contacts()).toHaveLength(30);
      world.graph.admin.setMailboxState(mailboxId, 'normal');
      world.later(120);
      await world.sync();
      expect(writes(world)).toEqual(before);
      expect(await isQuiet(world)).toBe(true);
    },
  );

  it('AC-11 a CRM that answers an empty list deletes nothing in the mailbox', async () => {
    await using world = await linkedWorld(60);
    await resetFeeds(world);
    const emptied = world.salesforce.faults.inject({
      times: 2,
      fault: { kind: 'named', name: 'empty-query' },
    });
    const before = writes(world);
    await world.round();
    expect(emptied.remaining()).toBe(0);
    world.later();
    await world.sync();
    expect(world.mailbox()).toHaveLength(60);
    expect(writes(world)).toEqual(before);
  });
});

describe('decisions', () => {
  it('AC-13 "keep" is remembered: both stay apart, nothing is asked again, nothing comes back', async () => {
    await using world = await linkedWorld(40);
    wipeMailbox(world);
    await world.sync();
    const row = await lane(world);
    expect(row.held?.count).toBe(40);
    await world.engine().decideHeld(row.id, row.held?.hash ?? '', 'keep');
    const before = writes(world);
    for (let pass = 0; pass < 3; pass++) {
      if (pass === 1) await resetFeeds(world);
      world.later(60);
      const report = await world.sync();
      expect(report.lanes[0]?.held).toBeNull();
    }
    expect((await lane(world)).held).toBeNull();
    expect((await reviews(world)).filter((review) => review.kind === 'delete')).toEqual([]);
    expect((await links(world)).map((link) => link.status)).toEqual(range(40).map(() => 'detached'));
    expect(world.contacts()).toHaveLength(40);
    expect(world.mailbox()).toHaveLength(0);
    expect(writes(world)).toEqual(before);
  });

  it('AC-14 a deleted contact is deleted in the CRM under the policy "delete", and does not come back', async () => {
    await using world = await linkedWorld(20);
    const { mailboxId } = world.person();
    const [first] = world.mailbox();
    world.graph.admin.deleteContact(mailboxId, first?.id ?? '');
    await world.sync();
    expect(world.contacts()).toHaveLength(19);
    for (let pass = 0; pass < 3; pass++) {
      await resetFeeds(world);
      world.later(60);
      await world.sync();
    }
    expect(world.mailbox()).toHaveLength(19);
    expect(world.contacts()).toHaveLength(19);
  });

  it('AC-14 under the policy "unlink" the CRM record stays, and never brings the contact back', async () => {
    await using world = await linkedWorld(20, { sync: { onDelete: { mailbox: 'unlink', crm: 'unlink' } } });
    const { mailboxId } = world.person();
    const [first] = world.mailbox();
    const partner = world.contacts().find((contact) => contact.Email === first?.emailAddresses[0]?.address);
    world.graph.admin.deleteContact(mailboxId, first?.id ?? '');
    await world.sync();
    for (let pass = 0; pass < 4; pass++) {
      if (pass === 1) world.salesforce.admin.updateContact(String(partner?.Id), { Title: `Title ${pass}` });
      if (pass >= 2) await resetFeeds(world);
      world.later(60);
      await world.sync();
      expect(world.mailbox()).toHaveLength(19);
      expect(world.contacts()).toHaveLength(20);
    }
  });

  it('AC-15 delete against edit keeps the edit, and records the conflict with both versions', async () => {
    await using world = await linkedWorld(20);
    const { mailboxId } = world.person();
    const [first] = world.mailbox();
    const partner = world.contacts().find((contact) => contact.Email === first?.emailAddresses[0]?.address);
    world.graph.admin.deleteContact(mailboxId, first?.id ?? '');
    world.salesforce.admin.updateContact(String(partner?.Id), { Birthdate: '1980-02-29' });
    await world.sync();
    expect(world.contacts()).toHaveLength(20);
    const back = world.mailbox().find((contact) => contact.surname === first?.surname);
    expect(back).toMatchObject({
      givenName: first?.givenName,
      emailAddresses: first?.emailAddresses.map(({ address }) => ({ address })),
    });
    expect(back?.birthday?.slice(0, 10)).toBe('1980-02-29');
    // Both versions are kept: the edited one, and the deleted one as it was last shown.
    const row = (await history(world)).find((one) => one.op === 'conflict');
    expect(row).toMatchObject({ side: 'a', rule: 'edit-beats-delete' });
    expect(JSON.parse(String(row?.new))).toMatchObject({ birthday: '1980-02-29', email: partner?.Email });
    expect(JSON.parse(String(row?.old))).toMatchObject({ birthday: null, email: partner?.Email });
    expect(await conflicts(world)).toMatchObject([{ field: '(record)', winner: 'b', certainty: 'certain' }]);
    expect(await isQuiet(world)).toBe(true);
  });
});

describe('what only looks like a deletion', () => {
  it('AC-21 a page that fails midway deletes nothing, and the next pass goes on', async () => {
    await using world = await linkedWorld(90, { exchange: { pageSize: 20 } });
    await resetFeeds(world);
    const before = writes(world);
    world.graph.faults.inject({
      match: { method: 'GET', path: DELTA },
      skip: 2,
      times: 12,
      fault: { kind: 'status', status: 503 },
    });
    const [failed] = await world.round();
    expect(failed).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } });
    expect(world.contacts()).toHaveLength(90);
    world.graph.faults.clear();
    world.later();
    await world.sync();
    expect(writes(world)).toEqual(before);
    expect((await links(world)).map((link) => link.status)).toEqual(range(90).map(() => 'live'));
  });

  it('AC-21 "removed" that was a move to another folder leaves both copies, and moving back resumes', async () => {
    await using world = await linkedWorld(20);
    const { mailboxId } = world.person();
    const folder = world.graph.admin.createFolder(mailboxId, 'Elsewhere');
    const home = world.graph.oracle.folders(mailboxId).find((one) => one.isDefault);
    const [first] = world.mailbox();
    const moved = world.graph.admin.moveContact(mailboxId, first?.id ?? '', folder.id);
    const before = writes(world);
    for (let pass = 0; pass < 3; pass++) {
      if (pass === 1) await resetFeeds(world);
      await world.sync();
      world.later();
      expect(world.contacts()).toHaveLength(20);
      expect(world.mailbox()).toHaveLength(20);
      expect(writes(world)).toEqual(before);
    }
    world.graph.admin.moveContact(mailboxId, moved.id, home?.id ?? '');
    await world.sync();
    expect(writes(world)).toEqual(before);
    world.later();
    const back = world.mailbox().find((contact) => contact.surname === first?.surname);
    world.graph.admin.updateContact(mailboxId, back?.id ?? '', { jobTitle: 'Back again' });
    await world.sync();
    expect(world.contacts().filter((contact) => contact.Title === 'Back again')).toHaveLength(1);
    expect(world.contacts()).toHaveLength(20);
  });

  it('AC-21 a read that cannot tell settles nothing: one of two deletions waits for its proof', async () => {
    await using world = await linkedWorld(20);
    const { mailboxId } = world.person();
    const [first, second] = world.mailbox();
    for (const contact of [first, second]) world.graph.admin.deleteContact(mailboxId, contact?.id ?? '');
    const failing = world.graph.faults.inject({
      match: { method: 'GET', path: new RegExp(`/contacts/${first?.immutableId.replace(/=+$/, '')}`) },
      times: 1000,
      fault: { kind: 'status', status: 503 },
    });
    await world.sync();
    expect(failing.remaining()).toBeLessThan(1000);
    const names = (): unknown[] => world.contacts().map((contact) => contact.LastName);
    expect(names()).toContain(first?.surname);
    failing.remove();
    world.later(120);
    await world.sync();
    expect(names()).not.toContain(first?.surname);
    expect(names()).not.toContain(second?.surname);
    expect(world.contacts()).toHaveLength(18);
  });
});
