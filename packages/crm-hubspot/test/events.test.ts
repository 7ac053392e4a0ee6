import type { EventTime, Fields, Outcome, People, RecordStore, StoreRecord, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createTestAccount, type TestAccountOptions } from '../src/conformance/account.ts';
import { WINDOW } from '../src/conformance/event-fixture.ts';

const TIME: EventTime = {
  kind: 'time',
  start: '2026-09-01T14:00:00',
  end: '2026-09-01T15:00:00',
  zone: 'UTC',
};
const DAYS: EventTime = { kind: 'time', start: '2026-09-01', end: '2026-09-03', zone: null };
const stampOf = (seed: number): string => `0b6d2b6e-53a4-5c1e-8d7e-${String(seed).padStart(12, '0')}`;

const people = (...emails: string[]): People => ({
  kind: 'people',
  organizer: null,
  attendees: emails.map((email) => ({ email, role: 'required', response: 'none' })),
});

function open(options: TestAccountOptions = {}) {
  const account = createTestAccount({ adapter: { rateShare: 1 }, ...options });
  const store = account.port.open({ kind: 'event', window: WINDOW });
  return { account, store, admin: account.hubspot.admin, oracle: account.hubspot.oracle };
}

async function write(store: RecordStore, one: Write): Promise<Outcome> {
  const [outcome] = await store.write([one]);
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}

