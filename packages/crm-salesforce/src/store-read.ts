import type { CallOptions, ReadResult, StoreRecord } from '@tidelock/core';
import { chunk, createHolders } from '@tidelock/kit';
import type { Client } from './client.ts';
import { toRecord, toSelect, type View } from './map.ts';
import { chunkForQuery, idOf, isIn, queryAllPages } from './query.ts';
import { queryMany } from './query-many.ts';
import { CONTACT, DeletedSchema, type Entity, parseReply, type Row, toRecordId } from './wire.ts';

/** Ids in one statement: 300 of them, percent-encoded, leave half of the longest URI to the select list. */
export const READ_BATCH = 300;

interface Reading {
  readonly client: Client;
  readonly view: View;
  readonly options: CallOptions | undefined;
}

/** Rows by id, deleted and merged ones included; ids that the org does not show are absent. */
export async function readRows(
  { client, options }: Pick<Reading, 'client' | 'options'>,
  of: { readonly entity: Entity; readonly ids: readonly string[]; readonly select: readonly string[] },
): Promise<ReadonlyMap<string, Row>> {
  const { entity, ids, select } = of;
  const operation = `${entity.noun}.read`;
  const pages = await Promise.all(
    chunk([...new Set(ids)], READ_BATCH).map((group) =>
      queryAllPages(
        client,
        { operation, object: entity.name, select, where: [isIn('Id', group)], deleted: true },
        options,
      ),
    ),
  );
  return new Map(pages.flat().map((row) => [idOf(row), row]));
}

/** The verdict about a row that is not among the living. */
export type Verdict =
  | { readonly state: 'gone' }
  | { readonly state: 'merged'; readonly into: string }
  | { readonly state: 'here' };

export function toVerdict(row: Row | undefined): Verdict {
  if (row === undefined) return { state: 'gone' };
  if (row.IsDeleted !== true) return { state: 'here' };
  const into = row.MasterRecordId;
  return typeof into === 'string' ? { state: 'merged', into } : { state: 'gone' };
}

/**
 * What became of ids that a write did not find: one request for up to 300. `gone` covers the recycle bin, a purge, and
 * rows that sharing hides from the integration user; a read tells them apart.
 */
export async function settleIds(
  reading: Pick<Reading, 'client' | 'options'>,
  of: { readonly entity: Entity; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, Verdict>> {
  const { entity, ids } = of;
  const merged = entity === CONTACT ? ['MasterRecordId'] : [];
  const rows = await readRows(reading, { ...of, select: ['Id', 'IsDeleted', ...merged] });
  return new Map(ids.map((id) => [id, toVerdict(rows.get(toRecordId(id, entity) ?? ''))]));
}

const MINUTE_MS = 60_000;
/** How far back the service's log of deletions goes, less what the clocks may differ. */
const LOG_MS = 15 * 24 * 60 * MINUTE_MS - 5 * MINUTE_MS;

/** Ids that the service's own log names as deleted. A purge stays in it; what sharing hides is not in it. */
export async function deletedIds(
  { client, options }: Pick<Reading, 'client' | 'options'>,
  of: { readonly entity: Entity; readonly now: number },
): Promise<ReadonlySet<string>> {
  const { entity, now } = of;
  const operation = `${entity.noun}.deleted`;
  const query = {
    start: new Date(now - LOG_MS).toISOString(),
    end: new Date(now + 2 * MINUTE_MS).toISOString(),
  };
  const path = `/sobjects/${entity.name}/deleted/`;
  const call = { operation, method: 'GET', path, query, signal: options?.signal } as const;
  const { deletedRecords } = parseReply(DeletedSchema, (await client.request(call)).body, operation);
  return new Set(deletedRecords.map(({ id }) => toRecordId(id, entity) ?? id));
}

/**
 * Living, deleted and merged rows come with one `queryAll`. A row that is in none of them was purged, or sharing hides
 * it from the integration user: only the log of deletions proves the former, and what it does not name is `out`.
 */
export async function readContacts(
  reading: Reading & { readonly now: number },
  ids: readonly string[],
): Promise<readonly ReadResult[]> {
  const known = ids.map((id) => ({ id, id18: toRecordId(id, CONTACT) }));
  const asked = known.flatMap(({ id18 }) => (id18 === null ? [] : [id18]));
  const select = toSelect(reading.view, true);
  const rows = await readRows(reading, { entity: CONTACT, ids: asked, select });
  const purged = asked.every((id18) => rows.has(id18))
    ? new Set<string>()
    : await deletedIds(reading, { entity: CONTACT, now: reading.now });
  return known.map(({ id, id18 }): ReadResult => {
    if (id18 === null) return { state: 'failed', id, kind: 'invalid', code: 'malformed-id' };
    const row = rows.get(id18);
    if (row === undefined && !purged.has(id18)) return { state: 'out', id };
    const verdict = toVerdict(row);
    if (verdict.state === 'merged') return { state: 'merged', id, into: verdict.into };
    if (verdict.state === 'gone' || row === undefined) return { state: 'gone', id };
    return { state: 'found', id, record: { ...toRecord(row, reading.view), id } };
  });
}

async function searchRows(
  { client, view, options }: Reading,
  fields: readonly string[],
  values: readonly string[],
): Promise<readonly Row[]> {
  const statements = chunkForQuery(values, fields.length).map((group) => ({
    operation: 'contacts.find',
    object: 'Contact',
    select: toSelect(view),
    where: [`(${fields.map((field) => isIn(field, group)).join(' OR ')})`],
  }));
  const found = await queryMany(client, statements, options);
  return [...new Map(found.map((row) => [idOf(row), row])).values()];
}

/** Living rows by any of the view's e-mail properties or by stamp. SOQL compares text without case. */
export async function findContacts(
  reading: Reading,
  by: 'stamp' | 'email',
  values: readonly string[],
): Promise<readonly (readonly StoreRecord[])[]> {
  const { view } = reading;
  const emails = view.properties.filter((property) => view.specs[property]?.type === 'email');
  const fields = by === 'email' ? emails : view.stampField === null ? [] : [view.stampField];
  const holders = createHolders<StoreRecord>(values);
  if (fields.length === 0 || holders.wanted.length === 0) return holders.answer();
  for (const row of await searchRows(reading, fields, holders.wanted))
    holders.add(
      fields.map((field) => row[field]),
      toRecord(row, view),
    );
  return holders.answer();
}
