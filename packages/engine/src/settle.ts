import type { Outcome } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { type Draft, type Settlement, settleOk, settleOther, settleRejected } from './outcome.ts';
import { type Done, type Sending, titleOf } from './sending.ts';

/** Adopts the holder of a stamp that our create ran into: the earlier create had taken effect. */
function adoptHolder(outcome: Outcome): Outcome {
  return outcome.status === 'duplicate' && outcome.id !== undefined
    ? { status: 'ok', id: outcome.id }
    : outcome;
}

const COUNT_OF = { create: 'created', update: 'updated', delete: 'deleted' } as const;

function doneOf(sending: Sending): Done {
  const { write, intent, work } = sending;
  const { link } = work.plan;
  return {
    linkId: link.id,
    side: write.side,
    op: write.op,
    rule: intent.cause,
    changes: write.changes,
    conflicts: write.conflicts.length,
    title: titleOf({ ...write.before, ...link.shownB, ...link.shownA, ...write.sent }),
  };
}

function settleOne(on: Settlement, sending: Sending, raw: Outcome): Done | null {
  const { pass, draft } = on;
  const outcome = adoptHolder(raw);
  if (outcome.status === 'rejected') draft.links.push({ link: settleRejected(on, sending, outcome) });
  if (outcome.status !== 'ok') {
    const other = outcome.status === 'rejected' ? null : settleOther(on, sending, outcome);
    if (other) draft.links.push(other);
    return null;
  }
  const done = doneOf(sending);
  const put = settleOk(on, sending, outcome);
  const next = put.link;
  draft.links.push(raw.status === 'duplicate' ? { link: next, mark: ['a', 'b'] } : put);
  sending.work.plan = { ...sending.work.plan, next };
  pass.counts[COUNT_OF[sending.write.op]]++;
  pass.lane.cache.drop('a', next.a?.id ?? '');
  pass.lane.cache.drop('b', next.b?.id ?? '');
  return done;
}

/** Accounts for every outcome of a batch in one transaction. What is unknown stays open for recovery. */
export function* commitOutcomes(
  pass: Pass,
  sent: readonly Sending[],
  outcomes: readonly Outcome[],
): Core<Done[]> {
  const draft: Draft = { links: [], closed: [], history: [], reviews: [], keys: [] };
  const on: Settlement = { pass, draft, wall: yield* now() };
  const done = sent.flatMap(
    (sending, index) =>
      settleOne(on, sending, outcomes[index] ?? { status: 'unknown', kind: 'protocol' }) ?? [],
  );
  yield* state('commitLane', { guard: pass.guard, now: on.wall, ...draft });
  return done;
}
