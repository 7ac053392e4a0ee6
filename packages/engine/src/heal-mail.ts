import type { Review, Side, Write } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import { mailLeft, sayAudience } from './mail.ts';
import { SIDE_NAME } from './sentence.ts';
import { idOf } from './stamp.ts';
import type { Twin } from './stamped.ts';

/** People whom this write about a copy of ours would reach, and may not: 0 = it may be sent, and its mail is counted. */
export function unasked(pass: Pass, side: Side, write: Write): number {
  const { length } = pass.lane.audience[side]?.(write) ?? [];
  const may = !pass.firstSync && pass.lane.policy.events.mail === 'send' && length <= mailLeft(pass);
  if (length > 0 && !may) return length;
  pass.mailSpent.people += length;
  pass.counts.notified += length;
  return 0;
}

/** Taking the copy away would call a meeting off: both stay, and a person is asked. */
export function* askAboutTwin(pass: Pass, { suspect, link, kept }: Twin, people: number): Core<void> {
  const wall = yield* now();
  const { spec } = pass.lane;
  const ids = [kept, suspect.id];
  const review: Review = {
    ...{
      id: idOf('twin', spec.id, link.id, suspect.id),
      laneId: spec.id,
      kind: 'duplicate',
      linkId: link.id,
    },
    ...{ aIds: suspect.side === 'a' ? ids : [], bIds: suspect.side === 'b' ? ids : [], score: null },
    reasons: [
      `Two records that we made are in the ${SIDE_NAME[suspect.side]}; deleting one of them ${sayAudience(people)}.`,
    ],
    ...{ decision: null, decidedAt: null, at: wall },
  };
  const suspects = [{ ...suspect, why: 'review' as const }];
  yield* state('commitLane', { guard: pass.guard, now: wall, suspects, reviews: [review] });
}
