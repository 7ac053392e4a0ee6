import { type AdapterError, type Clock, type ErrorKind, isAdapterError, type Random } from '@tidelock/core';

export interface RetryPolicy {
  /** Calls in all, the first one included. */
  readonly attempts: number;
  readonly baseMs: number;
  /** Longest single wait. A server that asks for more is not waited for here: its error is thrown. */
  readonly maxMs: number;
  readonly kinds: readonly ErrorKind[];
}

/** For calls that change nothing. */
export const READ_RETRY: RetryPolicy = {
  attempts: 4,
  baseMs: 500,
  maxMs: 60_000,
  kinds: ['rate_limited', 'unavailable'],
};

/** For writes: repeats only what was certainly not executed. */
export const WRITE_RETRY: RetryPolicy = {
  attempts: 4,
  baseMs: 500,
  maxMs: 60_000,
  kinds: ['rate_limited'],
};

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
  onWait?(error: AdapterError, waitMs: number): void;
}

/**
 * The wait after the `attempt`-th call failed (1 = the first): with `retryAfterMs` in [r, r + baseMs], else in
 * [d/2, d] with d = min(maxMs, baseMs * 2^(attempt-1)). `undefined` when the server asks for more than `maxMs`.
 */
export function retryWait(
  policy: RetryPolicy,
  random: Random,
  failed: { readonly attempt: number; readonly retryAfterMs?: number | undefined },
): number | undefined {
  const { attempt, retryAfterMs } = failed;
  if (retryAfterMs === undefined) {
    const delay = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1));
    return delay * (0.5 + random.next() / 2);
  }
  if (retryAfterMs > policy.maxMs) return undefined;
  return retryAfterMs + policy.baseMs * random.next();
}

/**
 * Repeats `work` while it fails with one of the policy's kinds. Anything else, the last failure, and whatever came of
 * an abort is thrown as it is; an abort during a wait rejects with the signal's reason.
 */
export async function withRetry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random, policy, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!isAdapterError(error) || !policy.kinds.includes(error.kind)) throw error;
      if (signal?.aborted || error.code === 'aborted' || attempt >= policy.attempts) throw error;
      const wait = retryWait(policy, random, { attempt, retryAfterMs: error.retryAfterMs });
      if (wait === undefined) throw error;
      options.onWait?.(error, wait);
      await clock.sleep(wait, signal);
    }
  }
}
