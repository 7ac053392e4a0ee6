import {
  type ChangePage,
  type ConformanceFault,
  isAdapterError,
  type Outcome,
  type ReadResult,
  type RecordStore,
  type Write,
} from '@tidelock/core';
import { type MakeFixture, runCase } from '../harness.ts';
import { type RecordStoreFixture, type RecordStoreTraits, readTraits } from './fixture.ts';
import type { RecordCase } from './record-case.ts';

/** A mistake that authors of adapters make, as a wrapper around a store that is right. */
export interface StoreFault {
  /** Completes "an adapter in which ...". */
  readonly name: string;
  /** Cases made for it; the first of them that applies and fails has noticed. */
  readonly noticedBy: readonly string[];
  /** Why it cannot be built into an adapter that declares this, or null. Absent = wherever one of its cases applies. */
  needs?(traits: RecordStoreTraits): string | null;
  breaks(store: RecordStore, fixture: RecordStoreFixture): Partial<RecordStore>;
}

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
function methodsOf(store: RecordStore): RecordStore {
  return {
    probe: (options) => store.probe(options),
    feeds: (options) => store.feeds(options),
    changes: (feed, cursor, options) => store.changes(feed, cursor, options),
    list: (feed, page, options) => store.list(feed, page, options),
    read: (ids, options) => store.read(ids, options),
    find: (by, values, options) => store.find(by, values, options),
    write: (batch, options) => store.write(batch, options),
  };
}

function broken(fixture: RecordStoreFixture, fault: StoreFault): RecordStoreFixture {
  const store = methodsOf(fixture.store);
  return new Proxy(fixture, {
    get: (target, key, receiver) =>
      key === 'store' ? { ...store, ...fault.breaks(store, fixture) } : Reflect.get(target, key, receiver),
  });
}

async function obstacle(
  fault: StoreFault,
  makeFixture: MakeFixture<RecordStoreFixture>,
): Promise<string | null> {
  if (fault.needs === undefined) return null;
  const fixture = await makeFixture();
  try {
    return fault.needs(await readTraits(fixture));
  } finally {
    await fixture.dispose();
  }
}

const failed = Symbol('failed');

/** What a case makes of the broken adapter: it fails, passes (null), or does not apply (the reason). */
function tryOn(fault: StoreFault, item: RecordCase, makeFixture: MakeFixture<RecordStoreFixture>) {
  const made = async () => broken(await makeFixture(), fault);
  return runCase(item, made, readTraits).catch(() => failed);
}

async function runFault(
  fault: StoreFault,
  of: readonly RecordCase[],
  makeFixture: MakeFixture<RecordStoreFixture>,
): ReturnType<ConformanceFault['run']> {
  const impossible = await obstacle(fault, makeFixture);
  if (impossible !== null) return { skipped: impossible };
  const results: unknown[] = [];
  for (const item of of) {
    const result = await tryOn(fault, item, makeFixture);
    if (result === failed) return { noticedBy: item.id };
    results.push(result);
  }
  const reason = results.find((result) => typeof result === 'string');
  return results.includes(null) || typeof reason !== 'string' ? { noticedBy: null } : { skipped: reason };
}

/** Binds faults to a fixture. A fault whose cases all do not apply to the adapter cannot be built into it. */
export function createFaults(
  faults: readonly StoreFault[],
  allCases: readonly RecordCase[],
  makeFixture: MakeFixture<RecordStoreFixture>,
): readonly ConformanceFault[] {
  return faults.map((fault) => ({
    name: fault.name,
    run: () =>
      runFault(
        fault,
        allCases.filter(({ id }) => fault.noticedBy.includes(id)),
        makeFixture,
      ),
  }));
}
