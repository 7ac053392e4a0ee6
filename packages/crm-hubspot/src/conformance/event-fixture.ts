import type { RecordOracle, RecordStoreFixture } from '@tidelock/conformance';
import type { EventTime, EventWindow, Fields, FieldValue } from '@tidelock/core';
import type { HubSpot } from '@tidelock/emulators';
import { createTestAccount } from './account.ts';
import { createFaults } from './faults.ts';
import { FEED_LIFE_MS } from './fixture.ts';

/** A year and a half around the clock of the tests. */
export const WINDOW: EventWindow = { from: '2026-07-01', to: '2028-01-01' };

type Meeting = ReturnType<HubSpot['oracle']['meetings']>[number];

/** Written apart from the adapter's own converters: this is the oracle. */
function toTime({ properties }: Meeting): EventTime {
  const { hs_timestamp: place = '', hs_meeting_start_time: start = place } = properties;
  const length = properties.tidelock_all_day === 'true' ? 10 : 19;
  const show = (text: string): string => new Date(text).toISOString().slice(0, length);
  const end = show(properties.hs_meeting_end_time ?? start);
  return { kind: 'time', start: show(start), end, zone: length === 10 ? null : 'UTC' };
}

function toGuests(hubspot: HubSpot, { contacts, properties }: Meeting): FieldValue {
  const owners = hubspot.oracle.owners();
  const colleagues = (properties.hs_attendee_owner_ids ?? '').split(';').flatMap((id) => {
    const email = owners.find((owner) => owner.id === id)?.email;
    return email === undefined ? [] : [{ email }];
  });
  const guests = contacts.flatMap((id) => {
    const { email, lastname } = hubspot.oracle.contact(id)?.properties ?? {};
    if (email === undefined) return [];
    return [lastname === undefined ? { email } : { email, name: lastname }];
  });
  const attendees = [...colleagues, ...guests].map((one) => ({
    ...one,
    role: 'required' as const,
    response: 'none' as const,
  }));
  return attendees.length === 0 ? null : { kind: 'people', organizer: null, attendees };
}

/** What a person types for these values. */
function toNative({ time, people: _, ...texts }: Fields): Record<string, string | null> {
  const native = Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, typeof value === 'string' ? value : null]),
  );
  if (!time) return native;
  const { start, end } = time as EventTime;
  const allDay = start.length === 10;
  const moment = (text: string): string => new Date(allDay ? `${text}T00:00:00Z` : `${text}Z`).toISOString();
  return {
    ...native,
    hs_timestamp: moment(start),
    hs_meeting_start_time: moment(start),
    hs_meeting_end_time: moment(end),
    tidelock_all_day: allDay ? 'true' : null,
  };
}

function createOracle(hubspot: HubSpot): RecordOracle {
  const { admin, oracle } = hubspot;
  return {
    all: async () =>
      oracle.meetings().map((meeting) => ({
        id: meeting.id,
        fields: { ...meeting.properties, time: toTime(meeting), people: toGuests(hubspot, meeting) },
        stamp: meeting.properties.tidelock_key ?? null,
      })),
    userCreate: async (fields) => admin.createMeeting(toNative(fields)),
    userUpdate: async (id, patch) => admin.updateMeeting(id, toNative(patch)),
    userDelete: async (id) => admin.archiveMeeting(id),
    events: {},
  };
}

/** The meetings of an emulated account with contacts, opened on every property that it offers. */
export async function createEventFixture(): Promise<RecordStoreFixture & { readonly hubspot: HubSpot }> {
  const account = createTestAccount({ adapter: { rateShare: 1 } });
  const { hubspot } = account;
  for (let guest = 0; guest < 250; guest += 1)
    hubspot.admin.createContact({ lastname: `Guest ${guest}`, email: `guest${guest}@example.com` });
  const { catalogue } = await account.port.open({ kind: 'event', window: WINDOW }).probe();
  const properties = Object.keys(catalogue);
  return {
    hubspot,
    store: account.port.open({ kind: 'event', window: WINDOW, properties }),
    oracle: createOracle(hubspot),
    faults: createFaults(account, () => account.clock.advance(FEED_LIFE_MS)),
    clock: { advance: (ms) => account.clock.advance(ms) },
    sample: {
      name: 'hs_meeting_title',
      text: 'hs_meeting_location',
      refused: { hs_meeting_title: 'x'.repeat(65_537) },
    },
    requests: () => account.requests.length,
    leaks: { secrets: [account.token], logged: () => account.logged.join('\n') },
    dispose: () => account.port.close(),
  };
}
