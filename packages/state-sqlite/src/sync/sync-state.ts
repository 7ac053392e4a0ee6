import type { LinkQuery, SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { findCandidates } from './blocking-keys.ts';
import { type CommitRows, commitLane, toCommitRows } from './commit-lane.ts';
import { createDue } from './due.ts';
import { createFeeds } from './feeds.ts';
import { type IntentRows, intentsOf, openIntents, openIntentsOf, toIntentRows } from './intents.ts';
import { createJournal, queryHistory, queryReviews } from './journal.ts';
import { knownRecords } from './known-records.ts';
import { laneKey, unknownLane } from './lane-key.ts';
import { createLanes } from './lanes.ts';
import type { LinkCells } from './link-row.ts';
import { queryLinks, toLinks } from './links.ts';
import { commitObservations, type ObservationRows, toObservationRows } from './observations.ts';
import { querySuspects } from './suspects.ts';
import { countLane, prune } from './upkeep.ts';

type Large = 'commitObservations' | 'commitLane' | 'openIntents' | 'links';

/** The calls that carry many rows, with these as statements take and answer them. */
export interface RowsState {
  commitObservations(rows: ObservationRows): Promise<void>;
  commitLane(rows: CommitRows): Promise<void>;
  openIntents(rows: IntentRows): ReturnType<SyncState['openIntents']>;
  links(laneId: string, query: LinkQuery): Promise<readonly LinkCells[]>;
}

function read<T>(db: Database, of: { operation: string; laneId: string }, work: (n: number) => T): T {
  return db.read(of.operation, () => {
    const n = laneKey(db, of.laneId);
    if (n === null) throw unknownLane(of.operation);
    return work(n);
  });
}

export const createRowsState = (db: Database): RowsState => ({
  async commitObservations(rows) {
    commitObservations(db, rows);
  },
  async commitLane(rows) {
    commitLane(db, rows);
  },
  async openIntents(rows) {
    return openIntents(db, rows);
  },
  async links(laneId, query) {
    return read(db, { operation: 'state.links', laneId }, (n) => queryLinks(db, n, query));
  },
});

/**
 * Takes contracts' rows apart where the caller is, in whatever thread the database is. Nobody waits here: who does keeps what was taken
 * apart until it is stored.
 */
export const overRows = (rows: RowsState): Pick<SyncState, Large> => ({
  async commitObservations(commit) {
    return rows.commitObservations(toObservationRows(commit));
  },
  async commitLane(commit) {
    return rows.commitLane(toCommitRows(commit));
  },
  async openIntents(request) {
    return rows.openIntents(toIntentRows(request));
  },
  async links(laneId, query) {
    return toLinks(await rows.links(laneId, query), laneId, query);
  },
});

/** `node:sqlite` is synchronous, so each method is done before it returns; it is `async` so that errors reject. */
export function createSyncState(db: Database, rows: RowsState = createRowsState(db)): SyncState {
  const ofLane = <T>(operation: string, laneId: string, work: (lane: { n: number; id: string }) => T): T =>
    read(db, { operation, laneId }, (n) => work({ n, id: laneId }));
  return {
    ...createLanes(db),
    ...createDue(db),
    ...createFeeds(db),
    ...createJournal(db),
    ...overRows(rows),
    async suspects(laneId, query) {
      return ofLane('state.suspects', laneId, (lane) => querySuspects(db, lane, query));
    },
    async knownRecords(storeB, ids) {
      return db.read('state.knownRecords', () => knownRecords(db, storeB, ids));
    },
    // biome-ignore lint/complexity/useMaxParams: the contract's signature
    async candidates(laneId, side, keys, cap) {
      return ofLane('state.candidates', laneId, ({ n }) => findCandidates(db, n, { side, keys, cap }));
    },
    async openIntentsOf(laneId) {
      return ofLane('state.openIntentsOf', laneId, (lane) => openIntentsOf(db, lane));
    },
    async intentsOf(laneId, linkId) {
      return ofLane('state.intentsOf', laneId, (lane) => intentsOf(db, lane, linkId));
    },
    async reviews(laneId, query) {
      return ofLane('state.reviews', laneId, (lane) => queryReviews(db, lane, query ?? {}));
    },
    async counts(laneId, now) {
      return ofLane('state.counts', laneId, ({ n }) => countLane(db, n, now));
    },
    async history(laneId, query) {
      return ofLane('state.history', laneId, (lane) => queryHistory(db, lane, query));
    },
    async prune(before) {
      return prune(db, before);
    },
  };
}
