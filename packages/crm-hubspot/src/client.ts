import type { AdapterContext } from '@tidelock/core';
import { createHttp, type Http, type RetryPolicy, requireRunning, withRetry } from '@tidelock/kit';
import { createBudget, type Policy } from './client-budget.ts';
import type { HubSpotOptions } from './config.ts';
import { toCallError } from './errors.ts';

export interface Call {
  readonly operation: string;
  readonly method: 'GET' | 'POST';
  /** Below `/crm/v3`, or below another generation of the API. */
  readonly path: string;
  readonly generation?: 'v4';
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** A POST that changes nothing (batch read, search) may be repeated. */
  readonly repeatable?: boolean;
  readonly policy?: Policy;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined for no body and for anything else. */
  readonly body: unknown;
}

/** One connection to one account: pacing below its limits, deadline, errors by kind. */
export interface Client {
  /** Throws for every status but 2xx. Reads are repeated after `unavailable` and short waits. */
  request(call: Call): Promise<Answer>;
  /** Requests that the account has left today; null before an answer told. */
  remainingToday(): number | null;
}

const READ_TIMEOUT_MS = 60_000;
/** Shorter than `zombieSeconds`, with room for the wait before it is sent. */
const WRITE_TIMEOUT_MS = 90_000;
/** A pause of the whole line; the ten-second window is the longest that passes by itself. */
const LONGEST_PAUSE_MS = 10_000;

const RETRY: RetryPolicy = {
  attempts: 3,
  baseMs: 250,
  maxMs: LONGEST_PAUSE_MS,
  kinds: ['unavailable', 'rate_limited'],
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function createClient(options: HubSpotOptions, context: AdapterContext): Client {
  const { fetch, clock, random } = context;
  const { token, baseUrl } = options;
  const budget = createBudget(clock, options.rateShare);
  const http: Http = createHttp({ fetch, clock, allowHosts: [new URL(baseUrl).host] });

  const sendOnce = async (call: Call): Promise<Answer> => {
    requireRunning(call.signal, call.operation);
    const query = new URLSearchParams(call.query).toString();
    const isRead = call.method === 'GET' || call.repeatable === true;
    const response = await budget.pacer(call.policy ?? 'general').run(
      () =>
        http.send({
          operation: call.operation,
          method: call.method,
          url: `${baseUrl}/crm/${call.generation ?? 'v3'}${call.path}${query === '' ? '' : `?${query}`}`,
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: call.body === undefined ? undefined : JSON.stringify(call.body),
          timeoutMs: isRead ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS,
          signal: call.signal,
        }),
      { signal: call.signal },
    );
    budget.note(response.headers);
    const answer = { status: response.status, headers: response.headers, body: parseJson(response.text) };
    if (answer.status >= 200 && answer.status < 300) return answer;
    const error = toCallError(answer, { operation: call.operation, now: clock.now() });
    // A long wait is the caller's: whoever waits in line behind this call must not hang for an hour.
    const { kind, retryAfterMs = 0 } = error;
    if (kind === 'rate_limited' && retryAfterMs <= LONGEST_PAUSE_MS)
      budget.pacer(call.policy ?? 'general').penalize(retryAfterMs);
    throw error;
  };

  return {
    request: (call) =>
      call.method === 'GET' || call.repeatable === true
        ? withRetry(() => sendOnce(call), { clock, random, policy: RETRY, signal: call.signal })
        : sendOnce(call),
    remainingToday: () => budget.remainingToday(),
  };
}
