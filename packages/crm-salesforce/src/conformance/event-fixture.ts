import type { RecordOracle, RecordStoreFixture } from '@tidelock/conformance';
import type { EventTime, EventWindow, Fields, FieldValue, People } from '@tidelock/core';
import type { Salesforce } from '@tidelock/emulators';
import { createFaults } from './fixture.ts';
import { createTestOrg, SECRET } from './org.ts';

/** A year and a half around the clock of the tests. */
export const WINDOW: EventWindow = { from: '2026-07-01', to: '2028-01-01' };
const DAY_MS = 86_400_000;

type Row = Readonly<Record<string, unknown>>;

const SHOW_AS: Readonly<Record<string, string>> = { Free: 'free', Busy: 'busy', OutOfOffice: 'oof' };
const RESPONSES: Readonly<Record<string, People['attendees'][number]['response']>> = {
  Accepted: 'accepted',
  Declined: 'declined',
  Maybe: 'tentative',
};

const instantOf = (value: unknown): number => Date.parse(String(value).replace('+0000', 'Z'));

/** Written apart from the adapter's own converters: this is the oracle. */
function toTime(row: Row): EventTime {
  const show = (ms: number, length: number): string => new Date(ms).toISOString().slice(0, length);
  const [from, to] = [instantOf(row.StartDateTime), instantOf(row.EndDateTime)];
  return row.IsAllDayEvent === true
    ? { kind: 'time', start: show(from, 10), end: show(to + DAY_MS, 10), zone: null }
    : { kind: 'time', start: show(from, 19), end: show(to, 19), zone: 'UTC' };
}

function toGuests(sf: Salesforce, eventId: unknown): FieldValue {
  const people = new Map(
    [...sf.oracle.contacts(), ...sf.oracle.leads(), ...sf.oracle.users()].map((row) => [row.Id, row]),
  );
  const attendees = sf.oracle
    .eventRelations()
    .filter((row) => row.EventId === eventId && row.IsDeleted === false)
    .flatMap((row) => {
      const person = people.get(row.RelationId);
      if (typeof person?.Email !== 'string') return [];
      const response = RESPONSES[String(row.Status)] ?? 'none';
      return [{ email: person.Email, name: String(person.Name), role: 'required' as const, response }];
    });
  return attendees.length === 0 ? null : { kind: 'people', organizer: null, attendees };
}

function toTruth(sf: Salesforce, row: Row): Fields {
  const texts = Object.entries(row).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const reminder = (instantOf(row.StartDateTime) - instantOf(row.ReminderDateTime)) / 60_000;
  return {
    ...Object.fromEntries(texts),
    ShowAs: SHOW_AS[String(row.ShowAs)] ?? null,
    IsPrivate: row.IsPrivate === true ? 'private' : 'normal',
    time: toTime(row),
    people: toGuests(sf, row.Id),
    reminder: row.IsReminderSet === true ? String(reminder) : null,
  };
}

/** What a person types for these values. */
function toNative(fields: Fields): Record<string, unknown> {
  const { time, people: _, reminder, ShowAs, IsPrivate, ...texts } = fields;
  const native: Record<string, unknown> = { ...texts };
  if (ShowAs !== undefined)
    native.ShowAs = Object.entries(SHOW_AS).find(([, word]) => word === ShowAs)?.[0] ?? null;
  if (IsPrivate !== undefined) native.IsPrivate = IsPrivate === 'private';
  if (time) {
    const { start, end } = time as EventTime;
    const allDay = start.length === 10;
    const moment = (text: string, shift = 0): string =>
      new Date(Date.parse(allDay ? `${text}T00:00:00Z` : `${text}Z`) + shift).toISOString();
    native.IsAllDayEvent = allDay;
    native.StartDateTime = moment(start);
    native.EndDateTime = moment(end, allDay ? -DAY_MS : 0);
    if (typeof reminder === 'string') {
      native.IsReminderSet = true;
      native.ReminderDateTime = moment(start, -Number(reminder) * 60_000);
    }
  }
  return native;
}

function createOracle(sf: Salesforce): RecordOracle {
  return {
    all: async () =>
      sf.oracle
        .events()
        .filter((row) => row.IsDeleted === false && row.IsChild === false)
        .map((row) => ({
          id: String(row.Id),
          fields: toTruth(sf, row),
          stamp: typeof row.TidelockKey__c === 'string' ? row.TidelockKey__c : null,
        })),
    userCreate: async (fields) => sf.admin.createEvent(toNative(fields)),
    userUpdate: async (id, patch) => sf.admin.updateEvent(id, toNative(patch)),
    userDelete: async (id) => sf.admin.deleteEvent(id),
    events: {},
  };
}

/** The events of an emulated org that shares activities, opened on every property that it offers. */
export async function createEventFixture(): Promise<RecordStoreFixture & { readonly sf: Salesforce }> {
  const org = createTestOrg({ adapter: { dailyShare: 1 } });
  const { admin } = org.sf;
  admin.enableSharedActivities();
  for (let guest = 0; guest < 120; guest += 1)
    admin.createContact({ LastName: `Guest ${guest}`, Email: `guest${guest}@example.com` });
  const { catalogue } = await org.port.open({ kind: 'event', window: WINDOW }).probe();
  const offered = Object.keys(catalogue);
  return {
    sf: org.sf,
    store: org.port.open({ kind: 'event', window: WINDOW, properties: offered }),
    oracle: createOracle(org.sf),
    faults: createFaults(org),
    clock: { advance: (ms) => org.emulatorClock.advance(ms) },
    sample: {
      name: 'Subject',
      text: 'Location',
      values: { IsPrivate: 'normal' },
      refused: { Subject: 'x'.repeat(256) },
    },
    requests: () => org.requests.length,
    leaks: { secrets: [SECRET], logged: () => org.logged.join('\n') },
    dispose: () => org.port.close(),
  };
}
