import { type AdapterError, type FeedRow, isAdapterError } from '@tidelock/core';
import { drive } from './drive.ts';
import { type EngineOptions, worldOf } from './engine-options.ts';
import { ingestFeed } from './ingest.ts';
import type { Prepared, SharedStore } from './lane-set.ts';
import { ingestNamed } from './named.ts';

/** What a reading of the feeds of one store came to. */
export interface SharedReading {
  /** Key of the store. */
  readonly store: string;
  readonly lanes: number;
  /** Entries met; those that say nothing new are among them. */
  readonly changes: number;
  /** It stopped at its bound: the next reading goes on. */
  readonly more: boolean;
  /** Somebody else reads it at present. */
  readonly busy: boolean;
  readonly error: AdapterError | null;
}

export interface SharedQuery {
  /** Only feeds that are due. Default: all. */
  readonly due?: boolean;
  /** Milliseconds until a feed is due again, by the changes that were met. Default: it stays due. */
  readonly pace?: ((store: string, changes: number) => number) | undefined;
}

interface Store {
  readonly key: string;
  readonly members: readonly Prepared[];
  readonly feeds: readonly FeedRow[];
}

/** Stores that lanes share, each with the feeds that are read now. */
async function storesOf(
  options: EngineOptions,
  shared: readonly SharedStore[],
  { due = false }: SharedQuery,
): Promise<readonly Store[]> {
  const stores: Store[] = [];
  for (const { key, members, feeds: read } of shared) {
    const rows = await options.state.feeds(key);
    const now = options.clock.now();
    const feeds = rows.filter((row) => read.has(row.id) && (!due || row.dueAt <= now));
    if (feeds.length > 0) stores.push({ key, members, feeds });
  }
  return stores;
}

const scopeOf = (members: readonly Prepared[], { id }: FeedRow): string =>
  members
    .map(({ scopes }) => scopes.get(id) ?? '')
    .sort()
    .join(' ');

async function readStore(options: EngineOptions, store: Store, query: SharedQuery): Promise<SharedReading> {
  const { key, members, feeds } = store;
  const [first] = members;
  const reading = { store: key, lanes: members.length, changes: 0, more: false, busy: false, error: null };
  if (first === undefined) return reading;
  const lanes = members.map((member) => member.lane);
  const { pace } = query;
  for (const feed of feeds) {
    const scopeHash = scopeOf(members, feed);
    const nextMs = pace && ((changes: number) => pace(key, changes));
    const of = { feed, side: 'b', lanes, scopeHash, owner: options.owner, nextMs } as const;
    const core = ingestFeed(of);
    const read = await drive(core, worldOf(options, first.config));
    reading.changes += read?.changes ?? 0;
    reading.more ||= read?.more ?? false;
    reading.busy ||= read === null;
  }
  return reading;
}

/** Feeds that several lanes share are read once and fanned out. Throws what a store throws. */
export async function readShared(
  options: EngineOptions,
  shared: readonly SharedStore[],
): Promise<readonly SharedReading[]> {
  const readings: SharedReading[] = [];
  for (const store of await storesOf(options, shared, {})) readings.push(await readStore(options, store, {}));
  return readings;
}

/** The trouble of one store is none of the others, and is answered with its reading. */
const sideBySideOver = (
  stores: readonly Store[],
  read: (store: Store) => Promise<SharedReading>,
): Promise<readonly SharedReading[]> =>
  Promise.all(
    stores.map((store) =>
      read(store).catch((error: unknown): SharedReading => {
        if (!isAdapterError(error)) throw error;
        const { key, members } = store;
        return { store: key, lanes: members.length, changes: 0, more: false, busy: false, error };
      }),
    ),
  );

/** The same at their own pace, and side by side. */
export async function readDue(
  options: EngineOptions,
  shared: readonly SharedStore[],
  query: SharedQuery,
): Promise<readonly SharedReading[]> {
  const stores = await storesOf(options, shared, query);
  return sideBySideOver(stores, (store) => readStore(options, store, query));
}

/** Ids of records on side B that somebody has named, by key of their store. */
export type Named = ReadonlyMap<string, readonly string[]>;

/** Reads records that somebody has named, beside their feeds: those stay where they are, and due when they were. */
export async function readNamed(
  options: EngineOptions,
  shared: readonly SharedStore[],
  named: Named,
): Promise<readonly SharedReading[]> {
  const stores = await storesOf(
    options,
    shared.filter(({ key }) => named.has(key)),
    {},
  );
  return sideBySideOver(stores, async ({ key, members, feeds }) => {
    const [feed] = feeds;
    const [first] = members;
    const reading = { store: key, lanes: members.length, more: false, error: null };
    if (feed === undefined || first === undefined) return { ...reading, changes: 0, busy: false };
    const lanes = members.map((member) => member.lane);
    const { owner } = options;
    const of = { feed, side: 'b', lanes, scopeHash: scopeOf(members, feed), owner } as const;
    const core = ingestNamed({ ...of, ids: named.get(key) ?? [] });
    const noted = await drive(core, worldOf(options, first.config));
    return { ...reading, changes: noted ?? 0, busy: noted === null };
  });
}
