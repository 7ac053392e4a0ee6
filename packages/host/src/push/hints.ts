import type { Clock, Logger, PushState, SyncState } from '@tidelock/core';
import { createGathered } from './gathered.ts';
import { createSpaced } from './spaced.ts';

/** What is to be looked at, since somebody said that it changed. */
export interface Hinted {
  readonly lanes: readonly string[];
  /** Keys of CRM stores, which all their lanes share. */
  readonly stores: readonly string[];
}

export interface Hints {
  /** Takes no time. What is added again before it was written costs nothing. */
  add(of: Partial<Hinted>): void;
  /** The state has taken nothing for so long that whoever pushes should come back later. */
  isFull(): boolean;
  /** Told after a hint was written. Answers how to stop listening. */
  onHint(listener: (of: Hinted) => void): () => void;
  settle(): Promise<void>;
  /** Transactions so far. */
  readonly writes: number;
}

/** Twenty transactions a second at the most, however many notifications there are. */
const GAP_MS = 50;
const FULL_MS = 5_000;
/**
 * A mailbox that is told about over and over has fewer turns than notifications: each takes in all that was changed until then, and the
 * service tells of our own writes as well. The first notification waits for nothing.
 */
const SPACING = { firstMs: 100, mostMs: 3_000 };

async function writeLanes(
  { push, sync }: { readonly push: PushState | undefined; readonly sync: SyncState },
  ids: readonly string[],
  now: number,
): Promise<void> {
  if (ids.length === 0) return;
  if (push !== undefined) return push.hintLanes(ids, now);
  for (const id of ids) await sync.hintLane(id, now);
}

/** Counters in the state that say "look here", written for many at once. */
export function createHints(of: {
  readonly sync: SyncState;
  readonly push: PushState | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): Hints {
  const { sync, push, clock } = of;
  const lanes = new Set<string>();
  const stores = new Set<string>();
  const listeners = new Set<(hinted: Hinted) => void>();
  let writes = 0;

  const write = async (): Promise<void> => {
    const taken: Hinted = { lanes: [...lanes], stores: [...stores] };
    lanes.clear();
    stores.clear();
    try {
      const now = clock.now();
      writes += 1;
      await writeLanes({ push, sync }, taken.lanes, now);
      for (const store of taken.stores) await sync.hintFeeds(store, now);
    } catch (error) {
      for (const id of taken.lanes) lanes.add(id);
      for (const store of taken.stores) stores.add(store);
      throw error;
    }
    for (const listener of listeners) listener(taken);
  };
  const gathered = createGathered({ ...of, gapMs: GAP_MS, what: 'hints', write });
  const spaced = createSpaced({
    ...{ clock, signal: of.signal, ...SPACING },
    ready(ids) {
      for (const id of ids) lanes.add(id);
      gathered.ask();
    },
  });

  return {
    add(hinted) {
      for (const id of hinted.lanes ?? []) if (spaced.ask(id)) lanes.add(id);
      for (const store of hinted.stores ?? []) stores.add(store);
      if (lanes.size + stores.size > 0) gathered.ask();
    },
    isFull: () => gathered.failingSince !== null && clock.mono() - gathered.failingSince > FULL_MS,
    onHint(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    async settle() {
      for (const id of spaced.take()) lanes.add(id);
      if (lanes.size > 0) gathered.ask();
      await gathered.settle();
    },
    get writes() {
      return writes;
    },
  };
}
