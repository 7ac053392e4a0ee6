import { type Core, createApproval, type PassOptions, type PassReport, pass } from '@tidelock/engine';
import type { Sim } from './sim.ts';
import type { Watch } from './watch.ts';

/**
 * A plan is made, approved by somebody as it stands, and carried out (`sync --plan`); the world goes on meanwhile. From
 * then on nothing may be written that it does not say, nor on other versions than it names.
 */
export function* carryOut(
  sim: Sim,
  on: { readonly watch: Watch; readonly lane: number },
  options: Omit<PassOptions, 'preview'>,
): Core<PassReport | null> {
  const { mutant } = sim.settings;
  const seen = yield* pass({ ...options, preview: true });
  if (seen.status !== 'done') return seen;
  const again = mutant === 'plan-drift' ? yield* pass({ ...options, preview: true }) : seen;
  const approval = mutant === 'plan-exact' ? undefined : createApproval(again.plan);
  on.watch.reset(on.lane);
  on.watch.approve(seen.plan);
  sim.count('plan approved');
  const report = yield* pass({ ...options, preview: false, approval });
  if (approval !== undefined && approval.obstacles.size > 0) sim.count('plan drifted');
  if (approval !== undefined && approval.settled.size > 0) sim.count('plan carried out');
  return report;
}
