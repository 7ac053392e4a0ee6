import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { isSecondLook } from './second-look.ts';

const LIMIT = 50;
/** Looks as far ahead as this (milliseconds): no lane comes back sooner by itself. */
const AHEAD_MS = 300_000;

/**
 * Second looks that an earlier pass, or a process that died, has put off: until they are taken there is something left
 * to do, and the pass says when to come back (6.3). The state's clock may have been put back since they were noted: then they are
 * further away than an answer can lag.
 */
export function* waitForLooks(pass: Pass): Core<void> {
  const { a, b } = pass.lane.caps;
  if (Math.max(a.lagSeconds, b.lagSeconds) === 0 || pass.sketch !== null) return;
  const wall = yield* now();
  const due = yield* state('links', pass.lane.spec.id, { by: 'work', now: wall + AHEAD_MS, limit: LIMIT });
  for (const { quarantine } of due) {
    const nextAt = isSecondLook(quarantine) ? (quarantine?.nextAt ?? null) : null;
    // One that came due while this pass was at work was not among what it planned; older ones were, and wait for the brake.
    if (nextAt === null || nextAt <= (pass.plannedAt ?? wall)) continue;
    pass.lookAgainMs = Math.max(pass.lookAgainMs, nextAt - wall);
    pass.more = true;
  }
}
