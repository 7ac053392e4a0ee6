import type { Clock, Random } from '@tidelock/core';

export interface ManualClock extends Clock {
  /** Moves time forward, waking sleepers in order and letting each wake-up run its course. */
  advance(ms: number): Promise<void>;
  /** Moves only the wall clock, as a time correction does. */
  shiftWall(ms: number): void;
  readonly sleepers: number;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let mono = 0;
  let wall = startMs;
  let sleepers: { readonly due: number; wake(): void }[] = [];
  return {
    now: () => wall + mono,
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
        const sleeper = {
          due: mono + ms,
          wake: () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    async advance(ms) {
      const target = mono + ms;
      await settle();
      for (;;) {
        const [next] = sleepers.filter((sleeper) => sleeper.due <= target).sort((a, b) => a.due - b.due);
        if (!next) break;
        mono = Math.max(mono, next.due);
        sleepers = sleepers.filter((other) => other !== next);
        next.wake();
        await settle();
      }
      mono = target;
      await settle();
    },
    shiftWall(ms) {
      wall += ms;
    },
    get sleepers() {
      return sleepers.length;
    },
  };
}

/** Returns the given numbers again and again. */
export function createFixedRandom(...numbers: readonly number[]): Random {
  let index = 0;
  return {
    next: () => numbers[index++ % numbers.length] ?? 0,
    uuid: () => {
      index += 1;
      return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    },
  };
}