async function create(store: RecordStore, fields: Fields, owner?: string) {
  const base = {
    op: 'create',
    stamp: stampOf(1),
    fields: { hs_meeting_title: 'Review', time: TIME, ...fields },
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

const emailsOf = ({ fields }: StoreRecord): readonly string[] =>
  (fields.people as People | null)?.attendees.map(({ email }) => email) ?? [];

describe('hubspot meetings: people', () => {
  it('are contacts under any of their addresses, made together with the meeting', async () => {
    const { account, store, admin, oracle } = open();
    const ann = admin.createContact({ lastname: 'Archer', email: 'ann@example.com' });
    const twin = admin.createContact({ lastname: 'Archer', email: 'ann.two@example.com' });
    const merged = admin.mergeContacts(ann, twin);
    const ben = admin.createContact({ email: 'ben@example.com' });
    const before = account.requests.length;
    const { id } = await create(store, { people: people('Ann.Two@example.com', 'ben@example.com') });
    expect(account.requests.slice(before).filter((line) => line.includes('/associations/'))).toEqual([]);
    expect(oracle.meeting(id)?.contacts).toEqual([ben, merged].sort());
    expect(emailsOf(await found(store, id)).toSorted()).toEqual(['ann@example.com', 'ben@example.com']);
  });

  it('come and go with updates, and what was there already stays as it is', async () => {
    const { account, store, admin, oracle } = open();
    const [ann, ben, zoe] = ['ann', 'ben', 'zoe'].map((name) =>
      admin.createContact({ email: `${name}@example.com` }),
    ) as [string, string, string];
    const { id } = await create(store, { people: people('ann@example.com', 'ben@example.com') });
    expect(
      await write(
        store,
        update(await found(store, id), { people: people('ben@example.com', 'zoe@example.com') }),
      ),
    ).toMatchObject({ status: 'ok' });
    expect(oracle.meeting(id)?.contacts).toEqual([ben, zoe].sort());
    const unnamed = admin.createContact({ lastname: 'Nobody' });
    admin.associate(id, unnamed);
    await write(store, update(await found(store, id), { people: null }));
    expect(oracle.meeting(id)?.contacts).toEqual([unnamed]);
    expect(oracle.contact(ann)?.archived).toBe(false);
    expect(account.logged.join()).not.toContain('example.com');
  });

  it('who use the account are attending owners, whoever owns the meeting is not one', async () => {
    const { store, admin, oracle } = open();
    const [una, otto] = ['una', 'otto'].map((name) => admin.addOwner({ email: `${name}@example.com` })) as [
      string,
      string,
    ];
    admin.createContact({ email: 'otto@example.com' });
    const { id } = await create(store, { people: people('una@example.com', 'otto@example.com') }, una);
    expect(oracle.meeting(id)).toMatchObject({
      contacts: [],
      properties: { hs_attendee_owner_ids: otto, hubspot_owner_id: una },
    });
    const current = await found(store, id);
    expect(current.owner).toBe(una);
    expect(emailsOf(current)).toEqual(['otto@example.com']);
    await write(store, update(current, { people: null }));
    expect(oracle.meeting(id)?.properties.hs_attendee_owner_ids ?? '').toBe('');
  });

  it('whom nobody knows, or several, are left to a person', async () => {
    const { store, admin, oracle } = open();
    for (const firstName of ['One', 'Two']) admin.addOwner({ email: 'twins@example.com', firstName });
    const { id, notes } = await create(store, {
      people: people('twins@example.com', 'nobody@example.com', 'not an address'),
    });
    expect(notes).toEqual([
      { property: 'people', code: 'ambiguous' },
      { property: 'people', code: 'unresolved' },
    ]);
    expect(oracle.meeting(id)?.contacts).toEqual([]);
  });

  it('are part of the version: the service moves no time of change for them', async () => {
    const { store, admin } = open();
    const ann = admin.createContact({ email: 'ann@example.com' });
    const { id } = await create(store, {});
    const before = await found(store, id);
    admin.associate(id, ann);
    const after = await found(store, id);
    expect(after.mono).toBe(before.mono);
    expect(after.version).not.toBe(before.version);
  });

  it('leave the write open when nobody knows whether they were put on it', async () => {
    const { account, store, admin } = open();
    admin.createContact({ email: 'ann@example.com' });
    const { id } = await create(store, {});
    const current = await found(store, id);
    account.intercept = async (request, forward) => {
      if (!request.url.includes('/associations/')) return forward();
      throw new TypeError('fetch failed');
    };
    expect(await write(store, update(current, { people: people('ann@example.com') }))).toEqual({
      status: 'unknown',
      kind: 'unavailable',
    });
  });

  it('one that is refused costs nobody else a place', async () => {
    const { store, admin, oracle, account } = open();
    const [ann, ben] = ['ann', 'ben'].map((name) =>
      admin.createContact({ email: `${name}@example.com` }),
    ) as [string, string];
    const { id } = await create(store, {});
    const current = await found(store, id);
    account.intercept = async (request, forward) => {
      if (request.url.includes('/associations/') && oracle.contact(ann) !== undefined)
        admin.purgeContact(ann);
      return forward();
    };
    expect(
      await write(store, update(current, { people: people('ann@example.com', 'ben@example.com') })),
    ).toMatchObject({ status: 'ok', notes: [{ property: 'people', code: 'unresolved' }] });
    expect(oracle.meeting(id)?.contacts).toEqual([ben]);
  });
});

describe('hubspot meetings: time', () => {
  it('tells whole days by a mark, as long as both ends are midnights', async () => {
    const { store, admin, oracle } = open();
    const { id } = await create(store, { time: DAYS });
    expect(oracle.meeting(id)?.properties).toMatchObject({
      hs_timestamp: '2026-09-01T00:00:00Z',
      hs_meeting_end_time: '2026-09-03T00:00:00Z',
      tidelock_all_day: 'true',
    });
    const current = await found(store, id);
    expect(current.fields.time).toEqual(DAYS);
    admin.updateMeeting(id, { hs_meeting_start_time: '2026-09-01T08:00:00.000Z' });
    expect((await found(store, id)).fields.time).toMatchObject({ start: '2026-09-01T08:00:00', zone: 'UTC' });
    await write(store, update(await found(store, id), { time: TIME }));
    expect(oracle.meeting(id)?.properties.tidelock_all_day).toBeUndefined();
  });

  it('takes no midnight for a day, and refuses days without the mark', async () => {
    const { store, admin } = open({ allDayProperty: false });
    const [outcome] = await store.write([
      { op: 'create', stamp: stampOf(2), fields: { hs_meeting_title: 'Fair', time: DAYS } },
    ]);
    expect(outcome).toMatchObject({ status: 'rejected', code: 'unsupported', property: 'time' });
    const id = admin.createMeeting({
      hs_timestamp: '2026-09-01T00:00:00.000Z',
      hs_meeting_end_time: '2026-09-02T00:00:00.000Z',
    });
    expect((await found(store, id)).fields.time).toEqual({
      kind: 'time',
      start: '2026-09-01T00:00:00',
      end: '2026-09-02T00:00:00',
      zone: 'UTC',
    });
    const { findings } = await store.probe();
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['all-day-property-missing', 'warn'],
    ]);
  });

  it('outside of the window is out of scope', async () => {
    const { store, admin } = open();
    const id = admin.createMeeting({ hs_timestamp: '2020-01-01T10:00:00.000Z' });
    expect(await store.read([id])).toMatchObject([{ state: 'out', id }]);
    expect((await store.list('meetings', null)).records).toEqual([]);
  });
});

describe('hubspot meetings: account', () => {
  it('without the property for our stamp is blocked, with the clicks', async () => {
    const { store } = open({ stampProperty: false });
    const { findings } = await store.probe();
    expect(findings).toMatchObject([
      {
        code: 'stamp-property-missing',
        severity: 'block',
        remedy: expect.stringContaining('Meeting properties'),
      },
    ]);
  });
});
