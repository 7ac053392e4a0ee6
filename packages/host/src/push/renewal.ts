import type { ErrorKind } from '@tidelock/core';

const MINUTE_MS = 60_000;
const LONGEST_MS = 60 * MINUTE_MS;
/** Errors that only somebody else can mend: asking again soon would find the same. */
const LASTING: ReadonlySet<ErrorKind> = new Set([
  'forbidden',
  'not_found',
  'invalid',
  'conflict',
  'unsupported',
]);

/**
 * When a subscription is renewed: at half of its life, a tenth of it earlier or later, so that those that were made together are not
 * renewed together. `random` in [0, 1).
 */
export const renewAt = (now: number, expiresAt: number, random: number): number =>
  Math.round(now + (expiresAt - now) * (0.4 + 0.2 * random));

/** How long to wait after so many failures in a row (milliseconds). */
export function waitAfter(
  failures: number,
  of: { readonly kind: ErrorKind; readonly retryAfterMs: number | undefined; readonly random: number },
): number {
  const base = LASTING.has(of.kind) ? 5 * MINUTE_MS : 10_000;
  const grown = Math.min(LONGEST_MS, base * 2 ** Math.min(failures - 1, 12));
  return Math.round(Math.max(of.retryAfterMs ?? 0, grown * (0.75 + 0.5 * of.random)));
}

/** Trouble of the whole connection: the others would meet it too. */
export const isOfConnection = (kind: ErrorKind): boolean =>
  kind === 'auth' || kind === 'unavailable' || kind === 'rate_limited';
