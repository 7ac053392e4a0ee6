import type { LaneCommit } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import { NOT_UNIQUE } from '../errors.ts';
import { toJsonOrNull } from '../row.ts';
import { closeIntents, releaseClaims } from './intents.ts';
import { addHistory, putReviews } from './journal.ts';
import { type OpenLane, openGuarded } from './lane-key.ts';
import { foreignRow, putLinks } from './links.ts';
import { forgetKeysOfTombs, putKeys, refineSuspects, settleSuspects } from './suspects.ts';

const OPERATION = 'state.commitLane';

function checkLane(lane: OpenLane, rows: readonly { readonly laneId: string }[] | undefined): void {
  if (rows?.some((row) => row.laneId !== lane.id)) throw foreignRow(OPERATION);
}

/** Order matters twice: keys are forgotten after links were put, and named keys come last. */
function apply(db: Database, lane: OpenLane, commit: LaneCommit): void {
  const links = commit.links ?? [];
  forgetKeysOfTombs(db, lane.n, links);
  settleSuspects(db, lane, { settled: commit.settled ?? [], keys: commit.keys });
  refineSuspects(db, lane, commit.suspects ?? []);
  for (const record of commit.keys ?? []) putKeys(db, lane.n, record);
  closeIntents(db, lane, { closed: commit.closed ?? [], now: commit.now });
  addHistory(db, lane, commit.history ?? []);
  putReviews(db, lane, commit.reviews ?? []);
  releaseClaims(db, lane, commit.released ?? []);
}

function commitOnce(db: Database, commit: LaneCommit, stepAside: boolean): void {
  db.transaction(OPERATION, () => {
    const lane = openGuarded(db, commit.guard, OPERATION);
    checkLane(lane, commit.suspects);
    checkLane(lane, commit.history);
    checkLane(lane, commit.reviews);
    putLinks(db, lane, { puts: commit.links ?? [], aside: stepAside });
    apply(db, lane, commit);
    if (commit.held !== undefined) {
      db.statement('update lane set held = ? where n = ?').run(toJsonOrNull(commit.held), lane.n);
    }
    lane.sequence.flush();
  });
}

export function commitLane(db: Database, commit: LaneCommit): void {
  try {
    commitOnce(db, commit, false);
  } catch (error) {
    if (!isAdapterError(error) || error.code !== NOT_UNIQUE) throw error;
    commitOnce(db, commit, true);
  }
}
