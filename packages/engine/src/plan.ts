import type { Link, Side } from '@tidelock/core';
import {
  asClean,
  ended,
  type LinkPlan,
  needs,
  nothing,
  type PlanContext,
  type Seen,
  SIDES,
} from './link-plan.ts';
import { planDelete, planHalf } from './plan-ends.ts';
import { planMerge } from './plan-merge.ts';

/** A record that is read now is gone or back, whatever an earlier verdict said. */
function withProofs(link: Link, seen: Readonly<Record<Side, Seen>>): Link {
  const gone = (side: Side, flagged: boolean): boolean =>
    seen[side].state === 'gone' || (flagged && seen[side].state !== 'found');
  return { ...link, goneA: gone('a', link.goneA), goneB: gone('b', link.goneB) };
}

/**
 * What is to be done about one link, as a pure function of what was shown, what is seen and policy (tables 6.3 and
 * 7.1 of the specification). A plan with `reads` is provisional: read those sides and plan again before executing.
 */
export function planLink(link: Link, seen: Readonly<Record<Side, Seen>>, context: PlanContext): LinkPlan {
  if (link.status === 'tomb' || link.status === 'detached' || link.status === 'merged')
    return nothing(link, asClean(link), { rule: `link is ${link.status}` });
  if (link.status === 'half' || link.a === null || link.b === null) return planHalf(link, seen, context);
  const marked = withProofs(link, seen);
  const { goneA, goneB } = marked;
  if (goneA && goneB) return ended(marked, 'tomb', { rule: 'gone on both sides', action: 'tomb' });
  if (link.status === 'out' && (goneA || goneB))
    return ended(marked, 'detached', { rule: 'gone while its partner was out of scope', action: 'unlink' });
  if (goneA) return planDelete(marked, { gone: 'a', seen }, context);
  if (goneB) return planDelete(marked, { gone: 'b', seen }, context);
  if (seen.a.state === 'out' || seen.b.state === 'out')
    return ended(marked, 'out', { rule: 'left the scope', action: 'freeze' });
  if (link.status === 'out' && (seen.a.state !== 'found' || seen.b.state !== 'found')) {
    return needs(
      marked,
      SIDES.filter((side) => seen[side].state !== 'found'),
      { rule: 'back in scope' },
    );
  }
  return planMerge(marked, seen, context);
}
