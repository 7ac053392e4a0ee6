import type { Poll } from '@tidelock/engine';
import type { Config } from '../config.ts';

const SECOND = 1_000;

/** How often what is looked at, and how much at a time. */
export interface Pace {
  /** A mailbox that nobody tells about, and one whose changes are pushed. */
  readonly mailbox: Poll;
  readonly pushedMailbox: Poll;
  readonly crm: Poll;
  readonly pushedCrm: Poll;
  /** Mailboxes that are worked on side by side. */
  readonly atOnce: number;
  readonly rosterMs: number;
  readonly stopMs: number;
}

const pollOf = (of: { readonly floorSeconds: number; readonly ceilingSeconds: number }): Poll => ({
  floorMs: of.floorSeconds * SECOND,
  ceilingMs: Math.max(of.floorSeconds, of.ceilingSeconds) * SECOND,
});

const steady = (seconds: number): Poll => pollOf({ floorSeconds: seconds, ceilingSeconds: seconds });

export function paceOf({ schedule }: Pick<Config, 'schedule'>): Pace {
  const { mailbox, crm, atOnce, rosterMinutes, stopSeconds } = schedule;
  return {
    mailbox: pollOf(mailbox),
    pushedMailbox: steady(mailbox.pushedSeconds),
    crm: pollOf(crm),
    pushedCrm: steady(crm.pushedSeconds),
    atOnce,
    rosterMs: rosterMinutes * 60 * SECOND,
    stopMs: stopSeconds * SECOND,
  };
}
