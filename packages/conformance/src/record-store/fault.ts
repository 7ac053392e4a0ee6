import {
  type ChangePage,
  isAdapterError,
  type Outcome,
  type ReadResult,
  type RecordStore,
  type Write,
} from '@tidelock/core';
import type { Fault } from '../fault.ts';
import type { RecordStoreFixture, RecordStoreTraits } from './fixture.ts';

export type StoreFault = Fault<RecordStoreFixture, RecordStoreTraits, RecordStore>;

export const cases = (...numbers: readonly string[]): readonly string[] =>
  numbers.map((number) => `record-store-${number}`);

/** The answer of `work`, or `instead` where it was refused in this way. */
export async function swallow<T>(work: Promise<T>, kind: string, instead: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isAdapterError(error) && error.kind === kind) return instead;
    throw error;
  }
}

export const editWrites = (
  store: RecordStore,
  edit: (write: Write) => Write | Promise<Write>,
): Partial<RecordStore> => ({
  write: async (batch, options) => store.write(await Promise.all(batch.map(edit)), options),
});

export const editOutcomes = (
  store: RecordStore,
  edit: (outcomes: readonly Outcome[], batch: readonly Write[]) => readonly Outcome[],
): Partial<RecordStore> => ({
  write: async (batch, options) => edit(await store.write(batch, options), batch),
});

export const editPages = (
  store: RecordStore,
  edit: (page: ChangePage, cursor: string | null) => ChangePage,
): Partial<RecordStore> => ({
  changes: async (feed, cursor, options) => edit(await store.changes(feed, cursor, options), cursor),
});

export const editResults = (
  store: RecordStore,
  edit: (result: ReadResult) => ReadResult,
): Partial<RecordStore> => ({
  read: async (ids, options) => (await store.read(ids, options)).map(edit),
});

/** Methods of a class would not survive a spread. */
export function methodsOf({ store }: RecordStoreFixture): RecordStore {
  const { audience, findShared } = store;
  return {
    ...(audience === undefined ? {} : { audience: (write) => audience.call(store, write) }),
    ...(findShared === undefined
      ? {}
      : { findShared: (keys, options) => findShared.call(store, keys, options) }),
    probe: (options) => store.probe(options),
    feeds: (options) => store.feeds(options),
    changes: (feed, cursor, options) => store.changes(feed, cursor, options),
    list: (feed, page, options) => store.list(feed, page, options),
    read: (ids, options) => store.read(ids, options),
    find: (by, values, options) => store.find(by, values, options),
    write: (batch, options) => store.write(batch, options),
  };
}
