import type { Review } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { type PairDecision, pairKey } from './match.ts';

/** What people have said about records that may belong together, by pair. */
export function* decisions(pass: Pass): Core<Map<string, PairDecision>> {
  const reviews = yield* state('reviews', pass.lane.spec.id, { open: false });
  const decided = new Map<string, PairDecision>();
  for (const review of reviews) {
    if (review.decision !== 'link' && review.decision !== 'separate') continue;
    for (const a of review.aIds) for (const b of review.bIds) decided.set(pairKey(a, b), review.decision);
  }
  return decided;
}

/** Why a pair waits of which a person is asked whether it has a partner already. */
export const UNDER_REVIEW = 'under-review';

/** The records that a question is about, by side and id. */
export const nodesOf = (review: Review): string[] => [
  ...review.aIds.map((id) => `a${id}`),
  ...review.bIds.map((id) => `b${id}`),
];

/** Does it ask which records belong together? */
export const isDoubt = ({ kind }: Review): boolean => kind === 'match' || kind === 'duplicate';

/** Nobody gives the records of these questions a partner in this pass. */
export function noteAsked(pass: Pass, reviews: readonly Review[]): void {
  for (const node of reviews.filter(isDoubt).flatMap(nodesOf)) pass.asked.add(node);
}
