import type { Clock, Logger, PushState, SubscriptionRow } from '@tidelock/core';
import type { Book } from './book.ts';

/** What the service said about subscriptions themselves, written down for whoever keeps them. */
export interface Marks {
  /** Takes no time. Lost where the state cannot take it: renewal and comparison find it later. */
  look(row: SubscriptionRow, event: 'removed' | 'expiring'): void;
  settle(): Promise<void>;
}

export function createMarks(of: {
  readonly state: PushState;
  readonly book: Book;
  readonly clock: Clock;
  readonly log: Logger;
  /** Something was marked. */
  marked(): void;
}): Marks {
  const { state, book, clock, log } = of;
  const under = new Map<string, Promise<void>>();

  const changeOf = (event: 'removed' | 'expiring'): Partial<SubscriptionRow> => {
    const dueAt = clock.now();
    return event === 'expiring'
      ? { dueAt }
      : { state: 'waiting', subscriptionId: null, expiresAt: null, dueAt };
  };
  const mark = async (row: SubscriptionRow, event: 'removed' | 'expiring'): Promise<void> => {
    const put = (present: SubscriptionRow) =>
      state.putSubscription({ ...present, ...changeOf(event), rev: present.rev + 1 });
    if (!(await put(row))) {
      await book.refresh();
      const present = row.subscriptionId === null ? null : book.rowOf(row.subscriptionId);
      if (present === null || present.dueAt <= clock.now() || !(await put(present))) return;
    }
    await book.refresh();
    of.marked();
  };

  return {
    look(row, event) {
      const key = `${event} ${row.subscriptionId}`;
      if (under.has(key)) return;
      const marking = mark(row, event)
        .catch((error: unknown) => {
          log.warn('push.unmarked', { event, kind: error instanceof Error ? error.name : typeof error });
        })
        .finally(() => under.delete(key));
      under.set(key, marking);
    },
    settle: async () => {
      await Promise.all(under.values());
    },
  };
}
