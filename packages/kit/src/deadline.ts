import { AdapterError, type Clock } from '@tidelock/core';

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly ms: number;
  readonly operation: string;
  readonly signal?: AbortSignal | undefined;
}

/** Why nobody waits for the deadline any more. Made once: an error for each request that went well costs a stack each. */
const ANSWERED = new Error('answered in time');

/**
 * Ends with `work`, with the deadline (`unavailable`, code `timeout`) or with the caller's signal (its reason),
 * whichever comes first, also when `work` ignores the signal it is given.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const { clock, ms, operation, signal: outer } = options;
  outer?.throwIfAborted();
  const inner = new AbortController();
  const timer = new AbortController();
  let stop = (): void => {};

  const ended = new Promise<never>((_, reject) => {
    const end = (reason: unknown): void => {
      inner.abort(reason);
      reject(reason);
    };
    stop = () => end(outer?.reason);
    outer?.addEventListener('abort', stop, { once: true });
    const late = (): AdapterError =>
      new AdapterError('unavailable', `${operation}: no answer within ${ms} ms`, {
        operation,
        code: 'timeout',
      });
    clock.sleep(ms, timer.signal).then(
      () => end(late()),
      () => {},
    );
  });

  try {
    return await Promise.race([work(inner.signal), ended]);
  } finally {
    timer.abort(ANSWERED);
    outer?.removeEventListener('abort', stop);
  }
}
