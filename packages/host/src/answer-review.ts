import type { Clock, Review, SyncState } from '@tidelock/core';
import type { Desk } from '@tidelock/engine';

/** Only answers that change a pair need its stores; the others are recorded for the next sync. */
const needsStores = ({ kind }: Review, decision: string): boolean =>
  kind === 'conflict' || (kind === 'parked' && decision === 'retry');

export async function answerReview(
  review: Review,
  decision: string,
  of: { readonly state: SyncState; readonly clock: Clock; readonly desk: () => Promise<Desk> },
): Promise<void> {
  if (needsStores(review, decision)) return (await of.desk()).answer(review, decision);
  await of.state.decide(review.id, decision, of.clock.now());
  await of.state.hintLane(review.laneId, of.clock.now());
}
