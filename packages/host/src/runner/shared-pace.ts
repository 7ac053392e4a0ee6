import type { Poll } from '@tidelock/engine';

/** An interval grows by this much each time in which nothing was found. */
const GROWTH = 1.5;
const JITTER = 0.1;

/** How long feeds that all mailboxes share are left alone, store by store. */
export interface SharedPace {
  /** Milliseconds until the store is read again, after so many changes. */
  next(store: string, of: { readonly changes: number; readonly poll: Poll }): number;
  /** Milliseconds until it is tried again after another failure in a row. */
  failed(store: string): number;
}

const FIRST_RETRY_MS = 5_000;
const MOST_RETRY_MS = 300_000;

/** `random`: in [0, 1). */
export function createSharedPace(random: () => number): SharedPace {
  const waits = new Map<string, number>();
  const failures = new Map<string, number>();
  const jittered = (ms: number): number => Math.round(ms * (1 + JITTER * (2 * random() - 1)));
  return {
    next(store, { changes, poll }) {
      failures.delete(store);
      const { floorMs, ceilingMs } = poll;
      const wanted = changes > 0 ? floorMs : (waits.get(store) ?? 0) * GROWTH;
      const next = Math.min(ceilingMs, Math.max(floorMs, wanted));
      waits.set(store, next);
      return jittered(next);
    },
    failed(store) {
      const before = failures.get(store) ?? 0;
      failures.set(store, before + 1);
      return jittered(Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(before, 20)));
    },
  };
}
