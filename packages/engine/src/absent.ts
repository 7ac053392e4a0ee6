import type { Suspect } from '@tidelock/core';
import type { Pass } from './lane.ts';

/**
 * Records without a link that a read did not find (gone, or out of scope). Where answers may lag they are looked at a
 * second time before they are forgotten: nothing would report them again (two looks, 6.3).
 */
export function absent(
  pass: Pass,
  suspects: readonly Suspect[],
  wall: number,
): { readonly settled: readonly Suspect[]; readonly doubted: readonly Suspect[] } {
  const lags = (suspect: Suspect): boolean => pass.lane.caps[suspect.side].lagSeconds > 0;
  const settled = suspects.filter((suspect) => !lags(suspect));
  const doubted = suspects.filter(lags).map((suspect) => ({ ...suspect, why: 'missing' as const, at: wall }));
  // Questions were looked through before (0752): whoever waits for one that names such a record is placed by the next pass.
  pass.more ||= doubted.length > 0 || settled.some(({ side, id }) => pass.asked.has(side + id));
  return { settled, doubted };
}

/** Has the time passed after which the second look counts? Else the pass says when to come back. */
export function isRipe(pass: Pass, suspect: Suspect, wall: number): boolean {
  const left = suspect.at + pass.lane.caps[suspect.side].lagSeconds * 1_000 - wall;
  if (left <= 0) return true;
  pass.lookAgainMs = Math.max(pass.lookAgainMs, left);
  pass.more = true;
  return false;
}
