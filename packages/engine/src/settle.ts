import type { Outcome } from '@tidelock/core';
import { attemptOf } from './attempts.ts';
import { isAlike, judgeBatch } from './breaker.ts';
import { confirmedLink, NO_ANSWER, reborn, withPartner } from './confirm.ts';
import { type Core, now, state } from './effect.ts';
import { matchHolders } from './holder.ts';
import type { Lane, Pass } from './lane.ts';
import { changesOf } from './link-plan.ts';
import { type Draft, keysOf, type Settlement, settleOk, settleOther, settleRejected } from './outcome.ts';
import { answeredParked } from './parked.ts';
import { titleFor } from './plan-row.ts';
import type { Done, Sending } from './sending.ts';
import { rowsOfWrite } from './write-history.ts';

const COUNT_OF = { create: 'created', update: 'updated', delete: 'deleted' } as const;

/** What a report says of a write that took effect. Of most of them none says anything. */
export function doneOf(lane: Lane, sending: Sending): Done {
  const { write, intent, work } = sending;
  const { link } = work.plan;
  return {
    linkId: link.id,
    side: write.side,
    op: write.op,
    rule: intent.cause,
    changes: changesOf(write),
    conflicts: write.conflicts.length,
    title: titleFor(lane, work, write.sent),
  };
}

/** Whether it took effect. */
function settleOne(on: Settlement, sending: Sending, outcome: Outcome): boolean {
  const { pass, draft } = on;
  if (outcome.status === 'rejected') draft.links.push(settleRejected(on, sending, outcome));
  if (outcome.status !== 'ok') {
    const other = outcome.status === 'rejected' ? null : settleOther(on, sending, outcome);
    if (other) draft.links.push(other);
    return false;
  }
  const put = settleOk(on, sending, outcome);
  const next = put.link;
  draft.links.push(put);
  sending.work.plan = { ...sending.work.plan, next };
  pass.counts[COUNT_OF[sending.write.op]]++;
  pass.lane.cache.drop('a', next.a?.id ?? '');
  pass.lane.cache.drop('b', next.b?.id ?? '');
  return true;
}

/**
 * A create ran into the holder of its stamp: an earlier attempt had taken effect. The pair is made on what *that*
 * attempt sent, as the journal has it; without such a row nothing is known, and both sides meet for the first time.
 */
function* adoptHolder(on: Settlement, sending: Sending, id: string): Core<void> {
  const { pass, draft } = on;
  const { intent, work } = sending;
  const past = yield* state('intentsOf', pass.lane.spec.id, intent.linkId);
  const attempts = past.filter(
    (other) => other.id !== intent.id && other.op === 'create' && other.stamp === intent.stamp,
  );
  const earlier = yield* attemptOf(pass, attempts, { side: intent.side, id, mono: '' });
  const paired = withPartner(work.plan.next, intent, { id, version: '', mono: '' });
  const known = { link: paired, intent: earlier ?? intent, answer: NO_ANSWER };
  const based =
    earlier === undefined ? { ...paired, shownA: null, shownB: null } : confirmedLink(pass.lane, known);
  const again = reborn(pass.lane, work.plan.next, based);
  if (again !== null) draft.links.push({ link: again.old });
  draft.links.push({ link: again?.next ?? based, mark: ['a', 'b'] });
  draft.closed.push({ id: intent.id, state: 'confirmed', conflicts: intent.conflicts });
  draft.reviews.push(...answeredParked(on, work.plan.link, null));
  const written = { shown: null, conflicts: intent.conflicts, at: on.wall, recovered: true };
  draft.history.push(...rowsOfWrite(pass, earlier ?? intent, written));
  draft.keys.push({ side: intent.side, id, keys: keysOf(pass, (earlier ?? intent).sent) });
}

/** Accounts for every outcome of a batch in one transaction; answers what took effect. What is unknown stays open for recovery. */
export function* commitOutcomes(
  pass: Pass,
  sent: readonly Sending[],
  outcomes: readonly Outcome[],
): Core<Sending[]> {
  const draft: Draft = { links: [], closed: [], history: [], reviews: [], keys: [] };
  const on: Settlement = { pass, draft, wall: yield* now() };
  const made: Sending[] = [];
  const tripped = yield* judgeBatch(pass, sent, outcomes);
  if (tripped !== null) draft.reviews.push(tripped.review);
  for (const [index, sending] of sent.entries()) {
    const outcome: Outcome = outcomes[index] ?? { status: 'unknown', kind: 'protocol' };
    if (tripped !== null && isAlike(outcome, tripped.key)) {
      draft.closed.push({ id: sending.intent.id, state: 'void', conflicts: [] });
      continue;
    }
    if (outcome.status === 'duplicate' && outcome.id !== undefined) {
      yield* adoptHolder(on, sending, outcome.id);
      pass.more = true;
      continue;
    }
    if (settleOne(on, sending, outcome)) made.push(sending);
  }
  yield* state('commitLane', { guard: pass.guard, now: on.wall, ...draft });
  yield* matchHolders(pass, sent, outcomes);
  return made;
}
