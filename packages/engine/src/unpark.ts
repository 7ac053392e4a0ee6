import type { LaneRow, Link, LinkPut } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import type { Lane, Pass } from './lane.ts';
import { SIDES } from './link-plan.ts';
import { mappingVersion } from './mapping-version.ts';
import { isSecondLook } from './second-look.ts';

const PAGE = 500;

/** What refused records were refused under: another mapping writes something else. */
export const refusedUnder = (lane: Lane): string =>
  lane.notifies.length === 0
    ? mappingVersion(lane.mapping)
    : `${mappingVersion(lane.mapping)} mail:${lane.policy.events.mail}`;

const dueNow = (link: Link, wall: number): Link | null => {
  const { quarantine } = link;
  if (quarantine === null || (quarantine.nextAt !== null && quarantine.nextAt <= wall)) return null;
  return { ...link, quarantine: { ...quarantine, nextAt: wall } };
};

/**
 * What was refused or withheld was about the records as they were: a verdict about one of them, or a write that did not take
 * effect, is looked at now, whatever the pair waits for. Whoever stores it would park the pair again behind a report that came
 * with it.
 */
export const lookedAtAnew = (link: Link, wall: number): Link =>
  isSecondLook(link.quarantine) ? link : (dueNow(link, wall) ?? link);

/**
 * Stored with a write still to be made: it stays work (7.3). A pair that was looked at because a record of it had been gone, which is
 * back, carries no mark, and its verdict goes with this.
 */
export function stillWork(link: Link): LinkPut {
  const isWork = link.status === 'half' || link.dirtyA > link.cleanA || link.dirtyB > link.cleanB;
  return isWork ? { link } : { link, mark: SIDES };
}

/** Due by whichever clock. A time that was read while the state's clock was ahead would lie in the future once it is set back. */
export const AT_ONCE = 0;

/** What comes due by itself is not left out: the clock that says so may be set back before the pair is looked at. */
function toRetry(link: Link): Link[] {
  const { quarantine } = link;
  if (quarantine === null || quarantine.nextAt === AT_ONCE || isSecondLook(quarantine)) return [];
  return [{ ...link, quarantine: { ...quarantine, nextAt: AT_ONCE } }];
}

/** Refused records are tried again under a new mapping, also those that were given up. A second look keeps its time (6.3). */
export function* retryUnderNewMapping(pass: Pass, before: Pick<LaneRow, 'scopeHash'>): Core<void> {
  if (before.scopeHash === null || before.scopeHash === refusedUnder(pass.lane)) return;
  const wall = yield* now();
  for (let after = ''; ; ) {
    const links = yield* state('links', pass.lane.spec.id, { by: 'page', after, limit: PAGE });
    const due = links.flatMap(toRetry);
    if (due.length > 0)
      yield* state('commitLane', { guard: pass.guard, now: wall, links: due.map((link) => ({ link })) });
    const last = links.at(-1);
    if (last === undefined || links.length < PAGE) return;
    after = last.id;
  }
}
