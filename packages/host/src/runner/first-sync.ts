import type { LanePause, LaneRow, SyncState } from '@tidelock/core';
import type { Machine } from './machine.ts';

/** Who paused it: nobody that signs in is called so. */
const BY = 'tidelock';
const REASON = 'its first sync waits for a person: look at the plan and approve it, or resume the mailbox';
/** Runs looked through for one that was no plan. */
const LOOK = 20;

const firstPause = (at: number): LanePause => ({ by: BY, at, reason: REASON, under: null });

/** Whether a mailbox rests only because nobody has approved its first plan yet. */
export const isFirstPause = ({ paused }: Pick<LaneRow, 'paused'>): boolean =>
  paused !== null && paused.by === BY && paused.reason === REASON;

/** A first sync that was begun goes on, whatever became of its process. */
async function isBegun(state: SyncState, row: LaneRow): Promise<boolean> {
  if (row.lastOkAt !== null || row.paused !== null) return true;
  return (await state.runs(row.id, LOOK)).some(({ kind }) => kind !== 'plan');
}

/**
 * The first sync of a mailbox writes where nothing was written before, so it rests until somebody has looked at what that would
 * be. Asked once for each mailbox and process.
 */
export async function restBeforeFirst(on: Machine, laneId: string): Promise<void> {
  if (on.known.has(laneId) || !on.holdsFirst()) return;
  const [row] = await on.state.lanes([laneId]);
  if (row === undefined) return;
  if (!(await isBegun(on.state, row))) await on.state.pauseLane(laneId, firstPause(on.clock.now()));
  on.known.add(laneId);
}
