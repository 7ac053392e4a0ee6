import type { Attendee, EventTime, Fields, Outcome, RecordStore, StoreRecord, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { WINDOW } from '../src/conformance/event-fixture.ts';
import { createTestOrg, type TestOrg } from '../src/conformance/org.ts';

const TIME: EventTime = {
  kind: 'time',
  start: '2026-09-01T14:00:00',
  end: '2026-09-01T15:00:00',
  zone: 'UTC',
};
const stampOf = (seed: number): string => `0b6d2b6e-53a4-5c1e-8d7e-${String(seed).padStart(12, '0')}`;
const guest = (email: string, response: Attendee['response'] = 'none'): Attendee => ({
  email,
  role: 'required',
  response,
});
const people = (...attendees: Attendee[]) => ({ kind: 'people', organizer: null, attendees }) as const;

function open(options: { shared?: boolean } = {}) {
  const org = createTestOrg({ adapter: { dailyShare: 1 } });
  if (options.shared !== false) org.sf.admin.enableSharedActivities();
  return { org, sf: org.sf, store: org.port.open({ kind: 'event', window: WINDOW }) };
}

async function write(store: RecordStore, one: Write): Promise<Outcome> {
  const [outcome] = await store.write([one]);
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

async function create(store: RecordStore, fields: Fields, owner?: string): Promise<Outcome & { id: string }> {
  const base = {
    op: 'create',
    stamp: stampOf(1),
    fields: { Subject: 'Review', time: TIME, ...fields },
  } as const;
  const outcome = await write(store, owner === undefined ? base : { ...base, owner });
  if (outcome.status !== 'ok') throw new Error(JSON.stringify(outcome));
  return outcome;
}

async function found(store: RecordStore, id: string): Promise<StoreRecord> {
  const [result] = await store.read([id]);
  if (result?.state !== 'found') throw new Error(`read says ${result?.state}`);
  return result.record;
}

const update = (current: StoreRecord, patch: Fields): Write => ({
  op: 'update',
  id: current.id,
  version: current.version,
  current,
  patch,
});

const relations = ({ sf }: Pick<TestOrg, 'sf'>) =>
  sf.oracle
    .eventRelations()
    .filter((row) => row.IsDeleted === false)
    .map((row) => [row.RelationId, row.Status]);

describe('salesforce events: people', () => {
  it('are users, contacts under any of their addresses, or a lead; their answers follow', async () => {
    const { sf, store, org } = open();
    org.sf.admin.addField('Contact', { name: 'Email2__c', type: 'email', length: 80 });
    const ann = sf.admin.createContact({
      LastName: 'Archer',
      Email: 'ann@example.com',
      Email2__c: 'ann.two@example.com',
    });
    const una = sf.admin.addUser({ username: 'una@example.com' });
    const { id, ...outcome } = await create(store, {
      people: people(guest('Ann.Two@example.com', 'accepted'), guest('una@example.com')),
    });
    expect(outcome).toEqual({ status: 'ok' });
    expect(relations(org)).toEqual([
      [ann, 'Accepted'],
      [una, 'New'],
    ]);
    expect(sf.oracle.event(id)).toMatchObject({ WhoId: ann });
    const current = await found(store, id);
    expect(current.fields.people).toMatchObject({
      attendees: [
        { email: 'ann@example.com', response: 'accepted' },
        { email: 'una@example.com', response: 'none' },
      ],
    });
    await write(store, update(current, { people: people(guest('ann@example.com', 'declined')) }));
    expect(relations(org)).toEqual([[ann, 'Declined']]);
    const lead = sf.admin.createLead({ LastName: 'Lane', Company: 'Lane Ltd', Email: 'lane@example.com' });
    await write(store, update(await found(store, id), { people: people(guest('lane@example.com')) }));
    expect(relations(org)).toEqual([[lead, 'New']]);
    await write(store, update(await found(store, id), { people: null }));
    expect(relations(org)).toEqual([]);
  });

  it('whom nobody knows, or several, are left to a person, and the event is written all the same', async () => {
    const { sf, store, org } = open();
    for (const LastName of ['One', 'Two']) sf.admin.createContact({ LastName, Email: 'twins@example.com' });
    const { notes } = (await create(store, {
      people: people(guest('twins@example.com'), guest('nobody@example.com')),
    })) as Extract<Outcome, { status: 'ok' }>;
    expect(notes).toEqual([
      { property: 'people', code: 'ambiguous' },
      { property: 'people', code: 'unresolved' },
    ]);
    expect(relations(org)).toEqual([]);
  });

  it('are not invited to their own event, and their copies are no events of ours', async () => {
    const { sf, store, org } = open();
    const [una, otto] = ['una', 'otto'].map((name) =>
      sf.admin.addUser({ username: `${name}@example.com` }),
    ) as [string, string];
    const { id } = await create(
      store,
      { people: people(guest('una@example.com'), guest('otto@example.com')) },
      una,
    );
    expect(relations(org)).toEqual([[otto, 'New']]);
    const copy = sf.oracle.events().find((row) => row.IsChild === true);
    const [feed] = await store.feeds();
    const { records } = await store.list(feed?.key ?? '', null);
    expect(records.map((record) => record.id)).toEqual([id]);
    expect(await store.read([String(copy?.Id)])).toEqual([{ state: 'out', id: copy?.Id }]);
  });

  it('are taken off a private event before it becomes one, and none are put on it', async () => {
    const { sf, store, org } = open();
    sf.admin.createContact({ LastName: 'Archer', Email: 'ann@example.com' });
    const { id } = await create(store, { people: people(guest('ann@example.com')) });
    expect(await write(store, update(await found(store, id), { IsPrivate: 'private' }))).toEqual({
      status: 'ok',
      id,
    });
    expect(relations(org)).toEqual([]);
    const secret = await write(
      store,
      update(await found(store, id), { people: people(guest('ann@example.com')) }),
    );
    expect(secret).toEqual({ status: 'ok', id, notes: [{ property: 'people', code: 'projected' }] });
    await write(
      store,
      update(await found(store, id), { IsPrivate: 'normal', people: people(guest('ann@example.com')) }),
    );
    expect(relations(org)).toHaveLength(1);
  });

  it('that somebody relates in the CRM make the event a change', async () => {
    const { sf, store, org } = open();
    const ann = sf.admin.createContact({ LastName: 'Archer', Email: 'ann@example.com' });
    const { id } = await create(store, {});
    const [feed] = await store.feeds();
    const drain = async (from: string | null) => {
      let page = await store.changes(feed?.key ?? '', from);
      const ids = new Set(page.changes.map((change) => change.id));
      while (page.more) {
        page = await store.changes(feed?.key ?? '', page.cursor);
        for (const change of page.changes) ids.add(change.id);
      }
      return { ids: [...ids], cursor: page.cursor };
    };
    let { cursor } = await drain(null);
    org.emulatorClock.advance(20 * 60_000);
    cursor = (await drain(cursor)).cursor;
    const before = await found(store, id);
    const relation = sf.admin.relate(id, ann, { IsParent: true });
    const related = await drain(cursor);
    expect(related.ids).toContain(id);
    expect((await found(store, id)).version).not.toBe(before.version);
    org.emulatorClock.advance(20 * 60_000);
    sf.admin.unrelate(relation);
    expect((await drain(related.cursor)).ids).toContain(id);
    expect((await found(store, id)).fields.people).toBeNull();
  });

  it('that the service refuses are told, and the event stays', async () => {
    const { sf, store } = open();
    sf.admin.createContact({ LastName: 'Archer', Email: 'ann@example.com' });
    sf.faults.inject({
      match: { path: /EventRelation\/new/ },
      fault: {
        kind: 'named',
        name: 'record-error',
        data: { errorCode: 'FIELD_INTEGRITY_EXCEPTION', message: 'no' },
      },
    });
    const outcome = await create(store, { people: people(guest('ann@example.com')) });
    expect(outcome).toMatchObject({ status: 'ok', notes: [{ property: 'people', code: 'unresolved' }] });
    expect(sf.oracle.events()).toHaveLength(1);
  });

  it('go where activities are not shared too, as invitees', async () => {
    const { sf, store, org } = open({ shared: false });
    const ann = sf.admin.createContact({ LastName: 'Archer', Email: 'ann@example.com' });
    const { findings } = await store.probe();
    expect(findings.map(({ code }) => code)).toEqual(['shared-activities-off']);
    await create(store, { people: people(guest('ann@example.com')) });
    expect(relations(org)).toEqual([[ann, 'New']]);
  });
});

describe('salesforce events: bounds', () => {
  it('longer than 14 days are refused by name, before anything is sent', async () => {
    const { store, org } = open();
    const long = { ...TIME, end: '2026-09-15T14:00:01' };
    const before = org.requests.length;
    const outcome = await write(store, {
      op: 'create',
      stamp: stampOf(1),
      fields: { Subject: 'x', time: long },
    });
    expect(outcome).toMatchObject({ status: 'rejected', code: 'invalid', property: 'time' });
    expect(
      org.requests
        .slice(before)
        .some((request) => request.startsWith('POST') && request.endsWith('/composite/sobjects')),
    ).toBe(false);
    expect((await create(store, { time: { ...TIME, end: '2026-09-15T14:00:00' } })).status).toBe('ok');
  });

  it('a reminder moves with its event', async () => {
    const { sf, store } = open();
    const { id } = await create(store, { reminder: '30' });
    expect(sf.oracle.event(id)).toMatchObject({
      IsReminderSet: true,
      ReminderDateTime: '2026-09-01T13:30:00.000+0000',
    });
    const moved = { ...TIME, start: '2026-09-02T14:00:00', end: '2026-09-02T15:00:00' };
    await write(store, update(await found(store, id), { time: moved }));
    expect(sf.oracle.event(id)).toMatchObject({ ReminderDateTime: '2026-09-02T13:30:00.000+0000' });
    expect((await found(store, id)).fields.reminder).toBe('30');
  });

  it('occurrences of the CRM’s own series are read and never written, and its pattern is not among them', async () => {
    const { sf, store } = open();
    const series = sf.admin.createEvent({
      Subject: 'Weekly',
      StartDateTime: '2026-09-07T14:00:00Z',
      DurationInMinutes: 30,
      Recurrence2PatternText: 'RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3',
    });
    const [feed] = await store.feeds();
    const { records } = await store.list(feed?.key ?? '', null);
    expect(records).toHaveLength(3);
    expect(records.every((record) => record.writable === false && record.id !== series)).toBe(true);
    const [first] = records;
    if (first === undefined) throw new Error('none');
    expect(await write(store, update(first, { Subject: 'x' }))).toMatchObject({
      status: 'rejected',
      code: 'read-only',
    });
  });

  it('what lies outside of the window is out, not gone, and in no enumeration', async () => {
    const { sf, store } = open();
    const far = sf.admin.createEvent({ StartDateTime: '2031-09-01T14:00:00Z', DurationInMinutes: 30 });
    const gone = sf.admin.createEvent({ StartDateTime: '2026-09-01T14:00:00Z', DurationInMinutes: 30 });
    sf.admin.deleteEvent(gone);
    expect((await store.read([far, gone])).map(({ state }) => state)).toEqual(['out', 'gone']);
    const [feed] = await store.feeds();
    expect((await store.list(feed?.key ?? '', null)).records).toEqual([]);
    expect((await store.changes(feed?.key ?? '', null)).changes).toEqual([]);
  });

  it('an idle look is one request, over events and their people', async () => {
    const { store, org } = open();
    await create(store, {});
    const [feed] = await store.feeds();
    const key = feed?.key ?? '';
    let page = await store.changes(key, null);
    org.emulatorClock.advance(20 * 60_000);
    for (let round = 0; round < 3; round += 1) page = await store.changes(key, page.cursor);
    const before = org.requests.length;
    page = await store.changes(key, page.cursor);
    expect(org.requests.length - before).toBe(1);
    expect(page).toMatchObject({ changes: [], more: false });
  });
});
