import type { Link } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { otherSide, refOf } from './link-plan.ts';
import type { Sending } from './sending.ts';
import { lookedAtAnew } from './unpark.ts';

/**
 * Whose event it is stands in the link before anything is made of it: when the copy is gone by the time that the create turns out
 * to have taken effect, nothing else tells that somebody let go of a copy only, and the event is not to be deleted for that. A pair that
 * was parked stays let go: a process that dies before the write would leave it parked behind what was reported of it.
 */
export function* rememberCopies(pass: Pass, sendings: readonly Sending[]): Core<void> {
  const copies: Link[] = [];
  for (const { work, write } of sendings) {
    const { link, next } = work.plan;
    const side = otherSide(write.side);
    const [known, read] = [refOf(link, side), refOf(next, side)];
    if (write.op !== 'create' || known === null || read?.closed !== true || known.closed === true) continue;
    const told = { ...link, [side]: { ...known, closed: true } };
    work.plan = { ...work.plan, link: told };
    copies.push(told);
  }
  if (copies.length === 0) return;
  const wall = yield* now();
  const links = copies.map((link) => ({ link: lookedAtAnew(link, wall) }));
  yield* state('commitLane', { guard: pass.guard, now: wall, links });
}
