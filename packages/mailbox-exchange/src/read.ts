import type { AdapterError, CallOptions, ReadResult, RecordPage, StoreRecord } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import { BATCH_SIZE, type BatchStep, type StepAnswer, sendBatch } from './batch.ts';
import { decodeCursor, encodeCursor, requireOwn, startWalk, walkOn } from './cursor.ts';
import { isItemGone, isWholeCall, requireLive } from './errors.ts';
import type { FolderSet } from './folders.ts';
import { contactPath, contactsPath } from './paths.ts';
import { READ_WAIT_MS, readPage, readRecord, type Session, wholeContact } from './session.ts';

/** The service's largest page: for a search, which ends with its requests. */
export const LIST_SIZE = 1000;
/**
 * Of a listing, which goes through everything: what is in the memory at a time is a page, as the service wrote it and as records. The
 * largest would save three requests in a thousand contacts (0760).
 */
const FEED_SIZE = 250;
/** From so many ids on, pages of a list may be fewer requests than one for each id. */
const MANY = 60;

const LIST = 'contacts.list';
const READ = 'contacts.read';

/** Plain pages of a folder, with stamps and own properties. Without a size they are a feed's: no write starts from them. */
export async function listPage(
  session: Session,
  given: { feed: string; page: string | null; size?: number },
  options: CallOptions = {},
): Promise<RecordPage & { readonly total: number | undefined }> {
  const { graph, lane, origin, mailbox } = session;
  const known = given.page === null ? undefined : decodeCursor(given.page, { operation: LIST, origin });
  const query = (): string =>
    wholeContact(session, { $top: String(given.size ?? FEED_SIZE), $count: 'true' });
  const url = known?.link ?? `${contactsPath(mailbox, given.feed)}${query()}`;
  const answer = await graph.send({ operation: LIST, url, lane, signal: options.signal });
  const page = readPage(answer.body, LIST);
  const how = { operation: LIST, extended: true, bare: given.size === undefined };
  const records = page.value.map((item) => readRecord(session, item, how));
  const link = page['@odata.nextLink'];
  const total = page['@odata.count'];
  if (link === undefined) return { records, next: null, total };
  requireOwn(link, { operation: LIST, origin });
  const walk = walkOn(known ?? startWalk(), { link, items: page.value }, LIST);
  return { records, next: encodeCursor(walk), total };
}

/** Sends steps of any number in batches, one after the other. */
export async function sendReads(
  session: Session,
  given: { operation: string; steps: readonly BatchStep[] },
  options: CallOptions = {},
): Promise<readonly StepAnswer[]> {
  const answers: StepAnswer[] = [];
  for (const steps of chunk(given.steps, BATCH_SIZE)) {
    const { lane } = session;
    const { operation } = given;
    const call = { operation, lane, steps, maxWaitMs: READ_WAIT_MS, signal: options.signal };
    answers.push(...(await sendBatch(session, call)));
  }
  return answers;
}

/** Trouble of the mailbox or the connection is thrown: it says nothing about any one contact. */
export function toFailed(id: string, error: AdapterError): ReadResult {
  if (isItemGone(error)) return { state: 'gone', id };
  if (isWholeCall(error)) throw error;
  const { code } = error;
  // A 404 without the service's word for a missing contact is not proof that it is gone.
  const kind = error.kind === 'not_found' ? 'protocol' : error.kind;
  return { state: 'failed', id, kind, ...(code === undefined ? {} : { code }) };
}

function toResult(session: Session, id: string, answer: StepAnswer): ReadResult {
  try {
    if (!answer.ok) throw answer.error;
    const record = readRecord(session, answer.answer.body, { operation: READ, extended: true });
    return { state: 'found', id, record };
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return toFailed(id, error);
  }
}

/** Requests that may still be spent on pages. */
interface Search {
  readonly ids: ReadonlySet<string>;
  readonly met: Map<string, StoreRecord>;
  budget: number;
}

/** Reads pages of one folder for as long as they are fewer requests than the ids still asked for. */
async function searchFolder(
  session: Session,
  given: { feed: string; search: Search },
  options: CallOptions,
): Promise<void> {
  const { feed, search } = given;
  let page: string | null = null;
  while (search.budget > 0 && search.met.size < search.ids.size) {
    search.budget -= 1;
    const answer: Awaited<ReturnType<typeof listPage>> = await listPage(
      session,
      { feed, page, size: LIST_SIZE },
      options,
    );
    for (const record of answer.records) if (search.ids.has(record.id)) search.met.set(record.id, record);
    page = answer.next;
    if (page === null) return;
    if ((answer.total ?? 0) > (search.budget + 1) * LIST_SIZE) search.budget = 0;
  }
}

/**
 * Records found by reading whole pages, where that takes fewer requests than one per twenty ids. Whoever is not met
 * here is read by id.
 */
async function readByPages(
  session: Session,
  given: { folders: FolderSet; ids: ReadonlySet<string> },
  options: CallOptions,
): Promise<Map<string, StoreRecord>> {
  const { folders, ids } = given;
  const search: Search = { ids, met: new Map(), budget: Math.ceil(ids.size / BATCH_SIZE) };
  for (const feed of await folders.keys(options)) await searchFolder(session, { feed, search }, options);
  return search.met;
}

async function readByIds(
  session: Session,
  ids: readonly string[],
  options: CallOptions,
): Promise<readonly ReadResult[]> {
  const query = wholeContact(session);
  const steps = ids.map(
    (id): BatchStep => ({ method: 'GET', url: `${contactPath(session.mailbox, id)}${query}` }),
  );
  const answers = await sendReads(session, { operation: READ, steps }, options);
  return ids.flatMap((id, index) => {
    const answer = answers[index];
    return answer === undefined ? [] : [toResult(session, id, answer)];
  });
}

async function placed(result: ReadResult, folders: FolderSet, options: CallOptions): Promise<ReadResult> {
  if (result.state !== 'found') return result;
  const { id, record } = result;
  return (await folders.holds(record.container, options)) === false ? { state: 'out', id, record } : result;
}

export async function readContacts(
  session: Session,
  given: { folders: FolderSet; ids: readonly string[] },
  options: CallOptions = {},
): Promise<readonly ReadResult[]> {
  requireLive(options.signal, READ);
  const { folders } = given;
  const ids = new Set(given.ids);
  const results = new Map<string, ReadResult>();
  if (ids.size > MANY) {
    for (const [id, record] of await readByPages(session, { folders, ids }, options)) {
      results.set(id, { state: 'found', id, record });
    }
  }
  const rest = [...ids].filter((id) => !results.has(id));
  for (const result of await readByIds(session, rest, options)) {
    results.set(result.id, await placed(result, folders, options));
  }
  return given.ids.flatMap((id) => results.get(id) ?? []);
}
