import type { Suspect } from '@tidelock/core';
import type { Lane, Pass } from './lane.ts';

/**
 * Records without a link that a read did not find (gone, or out of scope). Where answers may lag they are looked at a
 * second time before they are forgotten: nothing would report them again (two looks, 6.3).
 */
export function absent(
  lane: Lane,
  suspects: readonly Suspect[],
  wall: number,
): { readonly settled: readonly Suspect[]; readonly doubted: readonly Suspect[] } {
  const lags = (suspect: Suspect): boolean => lane.caps[suspect.side].lagSeconds > 0;
  return {
    settled: suspects.filter((suspect) => !lags(suspect)),
    doubted: suspects.filter(lags).map((suspect) => ({ ...suspect, why: 'missing', at: wall })),
  };
}

/** Has the time passed after which the second look counts? Else the pass says when to come back. */
export function isRipe(pass: Pass, suspect: Suspect, wall: number): boolean {
  const left = suspect.at + pass.lane.caps[suspect.side].lagSeconds * 1_000 - wall;
  if (left <= 0) return true;
  pass.lookAgainMs = Math.max(pass.lookAgainMs, left);
  pass.more = true;
  return false;
}
