import {
  type ChangePage,
  isAdapterError,
  type Outcome,
  type RecordStore,
  type StoreCapabilities,
  type Write,
} from '@tidelock/core';
import { createReferenceFixture, REFERENCE_CAPABILITIES, type ReferenceFixture } from '../src/index.ts';

/** A fault that somebody could build into an adapter, and the cases that must notice it. */
export interface Mutant {
  readonly name: string;
  readonly killedBy: readonly string[];
  /** What the faulty adapter declares. */
  readonly capabilities?: Partial<StoreCapabilities>;
  /** What the server in fact does, where it differs from the declaration. */
  readonly actual?: Partial<StoreCapabilities>;
  breaks?(store: RecordStore, fixture: ReferenceFixture): Partial<RecordStore>;
}

export function mutate(mutant: Mutant): ReferenceFixture {
  const declared = { ...REFERENCE_CAPABILITIES, ...mutant.capabilities };
  const fixture = createReferenceFixture({ ...declared, ...mutant.actual });
  const truthful: RecordStore = {
    ...fixture.store,
    probe: async (options) => ({ ...(await fixture.store.probe(options)), capabilities: declared }),
  };
  return { ...fixture, store: { ...truthful, ...mutant.breaks?.(truthful, fixture) } };
}

export const ids = (...numbers: readonly string[]) => numbers.map((number) => `record-store-${number}`);

export async function swallow<T>(work: Promise<T>, kind: string, instead: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isAdapterError(error) && error.kind === kind) return instead;
    throw error;
  }
}

export function editWrites(
  store: RecordStore,
  edit: (write: Write) => Write | Promise<Write>,
): Partial<RecordStore> {
  return { write: async (batch, options) => store.write(await Promise.all(batch.map(edit)), options) };
}

export function editPages(store: RecordStore, edit: (page: ChangePage, cursor: string | null) => ChangePage) {
  return {
    changes: async (feed: string, cursor: string | null) => edit(await store.changes(feed, cursor), cursor),
  };
}

export function editOutcomes(store: RecordStore, edit: (outcomes: readonly Outcome[]) => readonly Outcome[]) {
  return { write: async (batch: readonly Write[]) => edit(await store.write(batch)) };
}
