import {
  AdapterError,
  type CallOptions,
  type Change,
  type ChangePage,
  type RecordPage,
} from '@tidelock/core';
import { isFollowed } from '@tidelock/kit';
import type { Client } from './client.ts';
import {
  advance,
  afterScan,
  type DeltaCursor,
  decodeCursor,
  encodeCursor,
  isRepeated,
  type Key,
  requireFresh,
  type ScanCursor,
  toConditions,
  withoutTold,
} from './feeds-cursor.ts';
import { toMono, toRecord, toSelect, type View } from './map.ts';
import { FEED_PAGE, idOf, queryById, queryPage, requireProgress } from './query.ts';
import { CONTACT, type Row, toRecordId } from './wire.ts';

const CHANGES = 'contacts.changes';
const LIST = 'contacts.list';

function toKey(row: Row): Key {
  return { stamp: toMono(row), id: idOf(row) };
}

function toChange(row: Row, view: View): Change {
  if (row.IsDeleted === true) {
    const winner = typeof row.MasterRecordId === 'string' ? { mergedInto: row.MasterRecordId } : {};
    return { kind: 'removed', id: idOf(row), mono: toMono(row), ...winner };
  }
  const record = toRecord(row, view);
  return { kind: 'changed', id: record.id, version: record.version, mono: record.mono, record };
}

/** The newest row there is, deleted ones included: from here on the rounds take over. One request. */
async function startScan(client: Client, options?: CallOptions): Promise<ScanCursor> {
  const page = await queryPage(
    client,
    {
      operation: CHANGES,
      object: 'Contact',
      select: ['Id', 'SystemModstamp'],
      orderBy: 'SystemModstamp DESC, Id DESC',
      limit: 1,
      deleted: true,
    },
    options,
  );
  const [row] = page.rows;
  return { v: 1, mode: 'scan', after: null, mark: row ? toKey(row) : null, clock: page.serverTime };
}

interface Reading {
  readonly client: Client;
  readonly view: View;
  readonly options: CallOptions | undefined;
}

/** Living rows in id order. Rows that are deleted or changed meanwhile come in the first round after it. */
async function readScan({ client, view, options }: Reading, cursor: ScanCursor): Promise<ChangePage> {
  const page = await queryById(
    client,
    { operation: CHANGES, object: 'Contact', select: toSelect(view), after: cursor.after, limit: FEED_PAGE },
    options,
  );
  requireFresh(cursor, page);
  const last = page.rows.at(-1);
  const next = page.more && last ? { ...cursor, after: idOf(last) } : afterScan(cursor);
  const changes = page.rows.map((row) => toChange(row, view));
  return { changes, cursor: encodeCursor(next), more: next.mode === 'scan' };
}

async function readDelta({ client, view, options }: Reading, before: DeltaCursor): Promise<ChangePage> {
  const page = await queryPage(
    client,
    {
      operation: CHANGES,
      object: 'Contact',
      select: toSelect(view, true),
      where: toConditions(before),
      orderBy: 'SystemModstamp, Id',
      limit: FEED_PAGE,
      deleted: true,
    },
    options,
  );
  const keys = page.rows.map(toKey);
  const seen = { keys, more: page.more, serverTime: page.serverTime };
  requireFresh(before, seen);
  requireProgress(CHANGES, keys.length > 0 ? !isRepeated(before, keys) : !page.more);
  const next = advance(before, seen);
  const { news, cursor } = withoutTold(page.rows, { before, next });
  return {
    changes: news.map((row) => toChange(row, view)),
    cursor: encodeCursor(cursor),
    more: page.more || isFollowed(before, next),
  };
}

export async function readChanges(reading: Reading, cursor: string | null): Promise<ChangePage> {
  if (cursor === null) {
    return readScan(reading, await startScan(reading.client, reading.options));
  }
  const state = decodeCursor(cursor);
  return state.mode === 'scan' ? readScan(reading, state) : readDelta(reading, state);
}

/** Living rows in id order; the page mark is the last id. */
export async function readList({ client, view, options }: Reading, page: string | null): Promise<RecordPage> {
  const after = page === null ? null : toRecordId(page, CONTACT);
  if (page !== null && after === null) {
    throw new AdapterError('invalid', `${LIST}: not a page mark of this store`, {
      operation: LIST,
      code: 'page',
    });
  }
  const answer = await queryById(
    client,
    { operation: LIST, object: 'Contact', select: toSelect(view), after, limit: FEED_PAGE },
    options,
  );
  const last = answer.rows.at(-1);
  return {
    records: answer.rows.map((row) => toRecord(row, view)),
    next: answer.more && last ? idOf(last) : null,
  };
}
