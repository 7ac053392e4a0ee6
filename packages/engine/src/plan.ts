import type { Link, Side } from '@tidelock/core';
import { rested, restsOutside } from './freeze.ts';
import {
  asClean,
  ended,
  frozen,
  type LinkPlan,
  needs,
  nothing,
  type PlanContext,
  refNow,
  type Seen,
  SIDES,
} from './link-plan.ts';
import { planDelete, planHalf } from './plan-ends.ts';
import { planMerge } from './plan-merge.ts';
import { outsideOf } from './scope.ts';
import { lookedTwice } from './second-look.ts';

/** A record that is read now is gone, or back, whatever an earlier verdict said. */
function withProofs(link: Link, seen: Readonly<Record<Side, Seen>>): Link {
  const gone = (side: Side, flagged: boolean): boolean =>
    seen[side].state === 'gone' || (flagged && seen[side].state === 'unchanged');
  return { ...link, goneA: gone('a', link.goneA), goneB: gone('b', link.goneB) };
}

/** The table's rows in which a side is gone or out of scope; null when both sides are there to be merged. */
function planAbsence(link: Link, seen: Readonly<Record<Side, Seen>>, context: PlanContext): LinkPlan | null {
  const { goneA, goneB } = link;
  if (goneA && goneB) return ended(link, 'tomb', { rule: 'gone on both sides', action: 'tomb' });
  if (goneA || goneB) {
    if (link.status !== 'out') return planDelete(link, { gone: goneA ? 'a' : 'b', seen }, context);
    return ended(link, 'detached', { rule: 'gone while its partner was out of scope', action: 'unlink' });
  }
  if (seen.a.state === 'out' || seen.b.state === 'out') {
    const met = { ...link, a: refNow(link.a, seen.a), b: refNow(link.b, seen.b) };
    return frozen(met, seen);
  }
  const unread = SIDES.filter((side) => seen[side].state !== 'found');
  return link.status === 'out' && unread.length > 0 ? needs(link, unread, { rule: 'back in scope' }) : null;
}

/** What does not meet the lane's rules is outside, as if the store had said so. */
function withScope(context: PlanContext, side: Side, seen: Seen): Seen {
  if (seen.state !== 'found') return seen;
  const rule = outsideOf(context, side, seen.record);
  return rule === null ? seen : { state: 'out', record: seen.record, rule };
}

/**
 * What is to be done about one link, as a pure function of what was shown, what is seen and policy (tables 6.3 and
 * 7.1 of the specification). A plan with `reads` is provisional: read those sides and plan again before executing.
 */
export function planLink(link: Link, read: Readonly<Record<Side, Seen>>, context: PlanContext): LinkPlan {
  const seen = { a: withScope(context, 'a', read.a), b: withScope(context, 'b', read.b) };
  return lookedTwice(planOnce(link, seen, context), { link, seen }, context);
}

function planOnce(link: Link, seen: Readonly<Record<Side, Seen>>, context: PlanContext): LinkPlan {
  if (link.status === 'tomb' || link.status === 'detached' || link.status === 'merged')
    return nothing(
      link,
      { ...asClean(link), goneA: false, goneB: false },
      { rule: `link is ${link.status}` },
    );
  const marked = withProofs(link, seen);
  if (restsOutside(link) && !marked.goneA && !marked.goneB)
    return nothing(link, rested(marked, seen), { rule: 'outside the scope' });
  if (link.status === 'half' || link.a === null || link.b === null) return planHalf(link, seen, context);
  return planAbsence(marked, seen, context) ?? planMerge(marked, seen, context);
}
