import type { Clock } from '@tidelock/core';

// Taken once, so that a test that fakes timers does not stop the clock.
const later = setImmediate;
const nextTurn = (): Promise<void> => new Promise((done) => later(done));
/** Turns of the event loop without anything under way, after which the clock moves on. */
const IDLE_TURNS = 12;
/** The same while the emulator works: it may itself be asleep on this clock. */
const HELD_TURNS = 250;

interface Sleeper {
  readonly due: number;
  wake(): void;
}

export interface VirtualClock extends Clock {
  advance(ms: number): Promise<void>;
  /** Time passes by itself only when `work` seems to sleep. */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * A clock for adapter and emulator that moves by itself, to the next sleeper, whenever nothing is under way: waits
 * take no real time, and a deadline comes only when there really is no answer.
 */
export function createVirtualClock(start: number): VirtualClock {
  let mono = 0;
  let held = 0;
  let watching = false;
  let sleepers: Sleeper[] = [];

  const wakeUntil = (target: number): void => {
    const due = sleepers.filter((sleeper) => sleeper.due <= target).sort((a, b) => a.due - b.due);
    sleepers = sleepers.filter((sleeper) => sleeper.due > target);
    for (const sleeper of due) {
      mono = Math.max(mono, sleeper.due);
      sleeper.wake();
    }
    mono = Math.max(mono, target);
  };

  const watch = async (): Promise<void> => {
    if (watching) return;
    watching = true;
    for (let idle = 0; sleepers.length > 0; ) {
      await nextTurn();
      idle += 1;
      if (idle < (held > 0 ? HELD_TURNS : IDLE_TURNS)) continue;
      idle = 0;
      const next = Math.min(...sleepers.map((sleeper) => sleeper.due));
      if (sleepers.length > 0) wakeUntil(next);
    }
    watching = false;
  };

  return {
    now: () => start + mono,
    mono: () => mono,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const stop = (): void => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          due: mono + Math.max(0, ms),
          wake: () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
        void watch();
      }),
    async advance(ms) {
      wakeUntil(mono + ms);
      await nextTurn();
    },
    async hold(work) {
      held += 1;
      try {
        return await work();
      } finally {
        held -= 1;
      }
    },
  };
}
