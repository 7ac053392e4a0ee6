import type { Clock } from '@tidelock/core';

/** Things that are done at once when they are asked for, and less and less often when they are asked for over and over. */
export interface Spaced {
  /** True: now. False: its last time is too short ago; `ready` gets it later, once, however often it is asked for until then. */
  ask(key: string): boolean;
  /** Everything that waits, whose time has not come. */
  take(): readonly string[];
}

interface Spacing {
  nextAt: number;
  gapMs: number;
}

/** Milliseconds between two looks at what waits. */
const STEP_MS = 50;
const FORGET_MS = 60_000;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The second time waits until `firstMs` after the first, each further one up to twice as long, `mostMs` at the most. Who was not asked for
 * during the time that it would wait begins anew.
 */
export function createSpaced(of: {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly firstMs: number;
  readonly mostMs: number;
  ready(keys: readonly string[]): void;
}): Spaced {
  const { clock, signal, firstMs, mostMs } = of;
  const spacings = new Map<string, Spacing>();
  const waiting = new Set<string>();
  let forgotAt = clock.mono();
  let isRunning = false;
  let part = 0;

  const isSilent = ({ nextAt, gapMs }: Spacing, now: number): boolean => now >= nextAt + gapMs;
  /** What was silent is as good as never asked for. */
  const forget = (now: number): void => {
    if (now - forgotAt < FORGET_MS) return;
    forgotAt = now;
    for (const [key, spacing] of spacings) if (isSilent(spacing, now)) spacings.delete(key);
  };
  // Those that are asked for together do not come together for ever: the golden section strews them evenly.
  const grow = (spacing: Spacing, now: number): void => {
    part = (part + GOLDEN) % 1;
    spacing.gapMs = Math.min(mostMs, spacing.gapMs * 2);
    spacing.nextAt = now + spacing.gapMs * (0.5 + part / 2);
  };
  /** Those whose time has come. */
  const due = (now: number): readonly string[] =>
    [...waiting].filter((key) => {
      const spacing = spacings.get(key);
      if (spacing !== undefined && spacing.nextAt > now) return false;
      waiting.delete(key);
      if (spacing !== undefined) grow(spacing, now);
      return true;
    });
  const run = async (): Promise<void> => {
    while (waiting.size > 0 && !signal.aborted) {
      await clock.sleep(STEP_MS, signal).catch(() => undefined);
      const keys = due(clock.mono());
      if (keys.length > 0) of.ready(keys);
    }
  };

  return {
    ask(key) {
      const now = clock.mono();
      forget(now);
      const spacing = spacings.get(key);
      if (signal.aborted) return true;
      if (spacing === undefined || (isSilent(spacing, now) && !waiting.has(key))) {
        spacings.set(key, { nextAt: now + firstMs, gapMs: firstMs });
        return true;
      }
      if (now >= spacing.nextAt && !waiting.has(key)) {
        grow(spacing, now);
        return true;
      }
      waiting.add(key);
      if (!isRunning) {
        isRunning = true;
        void run().finally(() => {
          isRunning = false;
        });
      }
      return false;
    },
    take() {
      const keys = [...waiting];
      waiting.clear();
      return keys;
    },
  };
}
