import { AdapterError, type Clock } from '@tidelock/core';

/** Usage of the whole org in its rolling 24 hours, as the last answer told it. */
export interface OrgUsage {
  readonly used: number;
  readonly max: number;
}

/** Our share of the org's daily requests, counted here by the hour. A restart begins at zero. */
export interface Budget {
  /** Counts one request; throws `rate_limited` code `daily-share` when the share is used up, and counts nothing. */
  charge(operation: string): void;
  /** Reads `Sforce-Limit-Info: api-usage=44/15000`. */
  note(headers: Headers): void;
  usage(): OrgUsage | null;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;

export function parseUsage(header: string | null): OrgUsage | null {
  const match = /(?:^|[\s,;])api-usage=(\d{1,12})\/(\d{1,12})/.exec(header ?? '');
  return match ? { used: Number(match[1]), max: Number(match[2]) } : null;
}

export function createBudget(clock: Clock, share: number): Budget {
  const hours = new Map<number, number>();
  let usage: OrgUsage | null = null;

  const spent = (now: number): number => {
    for (const start of hours.keys()) if (start <= now - HOURS) hours.delete(start);
    return [...hours.values()].reduce((sum, count) => sum + count, 0);
  };

  return {
    charge(operation) {
      const hour = Math.floor(clock.mono() / HOUR_MS);
      if (usage && spent(hour) >= Math.max(1, Math.floor(usage.max * share))) {
        throw new AdapterError(
          'rate_limited',
          `${operation}: our share of the org's daily requests is used up`,
          {
            operation,
            code: 'daily-share',
            retryAfterMs: HOUR_MS,
            remedy: 'Wait, or raise "dailyShare" if the org has requests to spare.',
          },
        );
      }
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    },
    note(headers) {
      usage = parseUsage(headers.get('sforce-limit-info')) ?? usage;
    },
    usage: () => usage,
  };
}
