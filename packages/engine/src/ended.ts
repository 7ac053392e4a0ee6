import type { Link, Suspect } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { asClean, SIDES } from './link-plan.ts';

const isDirty = (link: Link, side: 'a' | 'b'): boolean =>
  side === 'a' ? link.dirtyA > link.cleanA : link.dirtyB > link.cleanB;

/**
 * A record that was reported while its pair came to its end (brought back, between the proof and the last write) has no
 * link any more: it is an unknown record, and gets a place of its own. Answers the links that are still to be planned.
 */
export function* releaseEnded(pass: Pass, links: readonly Link[]): Core<readonly Link[]> {
  const ended = links.filter((link) => link.status === 'tomb');
  if (ended.length === 0 || pass.sketch !== null) return links;
  const wall = yield* now();
  const suspects = ended.flatMap((link) =>
    SIDES.flatMap((side): Suspect[] => {
      const ref = link[side];
      if (ref === null || !isDirty(link, side)) return [];
      const feed = pass.lane.feeds[side][0] ?? '';
      return [{ laneId: link.laneId, side, id: ref.id, why: 'unknown', feed, mono: '', at: wall, seq: 0 }];
    }),
  );
  pass.more ||= suspects.length > 0;
  yield* state('commitLane', {
    guard: pass.guard,
    now: wall,
    links: ended.map((link) => ({ link: asClean(link) })),
    suspects,
  });
  return links.filter((link) => link.status !== 'tomb');
}
