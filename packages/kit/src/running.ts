import { AdapterError } from '@tidelock/core';

/** Throws `unavailable`, code `aborted`, when the caller has given up already. */
export function requireRunning(signal: AbortSignal | undefined, operation: string): void {
  if (!signal?.aborted) return;
  throw new AdapterError('unavailable', `${operation}: aborted`, { operation, code: 'aborted' });
}
