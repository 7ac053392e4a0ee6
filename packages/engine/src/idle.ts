import { type Core, now, state } from './effect.ts';
import { heldFieldReviews } from './held-fields.ts';
import { historyRow, type Pass } from './lane.ts';
import type { LinkPlan } from './link-plan.ts';

const IDLE_CHUNK = 500;
const STATUS_OP = { tomb: 'gone', unlink: 'unlink', freeze: 'hold' } as const;

/** Stores plans that need no write: versions and bases that moved, tombstones, frozen and unlinked pairs. */
export function* commitIdle(pass: Pass, plans: readonly LinkPlan[]): Core<void> {
  for (let start = 0; start < plans.length; start += IDLE_CHUNK) {
    const wall = yield* now();
    const chunk = plans.slice(start, start + IDLE_CHUNK);
    const history = chunk.flatMap((plan) => {
      const isNews = plan.link.status !== plan.next.status;
      const op =
        isNews && (plan.action === 'tomb' || plan.action === 'unlink' || plan.action === 'freeze')
          ? STATUS_OP[plan.action]
          : null;
      return op === null
        ? []
        : [
            historyRow(pass, {
              linkId: plan.link.id,
              side: plan.link.goneA ? 'a' : 'b',
              op,
              field: null,
              old: null,
              new: null,
              rule: plan.rule,
              at: wall,
            }),
          ];
    });
    const keys = chunk.flatMap((plan) =>
      plan.action !== 'tomb'
        ? []
        : [
            { side: 'a' as const, id: plan.link.a?.id ?? '', keys: [] },
            { side: 'b' as const, id: plan.link.b?.id ?? '', keys: [] },
          ],
    );
    yield* state('commitLane', {
      guard: pass.guard,
      now: wall,
      links: chunk.map((plan) => ({ link: plan.next })),
      history,
      keys,
      reviews: chunk.flatMap((plan) => heldFieldReviews(pass, plan, wall)),
    });
  }
}
