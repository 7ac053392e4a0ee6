import { AdapterError } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../src/index.ts';
import { createOffice, pace } from './office.ts';
import { person } from './world.ts';

/** Everybody knows the first two people of the CRM; "one" has the first. */
async function createInStep() {
  const office = await createOffice();
  const { engine, crm, sync } = office;
  await engine.prepare();
  const first = await crm.oracle.userCreate({ ...person(1), email: 'one@owner.example' });
  await engine.readShared({ pace });
  await engine.round({ only: ['one'], shared: false });
  await engine.readShared({ pace });
  office.calls.length = 0;
  const dirty = async () => {
    const due = await sync.dueLanes({ now: office.now(), owner: 'w', limit: 9 });
    return due.filter(({ dirtySeq, doneSeq }) => dirtySeq > doneSeq).map(({ id }) => id);
  };
  return { ...office, first, dirty, name: (...ids: string[]) => engine.readNamed(new Map([['crm', ids]])) };
}

describe('records that somebody has named', () => {
  it('are noted as they are now, before their feed is read, and the feed stays where it is', async () => {
    const office = await createInStep();
    const { engine, crm, sync, first } = office;
    await crm.oracle.userUpdate(first, { notes: 'changed' });
    const [before] = await sync.feeds('crm');
    expect(await office.name(first)).toMatchObject([{ store: 'crm', changes: 1, busy: false, error: null }]);
    expect(office.calls).toEqual(['crm.read']);
    const [after] = await sync.feeds('crm');
    const still = ({ fence: _, ...row }: NonNullable<typeof before>) => row;
    expect(after && still(after)).toEqual(before && still(before));
    expect(await office.dirty()).toEqual(['one']);
    // What the feed tells of it later is no news, and the mailbox has the change already.
    await engine.round({ only: ['one'], shared: false });
    const [held] = await office.mailbox('one').oracle.all();
    expect(held?.fields.notes).toBe('changed');
    await engine.readShared({ pace });
    expect(await office.dirty()).toEqual([]);
    await office.close();
  });

  it('are new to the lanes that may take them', async () => {
    const office = await createInStep();
    const made = await office.crm.oracle.userCreate({ ...person(2), email: 'two@owner.example' });
    await office.name(made);
    const suspects = await office.sync.suspects('two', { limit: 9 });
    expect(suspects.map(({ id, why }) => [id, why])).toEqual([[made, 'unknown']]);
    await office.engine.readShared({ pace });
    await office.engine.round({ only: ['two'], shared: false });
    expect(await office.mailbox('two').oracle.all()).toHaveLength(1);
    await office.close();
  });

  it('prove nothing where they are not found: the feed tells what was removed', async () => {
    const office = await createInStep();
    await office.crm.oracle.userDelete(office.first);
    expect(await office.name(office.first, 'nobody')).toMatchObject([{ changes: 0, error: null }]);
    expect(await office.dirty()).toEqual([]);
    expect(await office.sync.suspects('one', { limit: 9 })).toEqual([]);
    await office.close();
  });

  it('are left to a feed that was never read to its end, and to one whose scope is another by now', async () => {
    const office = await createOffice();
    const { engine, crm, sync, lanes, options } = office;
    await engine.prepare();
    const id = await crm.oracle.userCreate({ ...person(1), email: 'one@owner.example' });
    const named = new Map([['crm', [id]]]);
    expect(await engine.readNamed(named)).toMatchObject([{ changes: 0, busy: false }]);
    expect(office.calls.filter((call) => call === 'crm.read')).toEqual([]);
    await engine.readShared({ pace });
    const other = lanes.map((lane) => ({
      ...lane,
      policy: { ...lane.policy, owners: ['somebody'] },
      revision: 'second',
    }));
    const moved = createEngine({ ...options, lanes: other });
    await moved.prepare();
    const [feed] = await sync.feeds('crm');
    office.calls.length = 0;
    expect(await moved.readNamed(named)).toMatchObject([{ changes: 0, busy: false }]);
    expect(office.calls.filter((call) => call === 'crm.read')).toEqual([]);
    expect((await sync.feeds('crm'))[0]?.scopeHash).toBe(feed?.scopeHash);
    await office.close();
  });

  it('are left to whoever reads the feed at present, and trouble is answered', async () => {
    const office = await createInStep();
    const { sync, engine, lanes } = office;
    const [feed] = await sync.feeds('crm');
    const at = { feed: feed?.id ?? '', owner: 'other', now: office.now(), ttlMs: 60_000 };
    const lease = await sync.acquireFeed(at);
    expect(await office.name(office.first)).toMatchObject([{ changes: 0, busy: true, error: null }]);
    await sync.releaseFeed({ feed: at.feed, fence: lease?.fence ?? 0 });
    const read = (): Promise<never> =>
      Promise.reject(new AdapterError('rate_limited', 'slow down', { operation: 'read' }));
    await engine.replace(
      lanes.map((lane) => ({
        ...lane,
        stores: { ...lane.stores, b: { ...lane.stores.b, read } },
        revision: 'x',
      })),
    );
    await engine.prepare({ only: lanes.map(({ spec }) => spec.id) });
    expect((await office.name(office.first)).map(({ error }) => error?.kind)).toEqual(['rate_limited']);
    expect((await sync.feeds('crm'))[0]?.leaseOwner).toBe(null);
    expect(await engine.readNamed(new Map([['elsewhere', ['1']]]))).toEqual([]);
    await office.close();
  });
});
