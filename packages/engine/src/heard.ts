import type { FeedCommit } from '@tidelock/core';

/** The counter of what a lane was told (`LaneRow.dirtySeq`), as it is while nobody else tells the lane anything. */
export interface Heard {
  dirtySeq: number;
}

/** Counts as the state does: what gives a pass nothing to look at counts for nothing. */
export function hear(heard: Heard, notes: FeedCommit['lanes']): void {
  for (const { marks, suspects } of notes)
    if (suspects.length > 0 || marks.some(({ kind }) => kind === 'dirty')) heard.dirtySeq++;
}
