import { AdapterError, type Change, type ChangePage, type RecordPage } from '@tidelock/core';
import { isFollowed, parseHttpDate, polledFrom } from '@tidelock/kit';
import type { Answer } from './client.ts';
import {
  type Census,
  countListed,
  expect,
  forget,
  isShort,
  laterEnd,
  noteChanged,
  startCensus,
} from './feeds-census.ts';
import {
  afterChanges,
  afterScan,
  decodeCursor,
  encodeCursor,
  isCounted,
  isWalkDue,
  type Key,
  leaveTie,
  type RoundsCursor,
  requireFresh,
  type ScanCursor,
  settledAt,
} from './feeds-cursor.ts';
import { MERGED_IDS, mergedIdsOf, toMono, toRecord } from './map.ts';
import { type Reading, readPresent } from './store-read.ts';
import { ListSchema, parseInstant, parseReply, SearchSchema, type WireContact } from './wire.ts';

const changesOf = ({ view }: Reading): string => `${view.object.type}.changes`;
const LIST_PAGE = 100;
const SEARCH_PAGE = 200;

const serverTimeOf = ({ headers }: Answer): number | null => parseHttpDate(headers.get('date') ?? '') ?? null;

/** A contact that others were merged into tells so itself; the losers are in no other list. */
function toChanges(contact: WireContact, { view }: Reading): Change[] {
  if (!view.object.content) return [{ kind: 'changed', id: contact.id, mono: toMono(contact) }];
  const record = toRecord(contact, view);
  const losers = mergedIdsOf(contact).map(
    (id): Change => ({ kind: 'removed', id, mono: record.mono, mergedInto: record.id }),
  );
  return [
    { kind: 'changed', id: record.id, version: record.version, mono: record.mono, record },
    ...losers.filter(({ id }) => id !== record.id),
  ];
}

/**
 * What became of the contacts that a search found. It may show them as they were seconds ago, archived ones too: without
 * another look a contact that was just deleted would come back.
 */
async function toPresent(reading: Reading, found: readonly WireContact[]): Promise<Change[]> {
  if (found.length === 0) return [];
  if (!reading.view.object.content) return found.flatMap((object) => toChanges(object, reading));
  const present = await readPresent(
    reading,
    found.map(({ id }) => id),
  );
  return found.flatMap((contact): Change[] => {
    const { id } = contact;
    const now = present.byId.get(id) ?? present.winners.get(id);
    if (now !== undefined) return toChanges(now, reading);
    const mono = toMono(contact);
    return [present.missing.has(id) ? { kind: 'removed', id, mono } : { kind: 'changed', id }];
  });
}

interface Listed {
  readonly contacts: readonly WireContact[];
  readonly next: string | null;
  readonly serverTime: number | null;
}

/** Living contacts, or the archive, in id order. At once, unlike searches. */
async function listPage(
  { client, view, options }: Reading,
  of: { readonly operation: string; readonly after: string | null; readonly archived: boolean },
): Promise<Listed> {
  const answer = await client.request({
    operation: of.operation,
    method: 'GET',
    path: `/objects/${view.object.type}`,
    query: {
      limit: String(LIST_PAGE),
      archived: String(of.archived),
      properties: (of.archived ? [MERGED_IDS] : view.object.toNames(view)).join(','),
      ...(of.after === null ? {} : { after: of.after }),
    },
    signal: options?.signal,
  });
  const { results, paging } = parseReply(ListSchema, answer.body, of.operation);
  const next = paging?.next?.after ?? null;
  if (next !== null && next === of.after) {
    throw new AdapterError('protocol', `${of.operation}: a page that names itself as the next`, {
      operation: of.operation,
      code: 'endless-pages',
    });
  }
  return { contacts: results, next, serverTime: serverTimeOf(answer) };
}

async function readScan(reading: Reading, cursor: ScanCursor): Promise<ChangePage> {
  const page = await listPage(reading, {
    operation: changesOf(reading),
    after: cursor.after,
    archived: false,
  });
  requireFresh(cursor, page.serverTime);
  const clock = cursor.clock ?? page.serverTime;
  const settled = settledAt(clock);
  const begun = cursor.census ?? (settled === null ? null : startCensus(settled));
  const census = begun === null ? null : countListed(begun, page.contacts);
  const scan = { ...cursor, clock, census };
  const next = page.next === null ? afterScan(scan) : { ...scan, after: page.next };
  const changes = page.contacts.flatMap((contact) => toChanges(contact, reading));
  return { changes, cursor: encodeCursor(next), more: page.next !== null };
}

