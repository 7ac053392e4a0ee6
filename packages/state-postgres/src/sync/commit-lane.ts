import type { LaneCommit } from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Session } from '../database-session.ts';
import { isNotUnique } from '../errors.ts';
import { toJson } from '../row-text.ts';
import { closeIntents, releaseClaims } from './intents.ts';
import { addHistory, putReviews } from './journal.ts';
import { foreignRow, type OpenLane, openGuarded } from './lane-key.ts';
import { putLinks } from './links.ts';
import { forgetKeysOfTombs, putKeys, refineSuspects, settleSuspects } from './suspects.ts';

const OPERATION = 'state.commitLane';

function checkLane(lane: OpenLane, rows: readonly { readonly laneId: string }[] | undefined): void {
  if (rows?.some((row) => row.laneId !== lane.id)) throw foreignRow(OPERATION);
}

/** Order matters twice: keys are forgotten after links were put, and named keys come last. */
async function apply(session: Session, lane: OpenLane, commit: LaneCommit): Promise<void> {
  const { n } = lane;
  await forgetKeysOfTombs(session, n, commit.links ?? []);
  await settleSuspects(session, n, commit.settled ?? []);
  await refineSuspects(session, lane, commit.suspects ?? []);
  await putKeys(
    session,
    (commit.keys ?? []).map((record) => ({ ...record, lane: n })),
  );
  await closeIntents(session, n, { closed: commit.closed ?? [], now: commit.now });
  await addHistory(session, n, commit.history ?? []);
  await putReviews(session, n, commit.reviews ?? []);
  await releaseClaims(session, n, commit.released ?? []);
}

const FLUSH = `update $.lane set mark_seq = coalesce($2::bigint, mark_seq),
  held = case when $3::boolean then $4::jsonb else held end where n = $1`;

async function flush(session: Session, lane: OpenLane, held: LaneCommit['held']): Promise<void> {
  const taken = lane.sequence.taken();
  if (taken === null && held === undefined) return;
  const value = held === undefined || held === null ? null : toJson(held);
  await session.run(FLUSH, [lane.n, taken, held !== undefined, value]);
}

async function commitOnce(db: Database, commit: LaneCommit, stepAside: boolean): Promise<void> {
  await db.transaction(OPERATION, async (session) => {
    const lane = await openGuarded(session, commit.guard, OPERATION);
    checkLane(lane, commit.suspects);
    checkLane(lane, commit.history);
    checkLane(lane, commit.reviews);
    await putLinks(session, lane, { puts: commit.links ?? [], stepAside });
    await apply(session, lane, commit);
    await flush(session, lane, commit.held);
  });
}

/** One statement for each kind of row in it, however many rows there are. */
export async function commitLane(db: Database, commit: LaneCommit): Promise<void> {
  try {
    await commitOnce(db, commit, false);
  } catch (error) {
    if (!isNotUnique(error)) throw error;
    await commitOnce(db, commit, true);
  }
}
