import type { CallOptions, ChangePage, RecordPage, RecordStore } from '@tidelock/core';

/** A page that was asked for before anybody wanted it. */
interface Ahead {
  readonly method: 'changes' | 'list';
  readonly feed: string;
  /** Cursor or page mark that leads to it. */
  readonly at: string;
  readonly page: Promise<ChangePage | RecordPage>;
}

/** Records of a page whose successor may lie in memory beside it: two pages of thousands cost more than the wait saves. */
const SMALL = 250;

/**
 * The same store, which asks for the next page of a feed or a listing while the present one is worked on: the service
 * works meanwhile. A page read so is one whose answer took long, which every reader of feeds has to bear anyway. Any
 * other call forgets it, so nothing is ever read from before a write. To be made anew for each pass: a page is never
 * older than the pass that takes it. Costs one request where a reading stops early.
 */
export function readAhead(store: RecordStore): RecordStore {
  let ahead: Ahead | null = null;
  const take = (wanted: Pick<Ahead, 'method' | 'feed'> & { readonly at: string | null }) => {
    const kept = ahead;
    ahead = null;
    const fits = kept?.method === wanted.method && kept.feed === wanted.feed && kept.at === wanted.at;
    return fits ? kept.page : null;
  };
  const keep = (next: Ahead): void => {
    // Whoever takes it gets its error; nobody may.
    next.page.catch(() => {});
    ahead = next;
  };
  const forgetting = <A extends readonly unknown[], R>(call: (...args: A) => R) => {
    return (...args: A): R => {
      ahead = null;
      return call(...args);
    };
  };
  const { findShared, strangers } = store;
  return {
    probe: forgetting((options) => store.probe(options)),
    feeds: forgetting((options) => store.feeds(options)),
    read: forgetting((ids, options) => store.read(ids, options)),
    find: forgetting((by, values, options) => store.find(by, values, options)),
    ...(findShared === undefined
      ? {}
      : { findShared: forgetting((keys, options) => findShared.call(store, keys, options)) }),
    ...(strangers === undefined
      ? {}
      : { strangers: forgetting((batch, options) => strangers.call(store, batch, options)) }),
    write: forgetting((batch, options) => store.write(batch, options)),
    async changes(feed, cursor, options?: CallOptions) {
      const taken = take({ method: 'changes', feed, at: cursor });
      const page = (await (taken ?? store.changes(feed, cursor, options))) as ChangePage;
      if (page.more && page.changes.length <= SMALL)
        keep({ method: 'changes', feed, at: page.cursor, page: store.changes(feed, page.cursor, options) });
      return page;
    },
    async list(feed, mark, options?: CallOptions) {
      const taken = take({ method: 'list', feed, at: mark });
      const page = (await (taken ?? store.list(feed, mark, options))) as RecordPage;
      if (page.next !== null && page.records.length <= SMALL)
        keep({ method: 'list', feed, at: page.next, page: store.list(feed, page.next, options) });
      return page;
    },
  };
}
