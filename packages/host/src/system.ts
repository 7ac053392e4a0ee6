import { randomInt, randomUUID } from 'node:crypto';
import type { Clock, Random } from '@tidelock/core';

/** The machine's clocks and timers. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    mono: () => performance.now(),
    // Not by the promises of Node's timers: those make an error, with its stack, of each wait that nobody needs any more.
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      try {
        await promise;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },
  };
}

export function createSystemRandom(): Random {
  const range = 2 ** 47;
  return { next: () => randomInt(range) / range, uuid: () => randomUUID() };
}
