import type { Lease, Link, Quarantine } from '@tidelock/core';
import type { Effect } from '@tidelock/engine';
import { CheckFailed } from './sim.ts';
import type { Asked, Desk } from './watch-desk.ts';

type Request = Pick<Extract<Effect, { kind: 'state' }>, 'args'>;

const laneOf = (desk: Desk) => desk.sim.state.tables.lanes.get(`lane-${desk.lane}`);

/** Refused records that are not due yet, or were given up. */
function parkedNow(desk: Desk, wall: number): Map<string, Quarantine> {
  const parked = new Map<string, Quarantine>();
  for (const { link } of laneOf(desk)?.links.values() ?? []) {
    const { quarantine, status } = link;
    if (quarantine === null || status === 'tomb' || quarantine.class === 'transient') continue;
    if (quarantine.nextAt === null || quarantine.nextAt > wall) parked.set(link.id, quarantine);
  }
  return parked;
}

/** The lane as it is right before a worker asks for it. */
export function noteAsked(desk: Desk, { args }: Request): void {
  const { owner, now } = args[0] as { owner: string; now: number };
  const row = laneOf(desk)?.row;
  const held = row !== undefined && row.leaseOwner !== null && row.leaseUntil > now;
  const { scopeHash = null } = row ?? {};
  const asked: Asked = {
    owner,
    holder: held ? row.leaseOwner : null,
    heldBy: held ? (desk.sim.holders.get(row.id) ?? null) : null,
    scopeHash,
    parked: parkedNow(desk, now),
  };
  desk.asked = asked;
}

/** One worker a lane: nobody gets it while the lease of another one runs (7.4), whatever name it gives. */
export function checkLease(desk: Desk, lease: Lease | null): void {
  const { asked, sim } = desk;
  if (lease === null || asked === null) return;
  if (asked.holder !== null && asked.holder !== asked.owner)
    throw new CheckFailed('S10', `${asked.owner} was given a lane that ${asked.holder} holds`);
  if (asked.heldBy !== null && asked.heldBy !== desk)
    throw new CheckFailed('S10', `${asked.owner} was given a lane that another process of that name holds`);
  sim.holders.set(`lane-${desk.lane}`, desk);
}

/** The feed as it is right before a worker asks for it. */
export function noteFeedAsked(desk: Desk, { args }: Request): void {
  const { feed, now } = args[0] as { feed: string; now: number };
  const row = desk.sim.state.tables.feeds.get(feed);
  const held = row !== undefined && row.leaseOwner !== null && row.leaseUntil > now;
  desk.feedHeldBy = held ? (desk.sim.holders.get(feed) ?? null) : null;
}

/** One reader a feed (6.1), by the same rule as lanes. */
export function checkFeedLease(desk: Desk, { args }: Request, lease: Lease | null): void {
  const { feed, owner } = args[0] as { feed: string; owner: string };
  if (lease === null) return;
  if (desk.feedHeldBy !== null && desk.feedHeldBy !== desk)
    throw new CheckFailed('S10', `${owner} was given feed ${feed}, which another process reads`);
  desk.sim.holders.set(feed, desk);
}

/** Another mapping, another try: whatever was refused under the one before has been tried, or is due (7.3). */
export function checkRetried(desk: Desk, { args }: Request): void {
  const {
    scopeHash,
    errorKind,
    now: wall,
  } = args[0] as {
    scopeHash: string | null;
    errorKind: string | null;
    now: number;
  };
  const { asked } = desk;
  if (errorKind !== null || asked === null || asked.scopeHash === null || asked.scopeHash === scopeHash)
    return;
  for (const [id, before] of asked.parked) {
    // Its time came while the pass ran: it is due, under whichever mapping.
    if (before.nextAt !== null && before.nextAt <= wall) continue;
    const now = laneOf(desk)?.links.get(id)?.link.quarantine;
    if (
      now?.inputHash === before.inputHash &&
      now.nextAt === before.nextAt &&
      now.attempts === before.attempts
    )
      throw new CheckFailed('S14', `${id} was refused under another mapping and waits as before`);
  }
  if (asked.parked.size > 0) desk.sim.count('rule another mapping');
}

/** Looks that a pass asks for when all is done. */
const SOON = 50;

const dueAt = (desk: Desk, due: { readonly now: number; readonly limit: number }): readonly Link[] =>
  desk.sim.state.callSync('links', [`lane-${desk.lane}`, { by: 'work', ...due }]) as readonly Link[];

/** When the pass asked for what is due, and which pairs had ended by then of which something was reported since. */
export function notePlanned(desk: Desk, { args }: Request): void {
  const { by, now, limit } = args[1] as { by: string; now: number; limit: number };
  if (by === 'work' && limit === SOON && desk.plannedAt !== null) desk.askedUntil = now;
  if (by !== 'work' || limit === SOON || desk.plannedAt !== null) return;
  desk.plannedAt = now;
  desk.ended = dueAt(desk, { now, limit }).filter(({ status }) => status === 'tomb');
}

/** A record that was reported while its pair came to its end is looked at by the next pass: nobody reports it again (7.1). */
export function checkEnded(desk: Desk, { args }: Request): void {
  const { errorKind } = args[0] as { errorKind: string | null };
  if (errorKind !== null || desk.approved !== null) return;
  for (const { id, dirtyA, dirtyB } of desk.ended) {
    const now = laneOf(desk)?.links.get(id)?.link;
    const moved = now?.dirtyA !== dirtyA || now.dirtyB !== dirtyB;
    if (moved || (now.cleanA >= dirtyA && now.cleanB >= dirtyB)) continue;
    throw new CheckFailed('L1', `what was reported of ${id} after its end was looked at by nobody`);
  }
  if (desk.ended.length > 0) desk.sim.count('report after the end');
}

/** When a lane is due again that nothing is left to do for, milliseconds. */
const IDLE = 300_000;

/**
 * Whoever leaves a second look behind comes back for it, also when it came due while the pass was at work (6.3). What the state's
 * clock leapt to after the pass had asked for such looks, it could not know of: that one is taken when the lane is due again.
 * Nor could it know of one that lay further ahead, and that a report let go after it had asked: there the state has to keep the
 * lane due, as it counted that report (6.2, 0177).
 */
export function checkLooks(desk: Desk, { args }: Request): void {
  const { sim, plannedAt, approved } = desk;
  const request = args[0] as { errorKind: string | null; dueAt: number; now: number };
  const { errorKind, now } = request;
  if (errorKind !== null || plannedAt === null || approved !== null) return;
  const lagMs = 1_000 * Math.max(sim.options.a.caps.lagSeconds, sim.options.b.caps.lagSeconds);
  const until = Math.min(now + lagMs, desk.askedUntil ?? Number.POSITIVE_INFINITY);
  const left = dueAt(desk, { now: until, limit: SOON }).filter(({ quarantine }) => {
    const at = quarantine?.code === 'second-look' ? quarantine.nextAt : null;
    return at !== null && at > plannedAt;
  });
  if (left.length === 0) return;
  sim.count('look left to the next pass');
  const stored = laneOf(desk)?.row.dueAt ?? request.dueAt;
  for (const { id, quarantine } of left) {
    const due = (quarantine?.nextAt ?? 0) > until ? stored : request.dueAt;
    if (due - now === IDLE)
      throw new CheckFailed('S15', `${id} waits for a second look, and nobody comes back for it`);
  }
}
