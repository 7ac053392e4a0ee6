import { ApiError } from './api-error.ts';
import type { PortalSettings } from './portal.ts';
import type { PrivateApp } from './private-apps.ts';

const DAY_MS = 86_400_000;
const INTERVAL_MS = 10_000;
const SECOND_MS = 1_000;

/** `general` by app, `search` by account, `associations` by app: each with a budget of its own. */
export type Policy = 'general' | 'search' | 'associations';

export interface RateLimits {
  /** Counts one request; throws 429 when it is over a limit. */
  charge(at: { readonly app: PrivateApp; readonly policy: Policy; readonly now: number }): void;
  /** Headers of the answer; searches have none. */
  headersOf(at: {
    readonly app: PrivateApp;
    readonly policy: Policy;
    readonly now: number;
  }): Record<string, string>;
  /** Requests answered 429 so far. */
  refused(): number;
  /** Requests counted since midnight. */
  usedToday(now: number): number;
}

/** Times of requests inside a rolling window. */
class Window {
  readonly #ms: number;
  #times: number[] = [];

  constructor(ms: number) {
    this.#ms = ms;
  }

  used(now: number): number {
    const first = this.#times.findIndex((at) => at > now - this.#ms);
    this.#times = first < 0 ? [] : this.#times.slice(first);
    return this.#times.length;
  }

  add(now: number): void {
    this.#times.push(now);
  }
}

type PolicyName = 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY';

function refuse(policyName: PolicyName): ApiError {
  const message = `You have reached your ${policyName.toLowerCase()} limit.`;
  return new ApiError(429, message, {
    category: 'RATE_LIMITS',
    more: { errorType: 'RATE_LIMIT', policyName },
  });
}

export function createRateLimits(settings: PortalSettings): RateLimits {
  const windows = new Map<string, Window>();
  let day = { starts: 0, used: 0 };
  let refused = 0;

  const windowOf = (app: PrivateApp, policy: Policy): Window => {
    const key = policy === 'search' ? policy : `${policy}:${app.appId}`;
    const window = windows.get(key) ?? new Window(policy === 'search' ? SECOND_MS : INTERVAL_MS);
    windows.set(key, window);
    return window;
  };
  const today = (now: number): typeof day => {
    const starts = now - (now % DAY_MS);
    if (day.starts !== starts) day = { starts, used: 0 };
    return day;
  };
  const mostOf = (policy: Policy): number =>
    policy === 'search' ? settings.searchesPerSecond : settings.requestsPerTenSeconds;

  return {
    charge({ app, policy, now }) {
      const window = windowOf(app, policy);
      if (window.used(now) >= mostOf(policy)) {
        refused += 1;
        throw refuse(policy === 'search' ? 'SECONDLY' : 'TEN_SECONDLY_ROLLING');
      }
      if (today(now).used >= settings.requestsPerDay) {
        refused += 1;
        throw refuse('DAILY');
      }
      window.add(now);
      today(now).used += 1;
    },
    headersOf({ app, policy, now }): Record<string, string> {
      if (policy === 'search') return {};
      const most = mostOf(policy);
      return {
        'x-hubspot-ratelimit-daily': String(settings.requestsPerDay),
        'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, settings.requestsPerDay - today(now).used)),
        'x-hubspot-ratelimit-interval-milliseconds': String(INTERVAL_MS),
        'x-hubspot-ratelimit-max': String(most),
        'x-hubspot-ratelimit-remaining': String(Math.max(0, most - windowOf(app, policy).used(now))),
      };
    },
    refused: () => refused,
    usedToday: (now) => today(now).used,
  };
}
