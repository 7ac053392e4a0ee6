import assert from 'node:assert/strict';
import type {
  AdapterError,
  Change,
  ChangePage,
  ErrorKind,
  FieldCatalogue,
  Fields,
  Outcome,
  ReadResult,
  RecordStore,
  StoreRecord,
  Write,
} from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import { type OracleRecord, type RecordStoreFixture, type RecordStoreTraits, readTraits } from './fixture.ts';
import { normalFields, personFields } from './sample-values.ts';

/** More pages than any case needs: an enumeration that goes on is an endless one. */
const MAX_PAGES = 400;
const STAMP_PREFIX = '3f2b8c1e-5d4a-5b6c-8d7e-';

/** A fixture with what its adapter declares, and the steps that many cases share. */
export interface Session {
  readonly fixture: RecordStoreFixture;
  readonly store: RecordStore;
  readonly traits: RecordStoreTraits;
  readonly catalogue: FieldCatalogue;
  person(seed: number): Fields;
  /** Lets every lag that the store declares pass. */
  settle(): Promise<void>;
  /** Users create `count` records; their ids in order. */
  seed(count: number): Promise<readonly string[]>;
  feed(): Promise<string>;
  /** Reads the feed to its end. */
  drain(
    cursor: string | null,
  ): Promise<{ changes: readonly Change[]; cursor: string; pages: readonly ChangePage[] }>;
  /** Every record of a plain enumeration. */
  listAll(): Promise<readonly StoreRecord[]>;
  found(id: string): Promise<StoreRecord>;
  readOne(id: string): Promise<ReadResult>;
  writeOne(write: Write): Promise<Outcome>;
  /** Creates one person through the adapter and returns its id. */
  created(seed: number): Promise<string>;
  /** The truth about one record, or undefined when there is none. */
  truth(id: string): Promise<OracleRecord | undefined>;
  /** Values of the catalogue's properties, in the form in which the contract compares them. */
  compared(fields: Fields): Readonly<Record<string, unknown>>;
}

export function stampOf(seed: number): string {
  return `${STAMP_PREFIX}${seed.toString(16).padStart(12, '0')}`;
}

export function idsOf(items: readonly { readonly id: string }[]): readonly string[] {
  return [...new Set(items.map((item) => item.id))].sort();
}

export function first<T>(items: readonly T[]): T {
  const item = items[0];
  assert.ok(item !== undefined, 'the answer has no element');
  return item;
}

/** The AdapterError that `work` throws; fails when it returns or throws anything else. */
export async function thrown(work: Promise<unknown>, expected?: ErrorKind): Promise<AdapterError> {
  let error: unknown;
  try {
    await work;
  } catch (caught) {
    error = caught;
    assert.ok(isAdapterError(caught), `threw ${String(caught)}, which is no AdapterError`);
  }
  assert.ok(isAdapterError(error), 'returned an answer where it had to throw');
  if (expected !== undefined) assert.equal(error.kind, expected);
  return error;
}

async function drain(store: RecordStore, feed: string, cursor: string | null) {
  const pages: ChangePage[] = [];
  let at = cursor;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const page = await store.changes(feed, at);
    assert.ok(typeof page.cursor === 'string' && page.cursor.length > 0, 'a page without a cursor');
    pages.push(page);
    at = page.cursor;
    if (!page.more) return { changes: pages.flatMap((each) => each.changes), cursor: at, pages };
  }
  return assert.fail(`the feed did not end within ${MAX_PAGES} pages`);
}

async function listAll(store: RecordStore, feed: string): Promise<readonly StoreRecord[]> {
  const records: StoreRecord[] = [];
  let page: string | null = null;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const answer = await store.list(feed, page);
    records.push(...answer.records);
    page = answer.next;
    if (page === null) return records;
    assert.ok(page.length > 0, 'an empty page mark');
  }
  return assert.fail(`the enumeration did not end within ${MAX_PAGES} pages`);
}

export async function openSession(fixture: RecordStoreFixture): Promise<Session> {
  const traits = await readTraits(fixture);
  const { store, oracle } = fixture;
  const catalogue = traits.catalogue;
  const feed = async () => first(await store.feeds()).key;
  const session: Session = {
    fixture,
    store,
    traits,
    catalogue,
    feed,
    person: (seed) => personFields(catalogue, fixture.sample, seed),
    settle: async () => fixture.clock.advance(traits.capabilities.lagSeconds * 1000 + 2000),
    async seed(count) {
      const ids: string[] = [];
      for (let seed = 1; seed <= count; seed += 1) ids.push(await oracle.userCreate(session.person(seed)));
      await session.settle();
      return ids;
    },
    drain: async (cursor) => drain(store, await feed(), cursor),
    listAll: async () => listAll(store, await feed()),
    readOne: async (id) => first(await store.read([id])),
    async found(id) {
      const result = await session.readOne(id);
      assert.ok(result.state === 'found', `read says "${result.state}" of a record that is there`);
      return result.record;
    },
    writeOne: async (write) => {
      const outcomes = await store.write([write]);
      assert.equal(outcomes.length, 1);
      return first(outcomes);
    },
    async created(seed) {
      const fields = session.person(seed);
      const outcome = await session.writeOne({ op: 'create', stamp: stampOf(seed), fields });
      assert.ok(outcome.status === 'ok', `create ended as "${outcome.status}"`);
      await session.settle();
      return outcome.id;
    },
    truth: async (id) => (await oracle.all()).find((record) => record.id === id),
    compared: (fields) => normalFields(catalogue, fields),
  };
  return session;
}
