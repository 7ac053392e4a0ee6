import type { FeedCommit, Mark, Side } from '@tidelock/core';
import { AdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import { toBit } from '../row.ts';
import { type OpenLane, oldFence, openLane } from './lane-key.ts';
import { bumpLane } from './lanes.ts';
import { reportSuspects, type SuspectValues, toSuspectValues } from './suspects.ts';

const OPERATION = 'state.commitObservations';

const SAVE_CURSOR = `update feed set cursor = ?1, gen = ?2, scanning = ?3, scope_hash = ?4, page_hash = ?5,
    scanned_at = case when scanning and not ?3 then ?6 else scanned_at end
  where id = ?7 and fence = ?8 and lease_owner is not null`;

/** A mark wakes a parked link: its input may be another one now. */
const dirty = (x: Side): string => `update link set dirty_${x} = ?1, seen_${x} = max(seen_${x}, ?2),
  ${x}_gen = max(${x}_gen, ?3), parked_until = 0 where lane = ?4 and id = ?5`;

/**
 * Version and mono move only while the side is not dirty (its content is not what is shown, whatever the reader
 * thought) and never back behind what was seen.
 */
const clean = (x: Side): string => {
  const fits = `dirty_${x} <= clean_${x} and ${x}_id is not null and (?2 is null or ?2 >= max(${x}_mono, seen_${x}))`;
  return `update link set
    ${x}_version = case when ${fits} then coalesce(?1, ${x}_version) else ${x}_version end,
    ${x}_mono = case when ${fits} then coalesce(?2, ${x}_mono) else ${x}_mono end,
    seen_${x} = max(seen_${x}, coalesce(?2, '')), ${x}_gen = max(${x}_gen, ?3) where lane = ?4 and id = ?5`;
};

const DIRTY = { a: dirty('a'), b: dirty('b') } as const;
const CLEAN = { a: clean('a'), b: clean('b') } as const;

function lostLink(): AdapterError {
  return new AdapterError('conflict', 'A mark names a link that is gone. Nothing was changed.', {
    operation: OPERATION,
    code: 'unknown-link',
    remedy: 'Read the links again and classify the page anew.',
  });
}

function applyMark(db: Database, lane: OpenLane, mark: Mark): void {
  const gen = mark.gen ?? -1;
  const { changes } =
    mark.kind === 'dirty'
      ? db.statement(DIRTY[mark.side]).run(lane.sequence.next(), mark.mono ?? '', gen, lane.n, mark.linkId)
      : db.statement(CLEAN[mark.side]).run(mark.version ?? null, mark.mono ?? null, gen, lane.n, mark.linkId);
  if (changes === 0) throw lostLink();
}

interface LaneRows {
  readonly laneId: string;
  readonly marks: readonly Mark[];
  readonly suspects: readonly SuspectValues[];
}

/** `commitObservations` as rows. */
export type ObservationRows = Omit<FeedCommit, 'lanes'> & { readonly lanes: readonly LaneRows[] };

export const toObservationRows = (commit: FeedCommit): ObservationRows => ({
  ...commit,
  lanes: commit.lanes.map(({ laneId, marks, suspects }) => ({
    laneId,
    marks,
    suspects: suspects.map(toSuspectValues),
  })),
});

/** Marks that change nothing a pass would look at do not make the lane due, or two idle lanes would never rest. */
export function commitObservations(db: Database, commit: ObservationRows): void {
  const { feed, fence, cursor, gen, scanning, scopeHash, pageHash, now } = commit;
  db.transaction(OPERATION, () => {
    const { changes } = db
      .statement(SAVE_CURSOR)
      .run(cursor, gen, toBit(scanning), scopeHash, pageHash, now, feed, fence);
    if (changes === 0) throw oldFence(OPERATION);
    for (const { laneId, marks, suspects } of commit.lanes) {
      const lane = openLane(db, laneId, OPERATION);
      for (const mark of marks) applyMark(db, lane, mark);
      reportSuspects(db, lane, suspects);
      lane.sequence.flush();
      if (suspects.length > 0 || marks.some((mark) => mark.kind === 'dirty')) bumpLane(db, lane.n, now);
    }
  });
}
