import type { Clock, Logger } from '@tidelock/core';

/** Something that is written down at most so often, however often it is asked for. */
export interface Gathered {
  /** Written soon: at once where nothing was written lately. */
  ask(): void;
  /** Resolves when everything asked for so far is written, or writing failed. */
  settle(): Promise<void>;
  /** Since when writing fails (monotonic milliseconds); null = it does not. */
  readonly failingSince: number | null;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** `write` takes what is there by itself, and puts it back where it throws. */
export function createGathered(of: {
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds between two writes. */
  readonly gapMs: number;
  readonly signal: AbortSignal;
  /** For the log. */
  readonly what: string;
  write(): Promise<void>;
}): Gathered {
  const { clock, log, gapMs, signal, what } = of;
  let running: Promise<void> | null = null;
  let isAsked = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  let failingSince: number | null = null;
  let pauseMs = FIRST_PAUSE_MS;

  const pause = (ms: number): Promise<void> =>
    ms <= 0 || signal.aborted ? Promise.resolve() : clock.sleep(ms, signal).catch(() => undefined);

  const attempt = async (): Promise<void> => {
    try {
      await of.write();
      failingSince = null;
      pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      failingSince ??= clock.mono();
      isAsked = !signal.aborted;
      const kind = error instanceof Error ? error.name : typeof error;
      log.warn('push.unwritten', { what, kind, waitMs: pauseMs });
      await pause(pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  };

  const run = async (): Promise<void> => {
    while (isAsked) {
      await pause(lastAt + gapMs - clock.mono());
      isAsked = false;
      lastAt = clock.mono();
      await attempt();
    }
  };

  const ask = (): void => {
    isAsked = true;
    running ??= run().finally(() => {
      running = null;
      if (isAsked && !signal.aborted) ask();
    });
  };

  return {
    ask,
    settle: async () => {
      await running;
    },
    get failingSince() {
      return failingSince;
    },
  };
}
