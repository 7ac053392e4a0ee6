import type { Link, Quarantine, Side } from '@tidelock/core';
import { type LinkPlan, type PlanContext, type Seen, SIDES, seenOn } from './link-plan.ts';
import { isWithheld } from './withheld.ts';

const CODE = 'second-look';

/** Waits for its second look; it is not refused by anybody, and nobody is asked about it. */
export const isSecondLook = (quarantine: Quarantine | null): boolean => quarantine?.code === CODE;

/** A link as it was, and what its sides show. */
interface Look {
  readonly link: Link;
  readonly seen: Readonly<Record<Side, Seen>>;
}

/** Is what this read says a verdict: there no more, or there again? */
function isVerdict(link: Link, side: Side, seen: Seen): boolean {
  // Outside by the lane's own rules is no answer of a store.
  if (seen.state === 'out' && seen.rule !== undefined) return false;
  if (seen.state === 'gone' || seen.state === 'out') return true;
  const away = link.status === 'out' || (side === 'a' ? link.goneA : link.goneB);
  return away && seen.state === 'found';
}

/** Milliseconds that a stale answer may be behind, over all that the plan concludes from. */
function waitFor(plan: LinkPlan, { link, seen }: Look, context: PlanContext): number {
  const lag = context.lagMs ?? { a: 0, b: 0 };
  const judged = SIDES.filter((side) => isVerdict(link, side, seen[side]));
  if (judged.length === 0) return 0;
  const victims = plan.writes.flatMap((write) => (write.op === 'delete' ? [write.side] : []));
  return Math.max(0, ...[...judged, ...victims].map((side) => lag[side]));
}

/**
 * What has to be found again: the same verdicts, and the same version of what would be deleted. A record that was reported
 * since the first look is looked at anew: a stale answer would else confirm what was true before.
 */
function keyOf(plan: LinkPlan, { link, seen }: Look): string {
  const sides = SIDES.map((side) => {
    const now = seen[side];
    const shown = now.state === 'found' && plan.action !== 'update' ? now.record.version : now.state;
    return isVerdict(link, side, now) ? `${shown}@${seenOn(link, side)}` : shown;
  });
  return [plan.action, ...sides].join(' ');
}

const settled = (plan: LinkPlan): LinkPlan =>
  isSecondLook(plan.next.quarantine) ? { ...plan, next: { ...plan.next, quarantine: null } } : plan;

/**
 * On a store whose answers may lag, a record that is gone, out of scope or back again is believed when a second look,
 * after the lag, finds the same (two looks, 6.3). Until then the link waits as it is.
 */
export function lookedTwice(plan: LinkPlan, look: Look, context: PlanContext): LinkPlan {
  if (plan.reads.length > 0) return plan;
  const waitMs = waitFor(plan, look, context);
  if (waitMs === 0) return settled(plan);
  const { link } = look;
  // It waits for a person, and is not sent after a second look either: that one would only take the place of why it waits.
  if (plan.writes.length > 0 && plan.writes.every((write) => isWithheld(link, write))) return plan;
  const key = keyOf(plan, look);
  const before = isSecondLook(link.quarantine) && link.quarantine?.inputHash === key ? link.quarantine : null;
  const nextAt = before?.nextAt ?? context.now + waitMs;
  if (before !== null && nextAt <= context.now) return settled(plan);
  const quarantine: Quarantine = {
    class: 'transient',
    code: CODE,
    message: 'The store may answer with what it showed some seconds ago; it is looked at once more.',
    inputHash: key,
    attempts: 1,
    nextAt,
  };
  return {
    link,
    action: 'wait',
    writes: [],
    next: { ...link, quarantine },
    reads: [],
    rule: `${plan.rule}: a second look first`,
  };
}
