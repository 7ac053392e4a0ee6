import { createReferenceFixture } from '@tidelock/conformance';
import { AdapterError, type RecordStore } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { readAhead } from '../src/read-ahead.ts';
import { LIKE_CRM, person } from './world.ts';

/** A store with more than one page, and what was asked of it. */
async function createPages(fail: { at?: string } = {}) {
  const fixture = createReferenceFixture(LIKE_CRM);
  for (let n = 0; n < 400; n++) await fixture.oracle.userCreate(person(n));
  const asked: string[] = [];
  const noting: RecordStore = {
    ...fixture.store,
    changes: async (feed, cursor, options) => {
      asked.push(`changes ${cursor}`);
      if (cursor !== null && fail.at === cursor)
        throw new AdapterError('unavailable', 'no', { operation: 'x' });
      return fixture.store.changes(feed, cursor, options);
    },
    list: async (feed, page, options) => {
      asked.push(`list ${page}`);
      return fixture.store.list(feed, page, options);
    },
    read: async (ids, options) => {
      asked.push('read');
      return fixture.store.read(ids, options);
    },
  };
  const [feed] = await fixture.store.feeds();
  return { store: noting, ahead: readAhead(noting), asked, feed: feed?.key ?? '', fixture };
}

describe('reading ahead', () => {
  it('asks for each page once, and for the next one before it is wanted', async () => {
    const { store, ahead, asked, feed } = await createPages();
    const plain: string[] = [];
    for (let cursor: string | null = null, more = true; more; ) {
      const page: Awaited<ReturnType<RecordStore['changes']>> = await store.changes(feed, cursor);
      plain.push(...page.changes.map(({ id }) => id));
      cursor = page.cursor;
      more = page.more;
    }
    const once = asked.splice(0);
    expect(once.length).toBeGreaterThan(2);
    const found: string[] = [];
    for (let cursor: string | null = null, more = true; more; ) {
      const page: Awaited<ReturnType<RecordStore['changes']>> = await ahead.changes(feed, cursor);
      if (cursor === null) expect(asked).toEqual(once.slice(0, 2));
      found.push(...page.changes.map(({ id }) => id));
      cursor = page.cursor;
      more = page.more;
    }
    expect(found).toEqual(plain);
    expect(asked).toEqual(once);
  });

  it('does the same for listings, up to their end', async () => {
    const { ahead, asked, feed } = await createPages();
    const ids: string[] = [];
    for (let mark: string | null = null, first = true; first || mark !== null; first = false) {
      const page: Awaited<ReturnType<RecordStore['list']>> = await ahead.list(feed, mark);
      ids.push(...page.records.map(({ id }) => id));
      mark = page.next;
    }
    expect(new Set(ids).size).toBe(400);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('forgets what it read ahead when anything else is called: nothing is older than a write', async () => {
    const { ahead, asked, feed, fixture } = await createPages();
    const first = await ahead.changes(feed, null);
    await ahead.read([first.changes[0]?.id ?? '']);
    const late = await fixture.oracle.userCreate(person(4_000));
    const before = asked.length;
    const rest: string[] = [];
    for (let { cursor, more } = first; more; ) {
      const page = await ahead.changes(feed, cursor);
      rest.push(...page.changes.map(({ id }) => id));
      ({ cursor, more } = page);
    }
    expect(asked[before]).toBe(`changes ${first.cursor}`);
    expect(rest).toContain(late);
  });

  it('hands the error of a page to whoever comes for it, and asks again after it', async () => {
    const fail: { at?: string } = {};
    const { ahead, feed } = await createPages(fail);
    const peek = await ahead.changes(feed, null);
    await ahead.read([]);
    fail.at = peek.cursor;
    const first = await ahead.changes(feed, null);
    await expect(ahead.changes(feed, first.cursor)).rejects.toThrow('no');
    delete fail.at;
    expect((await ahead.changes(feed, first.cursor)).cursor).not.toBe(first.cursor);
  });

  it('hands on what only some stores have, and has nothing of the kind where the store has not', async () => {
    const { store, ahead } = await createPages();
    expect([ahead.findShared, ahead.strangers]).toEqual([undefined, undefined]);
    const findShared = async () => [[]];
    const strangers = async () => [[]];
    const full = readAhead({ ...store, findShared, strangers });
    expect(await full.findShared?.(['key'])).toEqual([[]]);
    expect(await full.strangers?.([])).toEqual([[]]);
  });

  /** Ten pages of this many records, each named by its number. */
  async function createTenPages(size: number) {
    const { store } = await createPages();
    const asked: number[] = [];
    const none = Array.from({ length: size }, () => ({ kind: 'removed' as const, id: 'x' }));
    const changes: RecordStore['changes'] = async (_, cursor) => {
      const at = Number(cursor ?? 0);
      asked.push(at);
      return { changes: none, cursor: String(at + 1), more: at < 9 };
    };
    const ahead = readAhead({ ...store, changes });
    const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    return { ahead, asked, settled };
  }

  it.each([
    { size: 200, ready: 5 },
    { size: 500, ready: 2 },
    { size: 1_000, ready: 1 },
    { size: 2_000, ready: 0 },
  ])('has $ready pages of $size records ready beside the one that is worked on', async ({ size, ready }) => {
    const { ahead, asked, settled } = await createTenPages(size);
    let page = await ahead.changes('feed', null);
    await settled();
    expect(asked).toEqual(Array.from({ length: 1 + ready }, (_, at) => at));
    page = await ahead.changes('feed', page.cursor);
    await settled();
    expect(asked).toEqual(Array.from({ length: 2 + ready }, (_, at) => at));
    while (page.more) page = await ahead.changes('feed', page.cursor);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('asks for nothing more once something else was called', async () => {
    const { ahead, asked, settled } = await createTenPages(200);
    await ahead.changes('feed', null);
    await ahead.read([]);
    const before = asked.length;
    await settled();
    expect(asked.length).toBe(before);
    expect(before).toBeLessThan(4);
  });
});
