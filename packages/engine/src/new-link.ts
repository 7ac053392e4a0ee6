import type { Link } from '@tidelock/core';

/** A link with nobody in it yet. `at`: milliseconds since the epoch. */
export function newLink(laneId: string, id: string, at: number): Link {
  return {
    laneId,
    id,
    status: 'half',
    a: null,
    b: null,
    shownA: null,
    shownB: null,
    goneA: false,
    goneB: false,
    quarantine: null,
    holds: [],
    updatedAt: at,
    dirtyA: 0,
    dirtyB: 0,
    cleanA: 0,
    cleanB: 0,
    seenA: '',
    seenB: '',
  };
}
