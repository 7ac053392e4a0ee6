import {
  AdapterError,
  type CallOptions,
  type Change,
  type ChangePage,
  type RecordPage,
} from '@tidelock/core';
import { decodeCursor as decode, isFollowed } from '@tidelock/kit';
import * as z from 'zod';
import type { Client } from './client.ts';
import { readGuests } from './event-guests.ts';
import { type EventView, isInside, toEventRecord, toEventSelect } from './event-map.ts';
import {
  advance,
  afterScan,
  type Cursor,
  type DeltaCursor,
  decodeCursor,
  encodeCursor,
  isRepeated,
  type Key,
  requireFresh,
  type ScanCursor,
  toConditions,
} from './feeds-cursor.ts';
import { toMono } from './map.ts';
import {
  idOf,
  PAGE_SIZE,
  type QueryPage,
  queryById,
  queryPages,
  requireProgress,
  type Statement,
} from './query.ts';
import { EVENT, type Row, toRecordId } from './wire.ts';

const CHANGES = 'events.changes';
const LIST = 'events.list';
const DAY_MS = 86_400_000;
/** No event is longer, so one that touches the window begins no earlier before it. */
const LONGEST_DAYS = 15;

const CursorSchema = z.strictObject({ v: z.literal(1), events: z.string(), relations: z.string() });

/** Where the two objects stand: relations of an event have stamps of their own. */
interface Place {
  readonly events: Cursor;
  readonly relations: DeltaCursor;
}

export interface EventReading {
  readonly client: Client;
  readonly view: EventView;
  readonly options: CallOptions | undefined;
}

const encodePlace = ({ events, relations }: Place): string =>
  JSON.stringify({ v: 1, events: encodeCursor(events), relations: encodeCursor(relations) });

function decodePlace(text: string): Place {
  const cursor = decode(text, { operation: CHANGES, read: (value) => CursorSchema.safeParse(value).data });
  const relations = decodeCursor(cursor.relations);
  if (relations.mode === 'delta') return { events: decodeCursor(cursor.events), relations };
  throw new AdapterError('cursor_expired', `${CHANGES}: not a cursor of this store`, {
    operation: CHANGES,
    code: 'cursor',
  });
}

/** Copies of invited users and records of patterns are no events of their own. */
const OWN = ['IsChild = false', "GroupEventType != '3'"];

function inWindow({ window }: EventView): readonly string[] {
  if (window === undefined) return [];
  const from = new Date(Date.parse(`${window.from}T00:00:00Z`) - LONGEST_DAYS * DAY_MS).toISOString();
  return [`StartDateTime >= ${from}`, `StartDateTime < ${window.to}T00:00:00Z`];
}

const toKey = (row: Row): Key => ({ stamp: toMono(row), id: idOf(row) });

const newest = (object: string): Statement => ({
  operation: CHANGES,
  object,
  select: ['Id', 'SystemModstamp'],
  orderBy: 'SystemModstamp DESC, Id DESC',
  limit: 1,
  deleted: true,
});

const markOf = ({ rows, serverTime }: QueryPage): ScanCursor => {
  const [row] = rows;
  return { v: 1, mode: 'scan', after: null, mark: row ? toKey(row) : null, clock: serverTime };
};

async function start({ client, options }: EventReading): Promise<Place> {
  const [events, relations] = await queryPages(client, [newest('Event'), newest('EventRelation')], options);
  return { events: markOf(events), relations: afterScan(markOf(relations)) };
}

const changed = (row: Row): Change => ({ kind: 'changed', id: idOf(row), mono: toMono(row) });

