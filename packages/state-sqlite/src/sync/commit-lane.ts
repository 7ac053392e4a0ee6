import type { Guard, HeldDeletes, LaneCommit, Review } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import { NOT_UNIQUE } from '../errors.ts';
import { toJsonOrNull } from '../row.ts';
import { type KeyValues, putKeys, toKeyText } from './blocking-keys.ts';
import { type ClosedValues, closeIntents, releaseClaims, toClosedValues } from './intents.ts';
import { addHistory, type HistoryValues, putReviews, toHistoryValues } from './journal.ts';
import { type OpenLane, openGuarded } from './lane-key.ts';
import { type LinkValues, toLinkValues } from './link-row.ts';
import { foreignRow, putLinks } from './links.ts';
import {
  forgetKeysOfTombs,
  type Numbered,
  refineSuspects,
  type SettledValues,
  settleSuspects,
  toSuspectValues,
} from './suspects.ts';

const OPERATION = 'state.commitLane';

/** `commitLane` as rows: what statements take, with nothing in it that a message between threads would have to take apart. */
export interface CommitRows {
  readonly guard: Guard;
  readonly now: number;
  readonly links: readonly LinkValues[];
  readonly settled: readonly SettledValues[];
  readonly suspects: readonly Numbered[];
  readonly keys: readonly KeyValues[];
  readonly closed: readonly ClosedValues[];
  readonly history: readonly HistoryValues[];
  readonly reviews: readonly Review[];
  readonly held: HeldDeletes | null | undefined;
  readonly released: readonly string[];
}

function checkLane({ guard, links = [], suspects = [], history = [], reviews = [] }: LaneCommit): void {
  const rows = [...links.map(({ link }) => link), ...suspects, ...history, ...reviews];
  if (rows.some((row) => row.laneId !== guard.laneId)) throw foreignRow(OPERATION);
}

/** Throws `invalid` for a row of another lane. */
export function toCommitRows(commit: LaneCommit): CommitRows {
  checkLane(commit);
  const {
    guard,
    now,
    links = [],
    settled = [],
    suspects = [],
    keys = [],
    closed = [],
    history = [],
  } = commit;
  return {
    guard,
    now,
    links: links.map(toLinkValues),
    settled: settled.map(({ side, id, seq }) => [side, id, seq]),
    suspects: suspects.map((suspect) => ({ values: toSuspectValues(suspect), seq: suspect.seq })),
    keys: keys.map((record) => [record.side, record.id, toKeyText(record.keys)]),
    closed: toClosedValues(closed),
    history: history.map(toHistoryValues),
    reviews: commit.reviews ?? [],
    held: commit.held,
    released: commit.released ?? [],
  };
}

/** Order matters twice: keys are forgotten after links were put, and named keys come last. */
function apply(db: Database, lane: OpenLane, commit: CommitRows): void {
  forgetKeysOfTombs(db, lane.n, commit.links);
  settleSuspects(db, lane, commit);
  refineSuspects(db, lane, commit.suspects);
  putKeys(db, lane.n, commit.keys);
  closeIntents(db, lane, commit);
  addHistory(db, lane, commit.history);
  putReviews(db, lane, commit.reviews);
  releaseClaims(db, lane, commit.released);
}

function commitOnce(db: Database, commit: CommitRows, stepAside: boolean): void {
  db.transaction(OPERATION, () => {
    const lane = openGuarded(db, commit.guard, OPERATION);
    putLinks(db, lane, { puts: commit.links, aside: stepAside });
    apply(db, lane, commit);
    if (commit.held !== undefined) {
      db.statement('update lane set held = ? where n = ?').run(toJsonOrNull(commit.held), lane.n);
    }
    lane.sequence.flush();
  });
}

export function commitLane(db: Database, commit: CommitRows): void {
  try {
    commitOnce(db, commit, false);
  } catch (error) {
    if (!isAdapterError(error) || error.code !== NOT_UNIQUE) throw error;
    commitOnce(db, commit, true);
  }
}
