import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Random } from '@tidelock/core';

/** The machine's clocks and timers. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    mono: () => performance.now(),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      try {
        await wait(ms, undefined, signal ? { signal } : {});
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}

export function createSystemRandom(): Random {
  const range = 2 ** 47;
  return { next: () => randomInt(range) / range, uuid: () => randomUUID() };
}
