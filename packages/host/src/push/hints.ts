import type { Clock, Logger, PushState, SyncState } from '@tidelock/core';
import { MOST_NAMED } from '../runner/hub.ts';
import { createGathered } from './gathered.ts';
import { createSpaced } from './spaced.ts';

/** What is to be looked at, since somebody said that it changed. */
export interface Hinted {
  readonly lanes: readonly string[];
  /** Keys of CRM stores, which all their lanes share. */
  readonly stores: readonly string[];
  /** Ids of records in such a store that were named, by its key: they can be looked at before their feed is. */
  readonly named: ReadonlyMap<string, readonly string[]>;
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

/** Names that are kept until they are handed on: nobody misses them after a crash, since the hint says "look here" as well. */
function createNames() {
  let names = new Map<string, Set<string>>();
  return {
    add(named: Hinted['named']): void {
      for (const [store, ids] of named) names.set(store, new Set([...(names.get(store) ?? []), ...ids]));
    },
    take(): Hinted['named'] {
      const taken = [...names].map(([store, ids]) => [store, [...ids]] as const);
      names = new Map();
      return new Map(taken.filter(([, ids]) => ids.length <= MOST_NAMED));
    },
  };
}

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
  const names = createNames();
  const listeners = new Set<(hinted: Hinted) => void>();
  let writes = 0;

  const write = async (): Promise<void> => {
    const taken: Hinted = { lanes: [...lanes], stores: [...stores], named: names.take() };
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
      names.add(taken.named);
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
      if (hinted.named !== undefined) names.add(hinted.named);
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
