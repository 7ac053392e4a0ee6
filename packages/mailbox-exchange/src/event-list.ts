import { AdapterError, type CallOptions, type RecordPage, type StoreRecord } from '@tidelock/core';
import { z } from 'zod';
import type { BatchStep } from './batch.ts';
import { decodeCursor, encodeCursor, requireOwn, startWalk, walkOn } from './cursor.ts';
import { protocolError, requireLive } from './errors.ts';
import { halvesOf, PartSchema, partsOf, type Part as Span } from './event-parts.ts';
import {
  type EventSession,
  isGone,
  isPending,
  readEventRecord,
  readEvents,
  wholeEvent,
} from './event-read.ts';
import { isInside } from './event-window.ts';
import { stampId } from './map.ts';
import { calendarPath, eventPath, quote, toQuery } from './paths.ts';
import { sendReads } from './read.ts';
import { readPage } from './session.ts';

const LIST = 'events.list';
const FIND = 'events.find';
/** Bodies come along, so pages are smaller than the service allows. */
const LIST_SIZE = 250;
const FIND_SIZE = '50';

/** `views`: parts of the window that are not listed yet, the first of them at `walk`. */
const PageSchema = z.strictObject({
  walk: z.string().nullable(),
  series: z.array(z.string()),
  views: z.array(PartSchema).min(1),
});
type Page = z.output<typeof PageSchema>;

const Part = z.object({ id: z.string(), seriesMasterId: z.string().nullable().optional() });

function firstView(session: EventSession, feed: string, { start, end }: Span): string {
  const { mailbox, layout } = session;
  const extended = `singleValueExtendedProperties($filter=id eq ${quote(stampId(layout))})`;
  const query = { startDateTime: start, endDateTime: end, $top: String(LIST_SIZE), $expand: extended };
  return `${calendarPath(mailbox, feed)}/calendarView${toQuery(query)}`;
}

async function readMasters(
  session: EventSession,
  ids: readonly string[],
  options: CallOptions,
): Promise<readonly StoreRecord[]> {
  const query = wholeEvent(session);
  const steps = ids.map(
    (id): BatchStep => ({ method: 'GET', url: `${eventPath(session.mailbox, id)}${query}` }),
  );
  const answers = await sendReads(session, { operation: LIST, steps }, options);
  return answers.flatMap((answer) => {
    if (answer.ok)
      return [readEventRecord(session, answer.answer.body, { operation: LIST, extended: true, whole: true })];
    if (isGone(answer.error)) return [];
    throw answer.error;
  });
}

interface Sorted {
  readonly singles: readonly StoreRecord[];
  readonly masters: readonly string[];
}

function sortItems(session: EventSession, items: readonly unknown[], seen: ReadonlySet<string>): Sorted {
  const singles: StoreRecord[] = [];
  const masters = new Set<string>();
  for (const item of items) {
    const { data } = Part.safeParse(item);
    if (data === undefined) throw protocolError(LIST, 'an item has no id', 'item');
    const master = data.seriesMasterId;
    if (master === undefined || master === null)
      singles.push(readEventRecord(session, item, { operation: LIST, extended: true, whole: true }));
    else if (!seen.has(master)) masters.add(master);
  }
  return { singles, masters: [...masters] };
}

function decodePage(session: EventSession, page: string | null): Page {
  if (page === null) return { walk: null, series: [], views: [...partsOf(session.calendars.window)] };
  let value: unknown;
  try {
    value = JSON.parse(page);
  } catch {
    value = undefined;
  }
  const parsed = PageSchema.safeParse(value).data;
  if (parsed !== undefined) return parsed;
  throw new AdapterError('cursor_expired', `${LIST}: not a page mark of this store`, {
    operation: LIST,
    code: 'foreign-cursor',
  });
}

/** Where the listing goes on behind a page; null at its end. */
function nextPage(
  session: EventSession,
  known: Page,
  of: {
    readonly link: string | undefined;
    readonly items: readonly unknown[];
    readonly series: readonly string[];
  },
): string | null {
  const { origin } = session;
  const [, ...others] = known.views;
  const series = [...known.series, ...of.series];
  if (of.link === undefined)
    return others.length === 0 ? null : JSON.stringify({ walk: null, series, views: others });
  requireOwn(of.link, { operation: LIST, origin });
  const before = known.walk === null ? startWalk() : decodeCursor(known.walk, { operation: LIST, origin });
  const walk = walkOn(before, { link: of.link, items: of.items }, LIST);
  return JSON.stringify({ walk: encodeCursor(walk), series, views: known.views });
}

