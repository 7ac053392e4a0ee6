import { AdapterError } from '@tidelock/core';

/**
 * A stored cursor, back from its JSON. Throws `cursor_expired`, code `cursor-form`, for one that `read` does not know: a full
 * enumeration mends that.
 */
export function decodeCursor<T>(
  text: string,
  of: { readonly operation: string; readonly read: (value: unknown) => T | undefined },
): T {
  const { operation, read } = of;
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    input = undefined;
  }
  const cursor = read(input);
  if (cursor !== undefined) return cursor;
  throw new AdapterError('cursor_expired', `${operation}: a cursor of another version`, {
    operation,
    code: 'cursor-form',
  });
}

/**
 * Throws `cursor_expired` when a cursor rested for longer than the service keeps what it tells deletions by. Times are the
 * server's, in milliseconds; null = not known.
 */
export function requireFresh(
  cursor: { readonly clock: number | null },
  of: {
    readonly operation: string;
    readonly serverTime: number | null;
    readonly maxRestMs: number;
    /** Where deleted records are kept: `recycle-bin`. */
    readonly keeper: string;
  },
): void {
  const { operation, serverTime, maxRestMs, keeper } = of;
  if (cursor.clock === null || serverTime === null || serverTime - cursor.clock <= maxRestMs) return;
  const words = keeper.replaceAll('-', ' ');
  throw new AdapterError('cursor_expired', `${operation}: the cursor is older than the ${words}`, {
    operation,
    code: keeper,
  });
}
