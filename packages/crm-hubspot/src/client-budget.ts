import type { Clock } from '@tidelock/core';
import { createPacer, type Pacer } from '@tidelock/kit';

/** The service counts searches apart from everything else. */
export type Policy = 'general' | 'search';

/** Rates and places for requests; the answers' headers tell how large the account's limits are. */
export interface Budget {
  pacer(policy: Policy): Pacer;
  /** Reads `X-HubSpot-RateLimit-Max` and `-Remaining`; searches have none. */
  note(headers: Headers): void;
  /** Requests that the account has left today, as the last answer told; null before one did. */
  remainingToday(): number | null;
}

const TEN_SECONDS_MS = 10_000;
/** Free and Starter accounts; larger ones say so in their first answer. */
const SMALLEST_RATE = 100;
const SEARCHES_PER_SECOND = 5;
const CONCURRENCY = 4;

function numberIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

export function createBudget(clock: Clock, share: number): Budget {
  const atMost = (limit: number): number => Math.max(1, Math.floor(limit * share));
  const create = (limit: number): Pacer =>
    createPacer({ clock, concurrency: CONCURRENCY, tokens: atMost(limit), perMs: TEN_SECONDS_MS });
  const search = createPacer({
    clock,
    concurrency: CONCURRENCY,
    tokens: atMost(SEARCHES_PER_SECOND),
    perMs: 1_000,
  });
  let limit = SMALLEST_RATE;
  let general = create(limit);
  let today: number | null = null;

  /** A pacer of another size begins with what the service has counted already. */
  const resize = async (size: number, used: number): Promise<void> => {
    limit = size;
    general = create(size);
    if (used <= 0) return;
    const slot = await general.enter({ cost: Math.min(atMost(size), used) });
    slot.start();
    slot.leave();
  };

  return {
    pacer: (policy) => (policy === 'search' ? search : general),
    note(headers) {
      today = numberIn(headers, 'x-hubspot-ratelimit-daily-remaining') ?? today;
      const max = numberIn(headers, 'x-hubspot-ratelimit-max');
      const remaining = numberIn(headers, 'x-hubspot-ratelimit-remaining');
      if (max === undefined || max < 1 || max === limit) return;
      void resize(max, max - (remaining ?? max));
    },
    remainingToday: () => today,
  };
}
