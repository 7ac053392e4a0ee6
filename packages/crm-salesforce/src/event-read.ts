import type { ReadResult, StoreRecord } from '@tidelock/core';
import { createHolders } from '@tidelock/kit';
import type { EventReading } from './event-feeds.ts';
import { readGuests } from './event-guests.ts';
import { isInside, toEventRecord, toEventSelect } from './event-map.ts';
import { chunkForQuery, idOf, isIn } from './query.ts';
import { queryMany } from './query-many.ts';
import { deletedIds, readRows, toVerdict } from './store-read.ts';
import { EVENT, type Row, toRecordId } from './wire.ts';

/** Rows with those who are related to them. */
async function toRecords(
  reading: EventReading,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, StoreRecord>> {
  const { client, view, options } = reading;
  const eventIds = rows.map(idOf);
  const guests = await readGuests(client, { eventIds, shared: view.shared }, options);
  return new Map(rows.map((row) => [idOf(row), toEventRecord(row, view, guests.get(idOf(row)) ?? [])]));
}

/** The copy of an invited user, and the record of a pattern, are shown by no feed: to us they are not there. */
const isOwn = (row: Row): boolean => row.IsChild !== true;

/** Events with their people: one request for the events and one for the people of up to 300. */
export async function readEvents(
  reading: EventReading & { readonly now: number },
  ids: readonly string[],
): Promise<readonly ReadResult[]> {
  const { view, now } = reading;
  const known = ids.map((id) => ({ id, id18: toRecordId(id, EVENT) }));
  const asked = known.flatMap(({ id18 }) => (id18 === null ? [] : [id18]));
  const rows = await readRows(reading, { entity: EVENT, ids: asked, select: toEventSelect(view, true) });
  const living = [...rows.values()].filter((row) => row.IsDeleted !== true && isOwn(row));
  const records = await toRecords(reading, living);
  const missing = asked.some((id18) => !rows.has(id18));
  const purged = missing ? await deletedIds(reading, { entity: EVENT, now }) : new Set<string>();
  return known.map(({ id, id18 }): ReadResult => {
    if (id18 === null) return { state: 'failed', id, kind: 'invalid', code: 'malformed-id' };
    const row = rows.get(id18);
    const record = records.get(id18);
    if (record !== undefined)
      return { state: isInside(record, view) ? 'found' : 'out', id, record: { ...record, id } };
    if (row === undefined && !purged.has(id18)) return { state: 'out', id };
    return toVerdict(row).state === 'here' ? { state: 'out', id } : { state: 'gone', id };
  });
}

/** Living events by stamp. They have no address of their own. */
export async function findEvents(
  reading: EventReading,
  by: 'stamp' | 'email',
  values: readonly string[],
): Promise<readonly (readonly StoreRecord[])[]> {
  const { client, view, options } = reading;
  const { stampField } = view;
  const holders = createHolders<StoreRecord>(values);
  if (by === 'email' || stampField === null || holders.wanted.length === 0) return holders.answer();
  const statements = chunkForQuery(holders.wanted, 1).map((group) => ({
    operation: 'events.find',
    object: 'Event',
    select: toEventSelect(view),
    where: [isIn(stampField, group)],
  }));
  const rows = (await queryMany(client, statements, options)).filter(isOwn);
  const records = await toRecords(reading, [...new Map(rows.map((row) => [idOf(row), row])).values()]);
  for (const row of rows) {
    const record = records.get(idOf(row));
    if (record !== undefined) holders.add([row[stampField]], record);
  }
  return holders.answer();
}
