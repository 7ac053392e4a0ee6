import { type Clock, isAdapterError } from '@tidelock/core';

/** What is refused only because another worker has that mailbox at this moment. */
const BUSY = new Set(['held.keep', 'review.answer.lane', 'undo.lane']);
const isBusy = (error: unknown): boolean =>
  isAdapterError(error) && error.kind === 'conflict' && BUSY.has(error.operation);

export interface Patience {
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

const STEP_MS = 500;

/** Repeats what is refused while another worker has the mailbox, for so long; then throws the refusal. */
export async function whenFree<R>(work: () => Promise<R>, of: Patience): Promise<R> {
  const until = of.clock.mono() + of.patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || of.clock.mono() >= until || of.signal?.aborted === true) throw error;
    }
    await of.clock.sleep(STEP_MS, of.signal);
  }
}