interface Filter {
  readonly propertyName: string;
  readonly operator: 'EQ' | 'GT' | 'GTE' | 'LTE';
  readonly value: string;
}

const inMs = (stamp: string): string => String(parseInstant(stamp) ?? 0);

/**
 * One sort key is all there is, so order inside one stamp is not certain: a page begins with the stamp that the last one
 * ended in, and repeats some of it. Where one stamp fills a page (a mass change), that stamp is read by id first.
 */
function toQuery(cursor: RoundsCursor, modified: string): { filters: readonly Filter[]; sort: string } {
  const from = polledFrom(cursor);
  if (from !== null && cursor.tied) {
    const sameStamp: Filter = { propertyName: modified, operator: 'EQ', value: inMs(from.stamp) };
    const after: Filter = { propertyName: 'hs_object_id', operator: 'GT', value: from.id };
    const filters = from.id === '' ? [sameStamp] : [sameStamp, after];
    return { filters, sort: 'hs_object_id' };
  }
  const stamp = from?.stamp ?? cursor.floor;
  if (stamp === null) return { filters: [], sort: modified };
  const operator = cursor.at === null && from === null ? 'GT' : 'GTE';
  return { filters: [{ propertyName: modified, operator, value: inMs(stamp) }], sort: modified };
}

async function search(
  reading: Reading,
  of: {
    readonly filters: readonly Filter[];
    readonly sort: string;
    readonly names: readonly string[];
    readonly limit: number;
  },
) {
  const { client, view, options } = reading;
  const operation = changesOf(reading);
  const answer = await client.request({
    operation,
    method: 'POST',
    path: `/objects/${view.object.type}/search`,
    body: {
      filterGroups: of.filters.length === 0 ? [] : [{ filters: of.filters }],
      sorts: [of.sort],
      properties: of.names,
      limit: of.limit,
      after: '0',
    },
    repeatable: true,
    policy: 'search',
    signal: options?.signal,
  });
  return { ...parseReply(SearchSchema, answer.body, operation), serverTime: serverTimeOf(answer) };
}

const keyOf = (contact: WireContact): Key => ({ stamp: toMono(contact), id: contact.id });

/** A page that was full and led nowhere would come for ever. */
function requireProgress(cursor: RoundsCursor, keys: readonly Key[], operation: string): void {
  const [from, last] = [polledFrom(cursor), keys.at(-1)];
  if (from === null || last === undefined) return;
  const isBehind = cursor.tied ? last.id === from.id : last.stamp < from.stamp;
  if (last.stamp === from.stamp && !cursor.tied && keys.some(({ stamp }) => stamp !== from.stamp))
    fail(operation);
  if (isBehind) fail(operation);
}

function fail(operation: string): never {
  throw new AdapterError('protocol', `${operation}: a page that leads nowhere`, {
    operation,
    code: 'endless-pages',
  });
}

async function readRound(reading: Reading, cursor: RoundsCursor): Promise<ChangePage> {
  const { view } = reading;
  const names = view.object.toNames(view);
  const page = await search(reading, { ...toQuery(cursor, view.object.modified), names, limit: SEARCH_PAGE });
  requireFresh(cursor, page.serverTime);
  const keys = page.results.map(keyOf);
  const full = keys.length === SEARCH_PAGE;
  if (full) requireProgress(cursor, keys, changesOf(reading));
  const changes = await toPresent(reading, page.results);
  const census = cursor.census && noteChanged(cursor.census, page.results);
  const noted: RoundsCursor = { ...cursor, census };
  if (cursor.tied && !full) return { changes, cursor: encodeCursor(leaveTie(noted, keys)), more: true };
  const next = afterChanges(noted, { keys, more: full, serverTime: page.serverTime });
  if (full || isFollowed(cursor, next)) return { changes, cursor: encodeCursor(next), more: true };
  // A count is half of what a round asks, of five searches a second: whoever is told of each change has it for the next changes.
  if (changes.length > 0 && isCounted(next) && !isWalkDue(next))
    return { changes, cursor: encodeCursor(next), more: false };
  return { changes, ...(await endRound(reading, next)) };
}

