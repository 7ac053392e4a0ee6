import { createSystemClock } from '@tidelock/host';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** The machine's clocks, moved on from sleeper to sleeper when a benchmark lets time pass. */
export function createWarpClock() {
  const system = createSystemClock();
  let offset = 0;
  const sleepers = new Set<Sleeper>();
  const mono = (): number => system.mono() + offset;
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => system.now() + Math.floor(offset),
    mono,
    async sleep(ms: number, signal?: AbortSignal): Promise<void> {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper: Sleeper = { at: mono() + ms, wake: resolve };
      sleepers.add(sleeper);
      const timer = setTimeout(resolve, ms);
      const stop = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', stop, { once: true });
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', stop);
      }
    },
    /** `idle`: nothing is under way, so that time may jump. */
    async pass(ms: number, idle: () => boolean): Promise<void> {
      const end = mono() + ms;
      for (;;) {
        await tick();
        // What is under way waits for a service, which has this machine meanwhile.
        while (!idle()) await new Promise((resolve) => setTimeout(resolve, 1));
        const next = [...sleepers].sort((x, y) => x.at - y.at)[0];
        const to = Math.min(end, next?.at ?? end);
        offset += Math.max(0, to - mono());
        if (to >= end) return;
        next?.wake();
        // What it does next, and what that asks of the thread of the database, comes before the next jump.
        for (let turn = 0; turn < 3; turn += 1) await tick();
      }
    },
  };
}
