import type { Fields, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createEventFixture, WINDOW } from '../src/conformance/event-fixture.ts';
import { counted, found, stampOf, update } from '../src/conformance/world.ts';
import { create, guests, SECOND, TIME, WEEKLY, withDates, write, ZONE } from './event-samples.ts';

describe('events: creates', () => {
  it('carry the stamp as transaction too: a repeat whose answer was lost makes no second event', async () => {
    const { world, store, dispose } = await createEventFixture();
    const one: Write = {
      op: 'create',
      stamp: stampOf(1),
      fresh: true,
      fields: { subject: 'Once', time: TIME },
    };
    const first = await write(store, one);
    expect(first.status).toBe('ok');
    const again = await write(store, one);
    expect(again).toEqual({ status: 'duplicate', id: first.status === 'ok' ? first.id : '' });
    expect(world.emulator.oracle.events(world.ann)).toHaveLength(1);
    expect(world.emulator.oracle.events(world.ann)[0]?.transactionId).toBe(stampOf(1));
    await dispose?.();
  });

  it('of a series that were cut off are nobody’s until they are gone on with, and then are whole', async () => {
    const { world, store, clock, dispose } = await createEventFixture();
    const one: Write = {
      op: 'create',
      stamp: stampOf(2),
      fields: { subject: 'Weekly', time: TIME, ...withDates },
    };
    // The first request of all that changes an occurrence never arrives.
    world.control.intercept = (seen) =>
      seen.method === 'DELETE' || seen.method === 'PATCH'
        ? Promise.reject(new TypeError('fetch failed'))
        : undefined;
    const cut = await write(store, one);
    expect(cut.status).toBe('unknown');
    world.control.intercept = undefined;
    await clock.advance(10_000);
    const [event] = world.emulator.oracle.events(world.ann);
    const id = event?.immutableId ?? '';
    expect(event?.cancelled).toEqual([]);
    expect(await store.read([id])).toMatchObject([
      { state: 'failed', kind: 'unavailable', code: 'incomplete' },
    ]);
    expect(await store.find('stamp', [stampOf(2)])).toEqual([[]]);
    const [feed] = await store.feeds();
    expect((await store.list(feed?.key ?? '', null)).records).toEqual([]);

    const done = await write(store, one);
    expect(done).toMatchObject({ status: 'ok', id, record: { stamp: stampOf(2) } });
    const after = await found(store, id);
    expect(after.fields.occurrences).toEqual(withDates.occurrences);
    expect(world.emulator.oracle.events(world.ann)).toHaveLength(1);
    await dispose?.();
  });
});

describe('events: updates', () => {
  it('of a series by an old version change nothing, not even an occurrence', async () => {
    const { world, store, dispose } = await createEventFixture();
    const id = await create(store, withDates);
    const old = await found(store, id);
    world.admin.updateEvent(world.ann, id, { subject: 'By Ann' });
    const occurrences = { kind: 'occurrences', byStart: { [SECOND]: 'cancelled' } } as const;
    const patches: readonly Fields[] = [{ occurrences }, { time: { ...TIME, end: '2027-03-02T10:00:00' } }];
    for (const patch of patches)
      expect(await write(store, update(old, patch))).toEqual({ status: 'conflict' });
    expect(Object.keys(world.emulator.oracle.event(world.ann, id)?.exceptions ?? {})).toEqual(['2027-03-16']);
    await dispose?.();
  });

  it('that the service forgets exceptions with are followed by them, and by nothing else', async () => {
    const { world, store, dispose } = await createEventFixture();
    const id = await create(store, withDates);
    const before = world.seen.length;
    await write(store, update(await found(store, id), { subject: 'New name' }));
    const methods = counted(world.seen.slice(before)).map(({ method }) => method);
    expect(methods.filter((method) => method !== 'GET')).toEqual(['PATCH']);
    const after = await found(store, id);
    expect(after.fields).toMatchObject({ subject: 'New name', occurrences: withDates.occurrences });
    await dispose?.();
  });

  it('tell that a cancelled occurrence does not come back', async () => {
    const { store, dispose } = await createEventFixture();
    const id = await create(store, withDates);
    const outcome = await write(store, update(await found(store, id), { occurrences: null }));
    expect(outcome).toMatchObject({ status: 'ok', notes: [{ property: 'occurrences', code: 'projected' }] });
    expect((await found(store, id)).fields.occurrences).toEqual({
      kind: 'occurrences',
      byStart: { [SECOND]: 'cancelled' },
    });
    await dispose?.();
  });

  it('of attendees keep the names they are shown with', async () => {
    const { world, store, dispose } = await createEventFixture();
    const { id } = {
      id: world.admin.createEvent(world.ann, {
        subject: 'Meeting',
        start: { dateTime: '2027-03-02T09:00:00', timeZone: 'UTC' },
        end: { dateTime: '2027-03-02T10:00:00', timeZone: 'UTC' },
        attendees: [
          { type: 'required', emailAddress: { name: 'Carla Cole', address: 'carla@fabrikam.example' } },
        ],
      }).immutableId,
    };
    const record = await found(store, id);
    await write(store, update(record, { people: guests('carla@fabrikam.example', 'dan@fabrikam.example') }));
    const { attendees } = world.emulator.oracle.event(world.ann, id) ?? { attendees: [] };
    expect(attendees.map(({ emailAddress }) => emailAddress.name)).toEqual([
      'Carla Cole',
      'dan@fabrikam.example',
    ]);
    await dispose?.();
  });
});

