import type { HistoryRow, Link } from '@tidelock/core';
import { type Core, log, now, state } from './effect.ts';
import { heldFieldReviews } from './held-fields.ts';
import { historyRow, type Pass } from './lane.ts';
import { LEFT_SCOPE, type LinkPlan } from './link-plan.ts';
import { answeredParked } from './parked.ts';

/** Nothing is written to it any more. */
const hasEnded = ({ status }: Link): boolean => status === 'tomb' || status === 'detached';

const IDLE_CHUNK = 500;
const STATUS_OP = { tomb: 'gone', unlink: 'unlink', freeze: 'hold' } as const;

/** One line a rule, so that a log says what a changed filter did without naming a record. */
function* logFrozen(pass: Pass, plans: readonly LinkPlan[]): Core<void> {
  const frozen = plans.filter((plan) => plan.action === 'freeze');
  for (const [rule, members] of Map.groupBy(frozen, (plan) => plan.rule))
    yield* log('info', 'scope.left', { lane: pass.lane.spec.id, rule, pairs: members.length });
}

/** Pairs that rest already, and by now for another reason than history says. */
function* otherReason(pass: Pass, plans: readonly LinkPlan[]): Core<ReadonlySet<LinkPlan>> {
  const changed = new Set<LinkPlan>();
  for (const plan of plans) {
    if (plan.link.status !== 'out' || !plan.rule.startsWith(LEFT_SCOPE)) continue;
    const query = { linkId: plan.link.id, limit: 20 };
    const rows = yield* state('history', pass.lane.spec.id, query);
    if (rows.find(({ op }) => op === 'hold')?.rule !== plan.rule) changed.add(plan);
  }
  return changed;
}

/** What history says about a plan without writes; nothing about what was so before. */
function opOf(plan: LinkPlan, renamed: ReadonlySet<LinkPlan>): 'gone' | 'unlink' | 'hold' | null {
  if (renamed.has(plan)) return STATUS_OP.freeze;
  if (plan.link.status === plan.next.status) return null;
  const { action } = plan;
  return action === 'tomb' || action === 'unlink' || action === 'freeze' ? STATUS_OP[action] : null;
}

/**
 * The end of a pair may answer a question in which it was named, and decides about a record that carries a stamp of its:
 * what waits for it is placed by the next pass.
 */
function* noteEnded(pass: Pass, plans: readonly LinkPlan[]): Core<void> {
  if (pass.more || !plans.some(({ action }) => action === 'tomb' || action === 'unlink')) return;
  const waiting = yield* state('suspects', pass.lane.spec.id, { why: ['review', 'unknown'], limit: 1 });
  pass.more ||= waiting.length > 0;
}

/** Edits that stay where they are, because the other side's record is somebody else's. */
function closedRows(pass: Pass, { link, closed = [] }: LinkPlan, at: number): HistoryRow[] {
  return closed.map((field) => {
    const row = { linkId: link.id, side: link.a?.closed ? 'a' : 'b', op: 'hold', field } as const;
    return historyRow(pass, { ...row, old: null, new: null, rule: 'read-only', at });
  });
}

/** Stores plans that need no write: versions and bases that moved, tombstones, frozen and unlinked pairs. */
export function* commitIdle(pass: Pass, plans: readonly LinkPlan[]): Core<void> {
  for (let start = 0; start < plans.length; start += IDLE_CHUNK) {
    const wall = yield* now();
    const chunk = plans.slice(start, start + IDLE_CHUNK);
    const renamed = yield* otherReason(pass, chunk);
    yield* logFrozen(pass, chunk);
    const history = chunk.flatMap((plan) => {
      const op = opOf(plan, renamed);
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
    history.push(...chunk.flatMap((plan) => closedRows(pass, plan, wall)));
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
      reviews: chunk.flatMap((plan) => [
        ...heldFieldReviews(pass, plan, wall),
        ...(hasEnded(plan.next) ? answeredParked({ pass, wall }, plan.link, null) : []),
      ]),
    });
    yield* noteEnded(pass, chunk);
  }
}
