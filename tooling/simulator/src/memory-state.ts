import { AdapterError, type StatePort, type SyncState } from '@tidelock/core';
import { createMemoryAccess } from './memory/access.ts';
import {
  commitLane,
  countDeletes,
  countLane,
  intentsOf,
  openIntents,
  openOf,
  prune,
  reviewsOf,
  runsOf,
} from './memory/journal.ts';
import { knownRecords } from './memory/known-records.ts';
import { createFeeds, createLanes } from './memory/lanes.ts';
import { queryLinks } from './memory/links.ts';
import { createMemoryPush } from './memory/push.ts';
import { findCandidates, querySuspects } from './memory/suspects.ts';
import { createTables, laneOf, type Tables, unknownRow } from './memory/tables.ts';
import { createMemoryTenants } from './memory/tenants.ts';

/** `SyncState` without promises: each method is done, or has thrown and changed nothing, when it returns. */
export type SyncTwin = {
  readonly [M in keyof SyncState]: (...args: Parameters<SyncState[M]>) => Awaited<ReturnType<SyncState[M]>>;
};

export interface MemoryState {
  /** What is committed, to look at. */
  readonly tables: Tables;
  readonly twin: SyncTwin;
  /** Interprets an effect `{kind: 'state'}`. */
  callSync(method: keyof SyncState, args: readonly unknown[]): unknown;
  /** The contract `state@1` over the same tables. */
  port(): StatePort;
}

function createJournal(
  tables: Tables,
): Omit<SyncTwin, keyof ReturnType<typeof createLanes> | keyof ReturnType<typeof createFeeds>> {
  const lane = (laneId: string) => laneOf(tables, laneId, 'state.read');
  return {
    links: (laneId, query) => queryLinks(lane(laneId), query, tables.intents),
    suspects: (laneId, query) => querySuspects(lane(laneId), query),
    knownRecords: (storeB, ids) => knownRecords(tables, storeB, ids),
    // biome-ignore lint/complexity/useMaxParams: the contract's signature
    candidates: (laneId, side, keys, cap) => findCandidates(lane(laneId), { side, keys, cap }),
    openIntentsOf: (laneId) => openOf(tables, lane(laneId).row.id),
    intentsOf: (laneId, linkId) => intentsOf(tables, lane(laneId).row.id, linkId),
    reviews: (laneId, query) => reviewsOf(tables, lane(laneId).row.id, query ?? {}),
    counts: (laneId, now) => countLane(tables, lane(laneId), now),
    history: (laneId, { linkId, runId, since, limit }) =>
      lane(laneId)
        .history.filter((row) => linkId === undefined || row.linkId === linkId)
        .filter((row) => runId === undefined || row.runId === runId)
        .filter((row) => since === undefined || row.at >= since)
        .reverse()
        .slice(0, limit),
    decide(reviewId, decision, now) {
      const review = tables.reviews.get(reviewId);
      if (review === undefined) return null;
      const decided = { ...review, decision, decidedAt: now };
      tables.reviews.set(reviewId, decided);
      return decided;
    },
    commitLane: (commit) => commitLane(tables, commit),
    openIntents: (request) => openIntents(tables, request),
    startRun(run) {
      laneOf(tables, run.laneId, 'state.startRun');
      tables.runs.set(run.id, run);
    },
    finishRun({ id, ...end }) {
      const run = tables.runs.get(id);
      if (run === undefined) throw unknownRow('run', 'state.finishRun');
      tables.runs.set(id, { ...run, ...end });
    },
    deletesSince: (laneId, since) => countDeletes(tables, laneId, since),
    runs: (laneId, limit) => runsOf(tables, laneId, limit),
    prune: (before) => prune(tables, before),
  };
}

/** The contract over a twin: every call is one microtask long, and refused once closed. */
function createPort(twin: SyncTwin, tables: Tables): StatePort {
  let closed = false;
  const call = async (
    target: object,
    method: string | symbol,
    args: readonly unknown[],
  ): Promise<unknown> => {
    if (closed)
      throw new AdapterError('unavailable', 'The state is closed.', { operation: `state.${String(method)}` });
    const work = (target as Record<string | symbol, (...args: readonly unknown[]) => unknown>)[method];
    return work?.(...args);
  };
  const wrap = <T extends object>(target: object): T =>
    new Proxy(target, {
      get:
        (_, method) =>
        (...args: readonly unknown[]) =>
          call(target, method, args),
    }) as T;
  const { forget, ...push } = createMemoryPush(tables);
  const tenants = createMemoryTenants();
  const removeTenant = (id: string): void => {
    tenants.removeTenant(id);
    forget(id);
  };
  return {
    sync: wrap<SyncState>(twin),
    tenants: wrap({ ...tenants, removeTenant }),
    push: wrap(push),
    access: wrap(createMemoryAccess()),
    close: async () => {
      closed = true;
    },
  };
}

/** What the engine remembers, in memory, synchronously. */
export function createMemoryState(): MemoryState {
  const tables = createTables();
  const twin: SyncTwin = { ...createLanes(tables), ...createFeeds(tables), ...createJournal(tables) };
  const methods = twin as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  return {
    tables,
    twin,
    callSync: (method, args) => methods[method]?.(...args),
    port: () => createPort(twin, tables),
  };
}
