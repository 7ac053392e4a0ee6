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