describe('events: what is read', () => {
  it('stands at its instant where its zone has no name, and says so', async () => {
    const { world, store, dispose } = await createEventFixture();
    const input = {
      subject: 'Custom',
      start: { dateTime: '2027-03-02T09:00:00', timeZone: ZONE },
      end: { dateTime: '2027-03-02T10:00:00', timeZone: ZONE },
    };
    const { immutableId } = world.admin.createEvent(world.ann, input, { hasCustomZone: true });
    const record = await found(store, immutableId);
    expect(record.fields.time).toEqual({
      kind: 'time',
      start: '2027-03-02T08:00:00',
      end: '2027-03-02T09:00:00',
      zone: null,
    });
    await dispose?.();
  });

  it('is out where it lies outside of the window or in another calendar, and gone only where it is not', async () => {
    const { world, store, oracle, dispose } = await createEventFixture();
    const far = { ...TIME, start: '2029-03-02T09:00:00', end: '2029-03-02T10:00:00' };
    const ids = [
      await create(store, { time: far }, 1),
      await create(store, {}, 2),
      await create(store, {}, 3),
    ];
    await oracle.userMove?.(ids[1] ?? '');
    world.admin.deleteEvent(world.ann, ids[2] ?? '');
    expect((await store.read(ids)).map(({ state }) => state)).toEqual(['out', 'out', 'gone']);
    await dispose?.();
  });

  it('names the window in its scope: another one is another feed, and no pass from one to the other deletes', async () => {
    const { world, store, dispose } = await createEventFixture();
    const open = (from: string, to: string) =>
      world.port.open({ mailbox: world.ann, kind: 'event', window: { from, to } });
    const [feed] = await store.feeds();
    const [same] = await open(WINDOW.from, WINDOW.to).feeds();
    const [other] = await open('2026-10-25', '2027-11-24').feeds();
    expect(same?.scopeHash).toBe(feed?.scopeHash);
    expect(other?.scopeHash).not.toBe(feed?.scopeHash);
    expect(other?.key).toBe(feed?.key);
    await dispose?.();
  });

  it('takes one request for twenty series, with all of their occurrences', async () => {
    const { world, store, dispose } = await createEventFixture();
    const ids: string[] = [];
    for (let seed = 1; seed <= 20; seed += 1)
      ids.push(await create(store, seed % 5 === 0 ? withDates : { recurrence: WEEKLY }, seed));
    const before = world.seen.length;
    const results = await store.read(ids);
    expect(results.every(({ state }) => state === 'found')).toBe(true);
    expect(world.seen.length - before).toBe(1);
    await dispose?.();
  });

  it('shows the events of a calendar that is named, and new ones go there', async () => {
    const { world, dispose } = await createEventFixture();
    const calendar = world.admin.createCalendar(world.ann, 'Customers').id;
    const store = world.port.open({
      mailbox: world.ann,
      kind: 'event',
      calendars: ['customers'],
      window: WINDOW,
    });
    const id = await create(store, {});
    expect(world.emulator.oracle.event(world.ann, id)?.calendarId).toBe(calendar);
    expect((await store.read([id]))[0]?.state).toBe('found');
    const missing = world.port.open({
      mailbox: world.ann,
      kind: 'event',
      calendars: ['Nowhere'],
      window: WINDOW,
    });
    await expect(missing.feeds()).rejects.toMatchObject({ kind: 'not_found', code: 'calendar-missing' });
    await dispose?.();
  });
});

describe('events: addresses', () => {
  it('that would answer, cancel or forward a meeting cannot be reached', async () => {
    const { toAddress } = await import('../src/paths.ts');
    const origin = 'https://graph.microsoft.com';
    const refused = [
      'events/1/cancel',
      'events/1/accept',
      'events/1/forward',
      'calendar/events/1/decline',
      'sendMail',
      'calendarGroups',
    ];
    for (const path of refused)
      expect(() => toAddress({ operation: 'x', method: 'POST', url: `/users/a/${path}` }, origin)).toThrow(
        /may use/,
      );
    for (const path of [
      'events/1',
      'calendar/events',
      'calendars/c/calendarView/delta',
      'events/1/instances?x=1',
    ])
      expect(toAddress({ operation: 'x', method: 'GET', url: `/users/a/${path}` }, origin)).toContain(path);
  });
});