/** Pages of the plain view, in which a series comes once: with the first page that shows an occurrence of it. */
export async function listEvents(
  session: EventSession,
  given: { readonly feed: string; readonly page: string | null },
  options: CallOptions = {},
): Promise<RecordPage> {
  const { graph, lane, origin, calendars } = session;
  const known = decodePage(session, given.page);
  const [part, ...others] = known.views;
  if (part === undefined) return { records: [], next: null };
  const url =
    known.walk === null
      ? firstView(session, given.feed, part)
      : decodeCursor(known.walk, { operation: LIST, origin }).link;
  let body: unknown;
  try {
    body = (await graph.send({ operation: LIST, url, lane, signal: options.signal })).body;
  } catch (error) {
    const views = [...halvesOf(part, error), ...others];
    return { records: [], next: JSON.stringify({ ...known, walk: null, views }) };
  }
  const page = readPage(body, LIST);
  const { singles, masters } = sortItems(session, page.value, new Set(known.series));
  const all = [...singles, ...(await readMasters(session, masters, options))];
  const records = all.filter((each) => !isPending(each) && isInside(each.fields, calendars.window));
  const link = page['@odata.nextLink'];
  return { records, next: nextPage(session, known, { link, items: page.value, series: masters }) };
}

const Found = z.object({ id: z.string().min(1) });

/** Ids of events and masters in the opened calendars that a filter finds; one array per filter. */
export async function findIds(
  session: EventSession,
  filters: readonly string[],
  options: CallOptions = {},
): Promise<readonly (readonly string[])[]> {
  requireLive(options.signal, FIND);
  if (filters.length === 0) return [];
  const keys = await session.calendars.keys(options);
  const asked = keys.flatMap((calendar) => filters.map((filter, at) => ({ calendar, filter, at })));
  const steps = asked.map(({ calendar, filter }): BatchStep => {
    const query = toQuery({ $filter: filter, $select: 'id', $top: FIND_SIZE });
    return { method: 'GET', url: `${calendarPath(session.mailbox, calendar)}/events${query}` };
  });
  const answers = await sendReads(session, { operation: FIND, steps }, options);
  const found = filters.map(() => new Set<string>());
  for (const [index, { at }] of asked.entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    if (!answer.ok) throw answer.error;
    for (const item of readPage(answer.answer.body, FIND).value) {
      const id = Found.safeParse(item).data?.id;
      if (id !== undefined) found[at]?.add(id);
    }
  }
  return found.map((ids) => [...ids]);
}

export const stampFilter = (session: EventSession, value: string): string =>
  `singleValueExtendedProperties/any(ep:ep/id eq ${quote(stampId(session.layout))} and ep/value eq ${quote(value)})`;

/** A text that cannot be written into a URL (half a surrogate pair) is nobody's. */
const isAskable = (value: string): boolean => value !== '' && value.isWellFormed();

interface Question {
  filterOf(value: string): string;
  matches(record: StoreRecord, value: string): boolean;
}

/** Whole records that answer a question, one array per value, wherever in time they are. */
async function findRecords(
  session: EventSession,
  given: Question & { readonly values: readonly string[] },
  options: CallOptions,
): Promise<readonly (readonly StoreRecord[])[]> {
  requireLive(options.signal, FIND);
  const values = [...new Set(given.values)].filter(isAskable);
  const ids = await findIds(session, values.map(given.filterOf), options);
  const results = await readEvents(session, [...new Set(ids.flat())], options);
  const records = new Map<string, StoreRecord>();
  for (const result of results) {
    if (result.state === 'failed' && result.code !== 'incomplete')
      throw protocolError(FIND, 'an event that was found could not be read', result.code ?? 'unread');
    if ((result.state === 'found' || result.state === 'out') && result.record !== undefined)
      records.set(result.id, result.record);
  }
  const byValue = new Map(
    values.map((value, at) => [
      value,
      (ids[at] ?? []).flatMap((id) => records.get(id) ?? []).filter((record) => given.matches(record, value)),
    ]),
  );
  return given.values.map((value) => byValue.get(value) ?? []);
}

/** Events have no address of their own: nobody is found by e-mail. */
export async function findEvents(
  session: EventSession,
  given: { readonly by: 'stamp' | 'email'; readonly values: readonly string[] },
  options: CallOptions = {},
): Promise<readonly (readonly StoreRecord[])[]> {
  const { by } = given;
  if (by === 'email') {
    requireLive(options.signal, FIND);
    return given.values.map(() => []);
  }
  const values = given.values.map((value) => value.trim().toLowerCase());
  const question: Question = {
    filterOf: (value) => stampFilter(session, value),
    matches: (record, value) => record.stamp === value,
  };
  return await findRecords(session, { ...question, values }, options);
}

export const findSharedEvents = (
  session: EventSession,
  keys: readonly string[],
  options: CallOptions = {},
): Promise<readonly (readonly StoreRecord[])[]> =>
  findRecords(
    session,
    {
      values: keys,
      filterOf: (key) => `iCalUId eq ${quote(key)}`,
      matches: (record, key) => record.shared === key,
    },
    options,
  );
