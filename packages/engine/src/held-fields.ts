import type { Review } from '@tidelock/core';
import type { Pass } from './lane.ts';
import type { LinkPlan } from './link-plan.ts';
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
