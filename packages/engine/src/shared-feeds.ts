import { type AdapterError, type FeedRow, isAdapterError } from '@tidelock/core';
import { drive } from './drive.ts';
import { type EngineOptions, worldOf } from './engine-options.ts';
import { ingestFeed } from './ingest.ts';
import type { Prepared, SharedStore } from './lane-set.ts';

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

async function readStore(options: EngineOptions, store: Store, query: SharedQuery): Promise<SharedReading> {
  const { key, members, feeds } = store;
  const [first] = members;
  const reading = { store: key, lanes: members.length, changes: 0, more: false, busy: false, error: null };
  if (first === undefined) return reading;
  const lanes = members.map((member) => member.lane);
  const { pace } = query;
  for (const feed of feeds) {
    const hashes = members.map((member) => member.scopes.get(feed.id) ?? '');
    const scopeHash = hashes.sort().join(' ');
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

/** The same at their own pace: the trouble of one store is none of the others, and is answered with its reading. */
export async function readDue(
  options: EngineOptions,
  shared: readonly SharedStore[],
  query: SharedQuery,
): Promise<readonly SharedReading[]> {
  const stores = await storesOf(options, shared, query);
  return Promise.all(
    stores.map((store) =>
      readStore(options, store, query).catch((error: unknown): SharedReading => {
        if (!isAdapterError(error)) throw error;
        const { key, members } = store;
        return { store: key, lanes: members.length, changes: 0, more: false, busy: false, error };
      }),
    ),
  );
}
