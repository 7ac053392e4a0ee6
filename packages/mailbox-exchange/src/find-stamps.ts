import type { CallOptions } from '@tidelock/core';
import { BATCH_SIZE } from './batch.ts';
import { findContacts } from './find.ts';
import type { FolderSet } from './folders.ts';
import { LIST_SIZE, listPage } from './read.ts';
import type { Session } from './session.ts';

/** A listing answers for so long. Whoever could add a stamp that we did not send is held off by the lane's lease. */
const LISTED_MS = 600_000;

/**
 * Who holds a stamp. Looking for it costs a request for each twenty, as much as the creates themselves; many at once
 * are answered from one listing of the folders, where that takes fewer requests.
 */
export interface Stamps {
  /** Id of the contact with each stamp, null where there is none. */
  holders(
    stamps: readonly string[],
    folders: FolderSet,
    options?: CallOptions,
  ): Promise<readonly (string | null)[]>;
  /** Told before a create goes out: from here on only the service knows about this stamp. */
  sending(stamp: string): void;
}

interface Book {
  /** Ids by stamp, as listed at `at` (monotonic milliseconds); null: not listed. */
  listed: { readonly ids: ReadonlyMap<string, string>; readonly at: number } | null;
  /** No listing is tried before this: the folders are too large. */
  notBefore: number;
  readonly sent: Map<string, number>;
}

/** Ids by stamp of one folder; null when it turns out to need more pages than `budget`. */
async function listFolder(
  session: Session,
  given: { readonly feed: string; readonly budget: number },
  options: CallOptions,
): Promise<{ readonly ids: readonly (readonly [string, string])[]; readonly pages: number } | null> {
  const ids: (readonly [string, string])[] = [];
  let page: string | null = null;
  for (let pages = 1; pages <= given.budget; pages += 1) {
    const answer = await listPage(session, { feed: given.feed, page }, options);
    for (const { stamp, id } of answer.records) if (typeof stamp === 'string') ids.push([stamp, id]);
    if (answer.next === null) return { ids, pages };
    if ((answer.total ?? 0) > given.budget * LIST_SIZE) return null;
    page = answer.next;
  }
  return null;
}

async function listStamps(
  session: Session,
  given: { readonly folders: FolderSet; readonly budget: number },
  options: CallOptions,
): Promise<ReadonlyMap<string, string> | null> {
  const all = new Map<string, string>();
  let { budget } = given;
  for (const feed of await given.folders.keys(options)) {
    const found = await listFolder(session, { feed, budget }, options);
    if (found === null) return null;
    for (const [stamp, id] of found.ids) all.set(stamp, id);
    budget -= found.pages;
  }
  return all;
}

async function refresh(
  session: Session,
  book: Book,
  of: { readonly count: number; readonly folders: FolderSet; readonly options: CallOptions },
): Promise<void> {
  const at = session.clock.mono();
  if ((book.listed !== null && at - book.listed.at < LISTED_MS) || at < book.notBefore) return;
  book.listed = null;
  const budget = Math.ceil(of.count / BATCH_SIZE);
  const ids = await listStamps(session, { folders: of.folders, budget }, of.options);
  if (ids === null) {
    book.notBefore = at + LISTED_MS;
    return;
  }
  book.listed = { ids, at };
  for (const [stamp, sentAt] of book.sent) if (sentAt < at - LISTED_MS) book.sent.delete(stamp);
}

export function createStamps(session: Session): Stamps {
  const book: Book = { listed: null, notBefore: Number.NEGATIVE_INFINITY, sent: new Map() };
  return {
    async holders(stamps, folders, options = {}) {
      const wanted = stamps.map((stamp) => stamp.toLowerCase());
      const many = wanted.length > BATCH_SIZE;
      if (many) await refresh(session, book, { count: wanted.length, folders, options });
      const { listed } = book;
      const asked = many && listed !== null ? wanted.filter((stamp) => book.sent.has(stamp)) : wanted;
      const found = await findContacts(session, { by: 'stamp', values: asked, folders }, options);
      const ids = new Map(asked.map((stamp, index) => [stamp, found[index]?.[0]?.id ?? null]));
      return wanted.map((stamp) => (ids.has(stamp) ? ids.get(stamp) : listed?.ids.get(stamp)) ?? null);
    },
    sending(stamp) {
      book.sent.set(stamp.toLowerCase(), session.clock.mono());
    },
  };
}
