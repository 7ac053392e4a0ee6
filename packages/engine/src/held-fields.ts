import type { Review } from '@tidelock/core';
import { heldFieldOf } from './answers.ts';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import type { LinkPlan } from './link-plan.ts';
import { OBSOLETE } from './reopen.ts';
import { idOf } from './stamp.ts';

/**
 * Fields that this plan newly leaves to a person. The id of the question names the marks that led here, so a field that
 * is held again after its question was answered is a new question.
 */
export function heldFieldsOf(pass: Pass, plan: LinkPlan): { readonly field: string; readonly id: string }[] {
  const held = plan.next.holds.filter((field) => !plan.link.holds.includes(field));
  const marks = [plan.link.dirtyA, plan.link.dirtyB].map(String);
  return held.map((field) => ({
    field,
    id: idOf('conflict', pass.lane.spec.id, plan.link.id, field, ...marks),
  }));
}

export function heldFieldReviews(pass: Pass, plan: LinkPlan, wall: number): Review[] {
  return heldFieldsOf(pass, plan).map(({ field, id }) => ({
    id,
    laneId: pass.lane.spec.id,
    kind: 'conflict',
    linkId: plan.link.id,
    aIds: plan.link.a === null ? [] : [plan.link.a.id],
    bIds: plan.link.b === null ? [] : [plan.link.b.id],
    score: null,
    reasons: [`"${field}" was changed on both sides to different values; neither side is written.`],
    decision: null,
    decidedAt: null,
    at: wall,
  }));
}

/** Closes what was asked about fields that a person has settled by an edit meanwhile. */
export function* settleHolds(pass: Pass, plans: readonly Pick<LinkPlan, 'link' | 'next'>[]): Core<void> {
  const settled = new Set(
    plans.flatMap(({ link, next }) =>
      link.holds.filter((field) => !next.holds.includes(field)).map((field) => `${link.id} ${field}`),
    ),
  );
  if (settled.size === 0) return;
  const open = yield* state('reviews', pass.lane.spec.id, { open: true });
  for (const review of open) {
    if (review.kind === 'conflict' && settled.has(`${review.linkId} ${heldFieldOf(review)}`))
      yield* state('decide', review.id, OBSOLETE, yield* now());
  }
}
