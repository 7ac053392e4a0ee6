import type { Pass } from './lane.ts';
import { audienceOf, mailLeft, refusesMail, sayAudience } from './mail.ts';
import type { UndoPlan, UndoSkip } from './undo-plan.ts';

/**
 * Counts the people of one pair against what the run may still notify; false = they are too many, and nobody was counted. A pair
 * is planned again before each try to write it, and counted once.
 */
function isWithin(pass: Pass, linkId: string, people: number): boolean {
  const { counted = new Map<string, number>() } = pass.mailSpent;
  const more = people - (counted.get(linkId) ?? 0);
  if (more <= 0) return true;
  if (more > mailLeft(pass)) return false;
  counted.set(linkId, people);
  pass.mailSpent.people += more;
  return true;
}

/** A pair of which something cannot be taken back without mail to people stays as it is, unless policy and budget let that go. */
export function withoutMail(pass: Pass, plan: UndoPlan): UndoPlan {
  const reaches = plan.writes.map((write) => ({ write, audience: audienceOf(pass.lane, write) }));
  const refused = reaches.filter((of) => refusesMail(pass, plan.link, of) !== null);
  const people = reaches.reduce((sum, { audience }) => sum + audience.length, 0);
  const fits = refused.length > 0 || isWithin(pass, plan.link.id, people);
  const left = fits ? refused : reaches.filter(({ audience }) => audience.length > 0);
  if (left.length === 0) return plan;
  const skips = left.map(({ write: { side, op }, audience }): UndoSkip => {
    const now = sayAudience(audience.length);
    return { side, op, field: null, code: 'would-notify', now, expected: null };
  });
  return {
    ...plan,
    ...{ writes: [], holds: [], releases: [], status: null },
    skips: [...plan.skips, ...skips],
  };
}
