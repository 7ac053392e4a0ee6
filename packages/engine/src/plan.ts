import type { Link, Side } from '@tidelock/core';
import { asClean, type LinkPlan, needs, nothing, type PlanContext, type Seen, SIDES } from './link-plan.ts';
import { planDelete, planHalf } from './plan-ends.ts';
import { planMerge } from './plan-merge.ts';

/**
 * What is to be done about one link, as a pure function of what was shown, what is seen and policy (tables 6.3 and
 * 7.1 of the specification). A plan with `reads` is provisional: read those sides and plan again before executing.
 */
export function planLink(link: Link, seen: Readonly<Record<Side, Seen>>, context: PlanContext): LinkPlan {
  if (link.status === 'tomb' || link.status === 'detached' || link.status === 'merged')
    return nothing(link, asClean(link), { rule: `link is ${link.status}` });
  const goneA = link.goneA || seen.a.state === 'gone';
  const goneB = link.goneB || seen.b.state === 'gone';
  if (link.status === 'half' || link.a === null || link.b === null) return planHalf(link, seen, context);
  const marked = { ...link, goneA, goneB };
  if (goneA && goneB)
    return nothing(
      link,
      { ...asClean(marked), status: 'tomb', goneA: false, goneB: false },
      { rule: 'gone on both sides', action: 'tomb' },
    );
  if (goneA) return planDelete(marked, { gone: 'a', survivor: seen.b }, context);
  if (goneB) return planDelete(marked, { gone: 'b', survivor: seen.a }, context);
  if (seen.a.state === 'out' || seen.b.state === 'out')
    return nothing(link, { ...asClean(link), status: 'out' }, { rule: 'left the scope', action: 'freeze' });
  if (link.status === 'out' && (seen.a.state !== 'found' || seen.b.state !== 'found')) {
    return needs(
      link,
      SIDES.filter((side) => seen[side].state !== 'found'),
      { rule: 'back in scope' },
    );
  }
  return planMerge(link, seen, context);
}