async function countLiving(reading: Reading, until: string | null): Promise<number> {
  const filters: readonly Filter[] =
    until === null
      ? []
      : [{ propertyName: reading.view.object.created, operator: 'LTE', value: inMs(until) }];
  const { total } = await search(reading, { filters, sort: 'hs_object_id', names: [], limit: 1 });
  return total;
}

/** A census whose end has moved on, where everybody remembered is old enough to be counted. */
async function moveOn(reading: Reading, census: Census, clock: number | null): Promise<Census> {
  const until = laterEnd(census, settledAt(clock));
  return until === null ? census : { ...startCensus(until), living: await countLiving(reading, until) };
}

/** Fewer living contacts than expected, or nobody has looked for a day: the archive is walked. */
async function endRound(reading: Reading, cursor: RoundsCursor): Promise<Omit<ChangePage, 'changes'>> {
  const { census } = cursor;
  const total = census === null ? 0 : await countLiving(reading, null);
  const crowdedEnd = census?.crowded === true ? laterEnd(census, settledAt(cursor.clock)) : null;
  if (isWalkDue(cursor) || crowdedEnd !== null || (census !== null && isShort(census, total)))
    return { cursor: encodeCursor({ ...cursor, archive: '' }), more: true };
  const counted = census === null ? null : await moveOn(reading, expect(census, total), cursor.clock);
  return { cursor: encodeCursor({ ...cursor, census: counted, counted: cursor.clock }), more: false };
}

/** Clocks inside the service differ a little. */
const SKEW_MS = 60_000;

/** The archive has no order in time: all of it is read, and what was archived since the last walk is news. */
async function walkArchive(reading: Reading, cursor: RoundsCursor): Promise<ChangePage> {
  const after = cursor.archive === '' ? null : cursor.archive;
  const page = await listPage(reading, { operation: changesOf(reading), after, archived: true });
  const since = (cursor.walked ?? 0) - SKEW_MS;
  const changes = page.contacts.flatMap((contact): Change[] => {
    const at = parseInstant(contact.archivedAt) ?? Number.POSITIVE_INFINITY;
    if (at < since) return [];
    // Whoever went into it is gone with it, and stands in no other list.
    const ids = [contact.id, ...mergedIdsOf(contact)];
    return ids.map((id) => ({ kind: 'removed', id, mono: toMono(contact) }));
  });
  const census = cursor.census && forget(cursor.census, changes);
  if (page.next !== null) {
    return { changes, cursor: encodeCursor({ ...cursor, census, archive: page.next }), more: true };
  }
  const done: RoundsCursor = { ...cursor, archive: null, walked: cursor.clock ?? page.serverTime };
  const recounted = census && (await recount(reading, census, cursor.clock));
  return { changes, cursor: encodeCursor({ ...done, census: recounted }), more: false };
}

/** After a walk the numbers are what they are: whom the archive does not explain was merged away, or purged. */
async function recount(reading: Reading, census: Census, clock: number | null): Promise<Census> {
  const until = census.crowded ? settledAt(clock) : null;
  if (until !== null) return { ...startCensus(until), living: await countLiving(reading, until) };
  return expect(census, await countLiving(reading, null));
}

export async function readChanges(reading: Reading, text: string | null): Promise<ChangePage> {
  if (text === null) return readScan(reading, { v: 1, mode: 'scan', after: null, clock: null, census: null });
  const cursor = decodeCursor(text);
  if (cursor.mode === 'scan') return readScan(reading, cursor);
  return cursor.archive === null ? readRound(reading, cursor) : walkArchive(reading, cursor);
}

/** Living objects in id order; the page mark is the service's own. */
export async function readListed(reading: Reading, page: string | null): Promise<Listed> {
  const operation = `${reading.view.object.type}.list`;
  if (page !== null && !/^\d+$/.test(page))
    throw new AdapterError('invalid', `${operation}: not a page mark of this store`, {
      operation,
      code: 'page',
    });
  return await listPage(reading, { operation, after: page, archived: false });
}

export async function listContacts(reading: Reading, page: string | null): Promise<RecordPage> {
  const { contacts, next } = await readListed(reading, page);
  return { records: contacts.map((contact) => toRecord(contact, reading.view)), next };
}
