import type { ReadResult, RecordPage, StoreRecord } from '@tidelock/core';
import { createHolders } from '@tidelock/kit';
import { type Owners, readGuests } from './event-guests.ts';
import { type EventView, isInside, toEventRecord } from './event-map.ts';
import { readListed } from './feeds.ts';
import { lookAt, type Reading, readBy } from './store-read.ts';
import type { WireContact } from './wire.ts';

export interface EventReading extends Reading {
  readonly view: EventView;
  readonly owners: Owners;
}

async function toRecords(
  reading: EventReading,
  meetings: readonly WireContact[],
): Promise<readonly StoreRecord[]> {
  const guests = await readGuests(reading, meetings, reading.owners);
  return meetings.map((meeting) => toEventRecord(meeting, reading.view, guests.get(meeting.id) ?? []));
}

/** Meetings with their people. */
export async function readEvents(
  reading: EventReading,
  ids: readonly string[],
): Promise<readonly ReadResult[]> {
  const looks = await lookAt(reading, ids);
  const found = looks.flatMap((look) => (look.state === 'found' ? [look.contact] : []));
  const records = new Map((await toRecords(reading, found)).map((record) => [record.id, record]));
  return looks.map((look): ReadResult => {
    if (look.state !== 'found') return look;
    const { id, contact } = look;
    const record = records.get(contact.id);
    if (record === undefined) return { state: 'failed', id, kind: 'protocol' };
    return { state: isInside(contact, reading.view) ? 'found' : 'out', id, record };
  });
}

/** The window's meetings, of all that there are: the service lists by id only. */
export async function listEvents(reading: EventReading, page: string | null): Promise<RecordPage> {
  const { contacts, next } = await readListed(reading, page);
  const inside = contacts.filter((meeting) => isInside(meeting, reading.view));
  return { records: await toRecords(reading, inside), next };
}

/** Living meetings by stamp. They have no address of their own. */
export async function findEvents(
  reading: EventReading,
  by: 'stamp' | 'email',
  values: readonly string[],
): Promise<readonly (readonly StoreRecord[])[]> {
  const holders = createHolders<StoreRecord>(values);
  if (by === 'email' || holders.wanted.length === 0) return holders.answer();
  const { stampProperty } = reading.view;
  const meetings = await readBy(reading, { idProperty: stampProperty, values: holders.wanted });
  for (const record of await toRecords(reading, meetings)) holders.add([record.stamp], record);
  return holders.answer();
}