/** Living events of the window in id order. Their relations are read with them. */
async function scan(reading: EventReading, place: Place & { events: ScanCursor }): Promise<ChangePage> {
  const { client, view, options } = reading;
  const { events } = place;
  const statement = {
    operation: CHANGES,
    object: 'Event',
    select: ['Id', 'SystemModstamp'],
    where: [...OWN, ...inWindow(view)],
    after: events.after,
  };
  const page = await queryById(client, statement, options);
  requireFresh(events, page);
  const last = page.rows.at(-1);
  const next = page.more && last ? { ...events, after: idOf(last) } : afterScan(events);
  const cursor = encodePlace({ ...place, events: next });
  return { changes: page.rows.map(changed), cursor, more: next.mode === 'scan' };
}

const roundOf = (object: string, cursor: DeltaCursor): Statement => ({
  operation: CHANGES,
  object,
  select: ['Id', 'SystemModstamp', 'IsDeleted', object === 'Event' ? 'IsChild' : 'EventId'],
  where: toConditions(cursor),
  orderBy: 'SystemModstamp, Id',
  limit: PAGE_SIZE,
  deleted: true,
});

function follow(cursor: DeltaCursor, page: QueryPage): DeltaCursor {
  const keys = page.rows.map(toKey);
  requireFresh(cursor, page);
  requireProgress(CHANGES, keys.length > 0 ? !isRepeated(cursor, keys) : !page.more);
  return advance(cursor, { keys, more: page.more, serverTime: page.serverTime });
}

const eventChange = (row: Row): readonly Change[] => {
  if (row.IsChild === true) return [];
  return row.IsDeleted === true ? [{ kind: 'removed', id: idOf(row), mono: toMono(row) }] : [changed(row)];
};

/** Somebody was related to an event, or is no more: the event is to be read. */
const relationChange = (row: Row): readonly Change[] =>
  typeof row.EventId === 'string' ? [{ kind: 'changed', id: row.EventId }] : [];

async function poll(reading: EventReading, place: Place & { events: DeltaCursor }): Promise<ChangePage> {
  const { client, options } = reading;
  const rounds = [roundOf('Event', place.events), roundOf('EventRelation', place.relations)] as const;
  const [events, relations] = await queryPages(client, rounds, options);
  const next = { events: follow(place.events, events), relations: follow(place.relations, relations) };
  const isDue = isFollowed(place.events, next.events) || isFollowed(place.relations, next.relations);
  const own = events.rows.flatMap(eventChange);
  const told = new Set(own.map(({ id }) => id));
  const others = new Map(
    relations.rows
      .flatMap(relationChange)
      .flatMap((change) => (told.has(change.id) ? [] : [[change.id, change] as const])),
  );
  return {
    changes: [...own, ...others.values()],
    cursor: encodePlace(next),
    more: events.more || relations.more || isDue,
  };
}

/** A full enumeration of the window, then what changes anywhere: reads tell what lies outside. Two objects, one request. */
export async function readEventChanges(reading: EventReading, cursor: string | null): Promise<ChangePage> {
  const place = cursor === null ? await start(reading) : decodePlace(cursor);
  const { events } = place;
  return events.mode === 'scan' ? scan(reading, { ...place, events }) : poll(reading, { ...place, events });
}

/** Living events of the window in id order, whole; the page mark is the last id. */
export async function listEvents(reading: EventReading, page: string | null): Promise<RecordPage> {
  const { client, view, options } = reading;
  const after = page === null ? null : toRecordId(page, EVENT);
  if (page !== null && after === null)
    throw new AdapterError('invalid', `${LIST}: not a page mark of this store`, {
      operation: LIST,
      code: 'page',
    });
  const statement = {
    operation: LIST,
    object: 'Event',
    select: toEventSelect(view),
    where: [...OWN, ...inWindow(view)],
    after,
  };
  const answer = await queryById(client, statement, options);
  const eventIds = answer.rows.map(idOf);
  const guests = await readGuests(client, { eventIds, shared: view.shared }, options);
  const records = answer.rows.map((row) => toEventRecord(row, view, guests.get(idOf(row)) ?? []));
  const last = answer.rows.at(-1);
  return {
    records: records.filter((record) => isInside(record, view)),
    next: answer.more && last ? idOf(last) : null,
  };
}
