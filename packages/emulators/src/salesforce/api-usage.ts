import { DAY_MS, type OrgSettings } from './org.ts';

const MINUTE_MS = 60_000;
const LONG_CALL_MS = 20_000;

/** The request budget of the org over rolling 24 hours, and the calls in flight. */
export interface ApiUsage {
  /** Counts one request; false when the budget is used up, and then nothing is counted. */
  charge(now: number, app: string): boolean;
  used(now: number): number;
  byApp(now: number): Record<string, number>;
  /** Header value of `Sforce-Limit-Info`; a refused request shows as one over the budget. */
  limitInfo(now: number, refused: boolean): string;
  /** Registers a call in flight; undefined when too many long ones run. Call the result at its end. */
  begin(now: number): (() => void) | undefined;
}

export function createApiUsage(settings: OrgSettings): ApiUsage {
  const minutes = new Map<number, Map<string, number>>();
  const inFlight = new Set<{ readonly since: number }>();
  let total = 0;

  const forget = (now: number): void => {
    for (const [minute, counts] of minutes) {
      if (minute * MINUTE_MS > now - DAY_MS) return;
      for (const count of counts.values()) total -= count;
      minutes.delete(minute);
    }
  };
  const used = (now: number): number => {
    forget(now);
    return total;
  };
  return {
    charge(now, app) {
      if (used(now) >= settings.dailyApiRequests) return false;
      const minute = Math.floor(now / MINUTE_MS);
      const counts = minutes.get(minute) ?? new Map<string, number>();
      minutes.set(minute, counts);
      counts.set(app, (counts.get(app) ?? 0) + 1);
      total += 1;
      return true;
    },
    used,
    byApp(now) {
      forget(now);
      const sums: Record<string, number> = {};
      for (const counts of minutes.values()) {
        for (const [app, count] of counts) sums[app] = (sums[app] ?? 0) + count;
      }
      return sums;
    },
    limitInfo: (now, refused) => `api-usage=${used(now) + (refused ? 1 : 0)}/${settings.dailyApiRequests}`,
    begin(now) {
      const long = [...inFlight].filter((call) => now - call.since > LONG_CALL_MS).length;
      if (long >= settings.concurrentLongCalls) return undefined;
      const call = { since: now };
      inFlight.add(call);
      return () => {
        inFlight.delete(call);
      };
    },
  };
}
