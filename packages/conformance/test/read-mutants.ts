import type { StoreRecord } from '@tidelock/core';
import { editPages, swallow } from '../src/record-store/fault.ts';
import { ids, type Mutant } from './mutant.ts';

function lowered(record: StoreRecord): StoreRecord {
  return { ...record, id: record.id.toLowerCase() };
}

export const readMutants: readonly Mutant[] = [
  {
    name: 'an id of which nothing was said is gone',
    killedBy: ids('038'),
    breaks: (store) => ({
      read: async (asked, options) =>
        (await store.read(asked, options)).map((each) =>
          each.state === 'failed' ? { state: 'gone', id: each.id } : each,
        ),
    }),
  },
  {
    name: 'an empty page ends the feed',
    killedBy: ids('002', '012'),
    breaks: (store) =>
      editPages(store, (page) => (page.changes.length === 0 ? { ...page, more: false } : page)),
  },
  {
    name: 'the cursor runs ahead of the page',
    killedBy: ids('002', '012'),
    breaks: (store) => ({
      changes: async (feed, cursor) => {
        const page = await store.changes(feed, cursor);
        if (!page.more) return page;
        const next = await store.changes(feed, page.cursor);
        return { ...page, cursor: (await store.changes(feed, next.cursor)).cursor };
      },
    }),
  },
  {
    name: 'the first cursor is taken at the end of the enumeration',
    killedBy: ids('005'),
    breaks: (store, { server }) => ({
      changes: async (feed, cursor) => {
        const scan = cursor?.startsWith('scan:') ? cursor.slice(5) : cursor;
        if (cursor !== null && scan === cursor) return store.changes(feed, cursor);
        const [after, seen] = scan === null ? ['', '0'] : scan.split('/');
        const rows = [...server.rows.keys()].sort().filter((id) => id > (after ?? ''));
        const found = await store.read(rows.slice(0, 5));
        const changes = found.flatMap((each) =>
          each.state === 'found'
            ? [{ kind: 'changed', id: each.id, version: each.record.version, record: each.record } as const]
            : [],
        );
        const more = rows.length > 5;
        const end = `1.${server.seq}.${server.seq}.0`;
        return { changes, more, cursor: more ? `scan:${rows[4]}/${seen}` : end };
      },
    }),
  },
  {
    name: 'what was handed out once is not handed out again',
    killedBy: ids('007'),
    breaks: (store) => {
      const told = new Set<string>();
      return editPages(store, (page) => {
        const changes = page.changes.filter((each) => !told.has(`${each.id} ${each.mono}`));
        for (const each of changes) told.add(`${each.id} ${each.mono}`);
        return { ...page, changes };
      });
    },
  },
  {
    name: 'a loop of pages is followed',
    killedBy: ids('011'),
    breaks: (store) => ({
      changes: async (feed, cursor) =>
        swallow(store.changes(feed, cursor), 'protocol', { changes: [], cursor: cursor ?? '', more: true }),
    }),
  },
  {
    name: 'ids are folded to small letters',
    killedBy: ids('002', '015', '020'),
    breaks: (store) => ({
      ...editPages(store, (page) => ({
        ...page,
        changes: page.changes.map((each) => ({ ...each, id: each.id.toLowerCase() })),
      })),
      list: async (feed, page) => {
        const answer = await store.list(feed, page);
        return { ...answer, records: answer.records.map(lowered) };
      },
      read: (asked) => store.read(asked.map((id) => id.toLowerCase())),
    }),
  },
  {
    name: 'list gives up after its first page',
    killedBy: ids('015'),
    breaks: (store) => ({ list: async (feed, page) => ({ ...(await store.list(feed, page)), next: null }) }),
  },
  {
    name: 'a feed that cannot tell stamps says there is none',
    killedBy: ids('014'),
    capabilities: { stampInFeed: false },
    breaks: (store) =>
      editPages(store, (page) => ({
        ...page,
        changes: page.changes.map((each) =>
          each.kind === 'changed' && each.record
            ? { ...each, record: { ...each.record, stamp: null } }
            : each,
        ),
      })),
  },
  {
    name: 'an abort is not heard',
    killedBy: ids('071', '072'),
    breaks: (store) => ({
      changes: (feed, cursor) => store.changes(feed, cursor),
      read: (asked) => store.read(asked),
      write: (batch) => store.write(batch),
    }),
  },
  {
    name: 'the credential is logged',
    killedBy: ids('070'),
    breaks: (store, { log }) => ({
      find: (by, values) => {
        log.debug('request', { authorization: 'Bearer reference-credential' });
        return store.find(by, values);
      },
    }),
  },
];
