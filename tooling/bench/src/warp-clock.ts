import { createSystemClock } from '@tidelock/host';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Who slept only once does not sleep again. */
const PATIENCE_MS = 200;

/** The machine's clocks, moved on from sleeper to sleeper when a benchmark lets time pass. */
export function createWarpClock() {
  const system = createSystemClock();
  let offset = 0;
  const sleepers = new Set<Sleeper>();
  const mono = (): number => system.mono() + offset;
  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
  /** Who works again and again sleeps again when it has done so, and what it asked of the thread of the database is answered. */
  async function wake(sleeper: Sleeper): Promise<void> {
    const asleep = sleepers.size;
    const woken = system.mono();
    sleeper.wake();
    for (let turn = 0; turn < 3; turn += 1) await tick();
    // Not in a circle: that would be work of this process.
    while (sleepers.size < asleep && system.mono() - woken < PATIENCE_MS) await pause();
  }
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
    /** Before the first look at it: what another process let pass, so that time does not run back for the state. */
    begin(ms: number): void {
      offset = ms;
    },
    /** How far it is ahead of the machine's. */
    ahead: () => offset,
    /** `idle`: nothing is under way, so that time may jump. */
    async pass(ms: number, idle: () => boolean): Promise<void> {
      const end = mono() + ms;
      for (;;) {
        await tick();
        // What is under way waits for a service, which has this machine meanwhile.
        while (!idle()) await pause();
        const next = [...sleepers].sort((x, y) => x.at - y.at)[0];
        const to = Math.min(end, next?.at ?? end);
        offset += Math.max(0, to - mono());
        if (to >= end) return;
        if (next !== undefined) await wake(next);
      }
    },
  };
}
