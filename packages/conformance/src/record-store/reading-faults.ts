import { AdapterError, isAdapterError, type StoreRecord } from '@tidelock/core';
import { cases, editPages, editResults, type StoreFault, swallow } from './fault.ts';

const unstamped = (record: StoreRecord): StoreRecord => ({ ...record, stamp: null });

/** Mistakes in reading: most of them turn trouble into "nothing there", the worst thing that an adapter can say. */
export const readingFaults: readonly StoreFault[] = [
  {
    name: 'a 429 is an empty answer',
    noticedBy: cases('032', '035'),
    breaks: (store) => ({
      list: (feed, page, options) =>
        swallow(store.list(feed, page, options), 'rate_limited', { records: [], next: null }),
      find: (by, values, options) =>
        swallow(
          store.find(by, values, options),
          'rate_limited',
          values.map(() => []),
        ),
    }),
  },
  {
    name: 'a 500 means gone',
    noticedBy: cases('033', '034'),
    breaks: (store) => ({
      read: (ids, options) =>
        swallow(
          store.read(ids, options),
          'unavailable',
          ids.map((id) => ({ state: 'gone', id }) as const),
        ),
    }),
  },
  {
    name: 'a 403 means gone',
    noticedBy: cases('031'),
    breaks: (store) => ({
      read: (ids, options) =>
        swallow(
          store.read(ids, options),
          'forbidden',
          ids.map((id) => ({ state: 'gone', id }) as const),
        ),
    }),
  },
  {
    name: 'a refused credential finds nobody',
    noticedBy: cases('030'),
    breaks: (store) => ({
      find: (by, values, options) =>
        swallow(
          store.find(by, values, options),
          'auth',
          values.map(() => []),
        ),
    }),
  },
  {
    name: 'an id of which the answer says nothing is gone',
    noticedBy: cases('038'),
    breaks: (store) =>
      editResults(store, (result) => (result.state === 'failed' ? { state: 'gone', id: result.id } : result)),
  },
  {
    name: 'a page that failed is an empty page',
    noticedBy: cases('012', '033'),
    breaks: (store) => ({
      changes: (feed, cursor, options) =>
        swallow(store.changes(feed, cursor, options), 'unavailable', {
          changes: [],
          cursor: cursor ?? 'start',
          more: false,
        }),
    }),
  },
  {
    name: 'a page loses its last record',
    noticedBy: cases('002'),
    breaks: (store) => editPages(store, (page) => ({ ...page, changes: page.changes.slice(0, -1) })),
  },
  {
    name: 'the cursor skips the news behind it',
    noticedBy: cases('004', '016'),
    breaks: (store) =>
      editPages(store, (page, cursor) => (cursor === null || page.more ? page : { ...page, changes: [] })),
  },
  {
    name: 'the cursor at the end is empty',
    noticedBy: cases('003', '008'),
    breaks: (store) => editPages(store, (page) => (page.more ? page : { ...page, cursor: '' })),
  },
  {
    name: 'an expired cursor starts again in silence',
    noticedBy: cases('010'),
    breaks: (store) => ({
      changes: (feed, cursor, options) =>
        store.changes(feed, cursor, options).catch((error: unknown) => {
          if (isAdapterError(error) && error.kind === 'cursor_expired')
            return store.changes(feed, null, options);
          throw error;
        }),
    }),
  },
  {
    name: 'removals are not reported',
    noticedBy: cases('009'),
    breaks: (store) =>
      editPages(store, (page) => ({
        ...page,
        changes: page.changes.filter(({ kind }) => kind === 'changed'),
      })),
  },
  {
    name: 'reads drop repeated ids',
    noticedBy: cases('020'),
    breaks: (store) => ({ read: (ids, options) => store.read([...new Set(ids)], options) }),
  },
  {
    name: 'results of a read come in the order of ids',
    noticedBy: cases('020'),
    breaks: (store) => ({
      read: async (ids, options) =>
        [...(await store.read(ids, options))].sort((a, b) => (a.id < b.id ? -1 : 1)),
    }),
  },
  {
    name: 'find matches parts of addresses',
    noticedBy: cases('024'),
    needs: ({ hasEmail }) => (hasEmail ? null : 'records of this store have no e-mail address'),
    breaks: (store, { sample }) => ({
      find: async (by, values, options) => {
        if (by === 'stamp') return store.find(by, values, options);
        const feed = (await store.feeds())[0]?.key ?? '';
        const { records } = await store.list(feed, null, options);
        return values.map((value) =>
          records.filter(({ fields }) => {
            const held = fields[sample.email ?? ''];
            return String(held).toLowerCase().includes(value.toLowerCase());
          }),
        );
      },
    }),
  },
  {
    name: 'an enumeration knows no stamps',
    noticedBy: cases('015'),
    breaks: (store) => ({
      list: async (feed, page, options) => {
        const answer = await store.list(feed, page, options);
        return { ...answer, records: answer.records.map(unstamped) };
      },
    }),
  },
  {
    name: 'every version is the same',
    noticedBy: cases('028'),
    breaks: (store) =>
      editResults(store, (result) =>
        result.state === 'found' ? { ...result, record: { ...result.record, version: '1' } } : result,
      ),
  },
  {
    name: 'a feed that cannot tell stamps says that there is none',
    noticedBy: cases('014'),
    needs: ({ capabilities }) =>
      capabilities.contentInFeed ? null : 'the feed carries no records: contentInFeed is declared false',
    breaks: (store) =>
      editPages(store, (page) => ({
        ...page,
        changes: page.changes.map((each) =>
          each.kind === 'changed' && each.record ? { ...each, record: unstamped(each.record) } : each,
        ),
      })),
  },
  {
    name: 'the feed carries what an index shows, which is one change behind',
    noticedBy: cases('017'),
    breaks(store) {
      const indexed = new Map<string, StoreRecord>();
      return editPages(store, (page) => ({
        ...page,
        changes: page.changes.map((each) => {
          if (each.kind !== 'changed' || each.record === undefined) return each;
          const shown = indexed.get(each.id) ?? each.record;
          indexed.set(each.id, each.record);
          return { ...each, record: shown };
        }),
      }));
    },
  },
  {
    name: 'who changed a record last is guessed',
    noticedBy: cases('056', '057'),
    breaks: (store) =>
      editResults(store, (result) =>
        result.state === 'found'
          ? { ...result, record: { ...result.record, modifiedBy: 'us' as const } }
          : result,
      ),
  },
  {
    name: 'what left the folder or filter is gone',
    noticedBy: cases('036'),
    breaks: (store) =>
      editResults(store, (result) => (result.state === 'out' ? { state: 'gone', id: result.id } : result)),
  },
  {
    name: 'a merge is a deletion',
    noticedBy: cases('037'),
    breaks: (store) =>
      editResults(store, (result) => (result.state === 'merged' ? { state: 'gone', id: result.id } : result)),
  },
  {
    name: 'an abort is not heard',
    noticedBy: cases('071'),
    breaks: (store) => ({
      changes: (feed, cursor) => store.changes(feed, cursor),
      list: (feed, page) => store.list(feed, page),
      read: (ids) => store.read(ids),
      find: (by, values) => store.find(by, values),
      write: (batch) => store.write(batch),
    }),
  },
  {
    name: 'errors repeat what was asked',
    noticedBy: cases('070'),
    breaks: (store) => ({
      find: (by, values, options) =>
        store.find(by, values, options).catch((error: unknown) => {
          const kind = isAdapterError(error) ? error.kind : 'unavailable';
          throw new AdapterError(kind, `cannot find ${values.join()}`, { operation: 'find' });
        }),
    }),
  },
  {
    name: 'something else than AdapterError is thrown',
    noticedBy: cases('030', '033'),
    breaks: (store) => ({
      read: (ids, options) =>
        store.read(ids, options).catch((error: unknown) => {
          throw new Error(String(error));
        }),
    }),
  },
];
