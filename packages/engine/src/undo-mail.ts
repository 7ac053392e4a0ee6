import type { Pass } from './lane.ts';
import { audienceOf, refusesMail, sayAudience } from './mail.ts';
import type { UndoPlan, UndoSkip } from './undo-plan.ts';

/** A pair of which something cannot be taken back without mail to people stays as it is, unless the policy lets mail go. */
export function withoutMail(pass: Pass, plan: UndoPlan): UndoPlan {
  const skips = plan.writes.flatMap((write): UndoSkip[] => {
    const audience = audienceOf(pass.lane, write);
    if (refusesMail(pass, plan.link, { write, audience }) === null) return [];
    const now = sayAudience(audience.length);
    return [{ side: write.side, op: write.op, field: null, code: 'would-notify', now, expected: null }];
  });
  if (skips.length === 0) return plan;
  return {
    ...plan,
    ...{ writes: [], holds: [], releases: [], status: null },
    skips: [...plan.skips, ...skips],
  };
}
