/** How often something may be tried. */
export interface TryRule {
  /** Milliseconds: how long tries count. */
  readonly windowMs: number;
  /** Tries in a window that wait for nothing. */
  readonly free: number;
  /**
   * After that: `null` = nothing more until the window that began with the first try is over; else each further try waits
   * twice as long as the one before, and only quiet for a whole window makes it forgotten. A wait has an upper bound, so
   * that nobody can keep the rightful owner out for good by trying.
   */
  readonly wait: { readonly firstMs: number; readonly mostMs: number } | null;
}

/** What is remembered of tries. Instants are milliseconds since the epoch. */
export interface Tries {
  readonly count: number;
  readonly since: number;
  readonly lastAt: number;
  /** Somebody was turned away since the last one that was let through. */
  readonly refused: boolean;
}

export type TryVerdict =
  | { readonly granted: true; readonly left: number }
  /** `first`: of several in a row, so that it is said once. */
  | { readonly granted: false; readonly retryAt: number; readonly first: boolean };

const isOver = ({ since, lastAt }: Tries, { windowMs, wait }: TryRule, now: number): boolean =>
  now - (wait === null ? since : lastAt) >= windowMs;

function nextAt({ count, since, lastAt }: Tries, { windowMs, free, wait }: TryRule): number {
  if (wait === null) return since + windowMs;
  return lastAt + Math.min(wait.mostMs, wait.firstMs * 2 ** Math.min(count - free, 30));
}

/**
 * Whether as many further tries are granted, and what is to be remembered then. A try that is turned away counts for
 * nothing: who keeps hammering neither prolongs a window nor a wait.
 */
export function judgeTries(
  known: Tries | null,
  rule: TryRule,
  { now, tries }: { readonly now: number; readonly tries: number },
): { readonly verdict: TryVerdict; readonly next: Tries } {
  const before = known === null || isOver(known, rule, now) ? null : known;
  const count = (before?.count ?? 0) + tries;
  const retryAt = before === null || count <= rule.free ? 0 : nextAt(before, rule);
  const isClosed = count > rule.free && (rule.wait === null || now < retryAt);
  if (before !== null && isClosed)
    return {
      verdict: { granted: false, retryAt, first: !before.refused },
      next: { ...before, refused: true },
    };
  const next = { count, since: before?.since ?? now, lastAt: now, refused: false };
  return { verdict: { granted: true, left: Math.max(0, rule.free - count) }, next };
}
