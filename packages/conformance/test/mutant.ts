import type { RecordStore, StoreCapabilities } from '@tidelock/core';
import { createReferenceFixture, REFERENCE_CAPABILITIES, type ReferenceFixture } from '../src/index.ts';

/** A fault that somebody could build into an adapter, and the cases that must notice it. */
export interface Mutant {
  readonly name: string;
  readonly killedBy: readonly string[];
  /** What the faulty adapter declares. */
  readonly capabilities?: Partial<StoreCapabilities> | undefined;
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
