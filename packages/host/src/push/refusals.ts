import type { AuditRow, Clock, Logger } from '@tidelock/core';
import { createGathered } from './gathered.ts';

/** One thing that was pushed and not believed. */
export interface Refused {
  /** `mailbox`, or the name of a CRM connection. */
  readonly subject: string;
  readonly reason: string;
}

type Act = Pick<AuditRow, 'act' | 'subject' | 'laneId' | 'before' | 'after'>;

export interface Refusals {
  note(refused: Refused): void;
  settle(): Promise<void>;
  /** So far, by reason. */
  counts(): ReadonlyMap<string, number>;
}

/** Of a flood the first of each minute stand in the trail one by one, and the others as a number. */
const ONE_BY_ONE = 20;
const MINUTE_MS = 60_000;
const GAP_MS = 250;
/** Whoever may name a subject can make up no more of them than this. */
const SUBJECTS = 50;

const actOf = ({ subject, reason }: Refused, more: object = {}): Act => ({
  ...{ act: 'push.refused', subject, laneId: null, before: null },
  after: { reason, ...more },
});

/** Keeps the trail of refusals short: whoever floods an address must not flood the trail, too. */
export function createRefusals(of: {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  record(acts: readonly Act[]): Promise<void>;
}): Refusals {
  const { clock, log, signal } = of;
  const totals = new Map<string, number>();
  const counted = new Map<string, { readonly refused: Refused; count: number }>();
  let waiting: Act[] = [];
  let minute = Number.NEGATIVE_INFINITY;
  let noted = 0;

  const closeMinute = (): void => {
    for (const { refused, count } of counted.values()) waiting.push(actOf(refused, { count }));
    counted.clear();
    noted = 0;
  };
  const gathered = createGathered({
    ...{ clock, log, signal, gapMs: GAP_MS, what: 'refusals' },
    async write() {
      const taken = waiting;
      waiting = [];
      await of.record(taken).catch((error: unknown) => {
        waiting = [...taken, ...waiting].slice(0, 10 * ONE_BY_ONE);
        throw error;
      });
    },
  });

  const count = (refused: Refused): void => {
    const key = `${refused.subject} ${refused.reason}`;
    const known = counted.get(key);
    if (known !== undefined) known.count += 1;
    else if (counted.size < SUBJECTS) counted.set(key, { refused, count: 1 });
  };

  return {
    note(refused) {
      const { subject, reason } = refused;
      totals.set(reason, (totals.get(reason) ?? 0) + 1);
      const now = clock.mono();
      if (now - minute >= MINUTE_MS) {
        closeMinute();
        minute = now;
      }
      noted += 1;
      if (noted > ONE_BY_ONE) {
        count(refused);
        return;
      }
      log.warn('push.refused', { subject, reason });
      waiting.push(actOf(refused));
      gathered.ask();
    },
    async settle() {
      closeMinute();
      if (waiting.length > 0) gathered.ask();
      await gathered.settle();
    },
    counts: () => new Map(totals),
  };
}
