import type { SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { commitLane } from './commit-lane.ts';
import { createDue } from './due.ts';
import { createFeeds } from './feeds.ts';
import { intentsOf, openIntents, openIntentsOf } from './intents.ts';
import { createJournal, queryHistory, queryReviews } from './journal.ts';
import { knownRecords } from './known-records.ts';
import { createLaneReader } from './lane-key.ts';
import { createLanes } from './lanes.ts';
import { queryLinks } from './links.ts';
import { commitObservations } from './observations.ts';
import { findCandidates, querySuspects } from './suspects.ts';
import { countLane, prune } from './upkeep.ts';

export function createSyncState(db: Database): SyncState {
  const ofLane = createLaneReader(db);
  return {
    ...createLanes(db),
    ...createDue(db),
    ...createFeeds(db),
    ...createJournal(db),
    commitObservations: (commit) => commitObservations(db, commit),
    commitLane: (commit) => commitLane(db, commit),
    openIntents: (request) => openIntents(db, request),
    links: (laneId, query) =>
      ofLane('state.links', laneId, (session, lane) => queryLinks(session, lane, query)),
    suspects: (laneId, query) =>
      ofLane('state.suspects', laneId, (session, lane) => querySuspects(session, lane, query)),
    knownRecords: (storeB, ids) =>
      db.single('state.knownRecords', (session) => knownRecords(session, storeB, ids)),
    // biome-ignore lint/complexity/useMaxParams: the contract's signature
    candidates: (laneId, side, keys, cap) =>
      ofLane('state.candidates', laneId, (session, { n }) => findCandidates(session, n, { side, keys, cap })),
    openIntentsOf: (laneId) => ofLane('state.openIntentsOf', laneId, openIntentsOf),
    intentsOf: (laneId, linkId) =>
      ofLane('state.intentsOf', laneId, (session, lane) => intentsOf(session, lane, linkId)),
    reviews: (laneId, query) =>
      ofLane('state.reviews', laneId, (session, lane) => queryReviews(session, lane, query ?? {})),
    counts: (laneId, now) => ofLane('state.counts', laneId, (session, { n }) => countLane(session, n, now)),
    history: (laneId, query) =>
      ofLane('state.history', laneId, (session, lane) => queryHistory(session, lane, query)),
    prune: (before) => prune(db, before),
  };
}
