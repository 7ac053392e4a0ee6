import type { CallOptions, Clock, Feed, Probe, RecordStore } from '@tidelock/core';

/** What a store can do, and its feeds. */
export interface StoreLook {
  readonly probe: Probe;
  readonly feeds: readonly Feed[];
}

/** Lanes that are prepared together take no longer. */
const FRESH_MS = 10_000;

/**
 * Asks stores what they can do. One that many lanes share is asked once for all that are prepared within seconds, and not once for
 * each: the answer of a CRM is long, and counts as a request. A failure is not kept.
 */
export function createStoreLooks(clock: Pick<Clock, 'mono'>) {
  const known = new WeakMap<RecordStore, { readonly at: number; readonly look: Promise<StoreLook> }>();
  const ask = async (store: RecordStore, call: CallOptions): Promise<StoreLook> => {
    const [probe, feeds] = await Promise.all([store.probe(call), store.feeds(call)]);
    return { probe, feeds };
  };
  return {
    look(
      store: RecordStore,
      of: { readonly shared: boolean; readonly call: CallOptions },
    ): Promise<StoreLook> {
      if (!of.shared) return ask(store, of.call);
      const kept = known.get(store);
      if (kept !== undefined && clock.mono() - kept.at < FRESH_MS) return kept.look;
      const look = ask(store, of.call).catch((error: unknown) => {
        known.delete(store);
        throw error;
      });
      known.set(store, { at: clock.mono(), look });
      return look;
    },
  };
}

export type StoreLooks = ReturnType<typeof createStoreLooks>;
