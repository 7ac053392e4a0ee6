import type { CallOptions, ChangePage, RecordPage, RecordStore } from '@tidelock/core';
import { COMMIT_CHANGES } from './stretch.ts';

/** A page that was asked for before anybody wanted it. */
interface Ahead {
  /** Cursor or page mark that leads to it. */
  readonly at: string;
  readonly page: Promise<Page>;
  /** Records in it, once it is there. */
  size: number;
}

/** What every page tells, of a feed or of a listing. */
interface Page {
  readonly size: number;
  /** Cursor or page mark of the page after it; null = there is none. */
  readonly next: string | null;
  readonly answer: ChangePage | RecordPage;
}

/** Pages of one feed or listing, each of which leads to the one behind it. */
interface Chain {
  readonly method: 'changes' | 'list';
  readonly feed: string;
  readonly room: number;
  readonly ask: (at: string | null) => Promise<Page>;
  /** Something else was called since: nothing more is asked for. */
  readonly isOver: () => boolean;
  readonly pages: Ahead[];
}

/**
 * Records that may lie ready beside the page that is worked on. Of changes as many as are stored together: they are there when what came
 * before them is stored. Of a listing each page is worked on by itself, and the next two are enough.
 */
const ROOM = { changes: COMMIT_CHANGES, list: 500 } as const;
export type Room = Readonly<Record<Chain['method'], number>>;

const ofChanges = (answer: ChangePage): Page => ({
  size: answer.changes.length,
  next: answer.more ? answer.cursor : null,
  answer,
});
const ofList = (answer: RecordPage): Page => ({
  size: answer.records.length,
  next: answer.next,
  answer,
});

/** Asks for what follows this page, while there is room: a page is expected to be as large as the one before it. */
function follow(chain: Chain, { size, next }: Page): void {
  const held = chain.pages.reduce((sum, ahead) => sum + ahead.size, 0);
  if (next === null || chain.isOver() || held + size > chain.room) return;
  const ahead: Ahead = { at: next, page: chain.ask(next), size };
  chain.pages.push(ahead);
  followLast(chain);
}

/** The same behind the last page that was asked for, once it is there. */
function followLast(chain: Chain): void {
  const last = chain.pages.at(-1);
  last?.page.then(
    (page) => {
      last.size = page.size;
      if (chain.pages.at(-1) === last) follow(chain, page);
    },
    // Whoever takes it gets its error; nobody may.
    () => {},
  );
}

/**
 * The same store, which asks for the next pages of a feed or a listing while the present one is worked on and stored: the service
 * works meanwhile. A page read so is one whose answer took long, which every reader of feeds has to bear anyway. Any
 * other call forgets them, so nothing is ever read from before a write. To be made anew for each pass: a page is never
 * older than the pass that takes it. Costs requests where a reading stops early: for as many records as there is room for.
 */
export function readAhead(store: RecordStore, room: Room = ROOM): RecordStore {
  let chain: Chain | null = null;
  const begin = (of: Pick<Chain, 'method' | 'feed' | 'ask'>): Chain => {
    const begun: Chain = { ...of, room: room[of.method], pages: [], isOver: () => chain !== begun };
    return begun;
  };
  const read = async (at: string | null, of: Pick<Chain, 'method' | 'feed' | 'ask'>): Promise<Page> => {
    const known = chain?.method === of.method && chain.feed === of.feed ? chain : null;
    const [ready] = known?.pages ?? [];
    const on = known !== null && ready?.at === at ? known : begin(of);
    chain = on;
    const page = await (on.pages.shift()?.page ?? on.ask(at));
    if (on.pages.length === 0) follow(on, page);
    else followLast(on);
    return page;
  };
  const forgetting = <A extends readonly unknown[], R>(call: (...args: A) => R) => {
    return (...args: A): R => {
      chain = null;
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
      const ask = async (at: string | null): Promise<Page> =>
        ofChanges(await store.changes(feed, at, options));
      const { answer } = await read(cursor, { method: 'changes', feed, ask });
      return answer as ChangePage;
    },
    async list(feed, mark, options?: CallOptions) {
      const ask = async (at: string | null): Promise<Page> => ofList(await store.list(feed, at, options));
      const { answer } = await read(mark, { method: 'list', feed, ask });
      return answer as RecordPage;
    },
  };
}
