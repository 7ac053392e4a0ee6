/** Time of an emulator. All instants are milliseconds since the epoch. */
export interface EmulatorClock {
  now(): number;
  /** Resolves after `ms` on this clock; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Time that only moves when told to; sleepers wake, earliest first, when it moves past them. */
export interface ManualClock extends EmulatorClock {
  advance(ms: number): void;
  set(ms: number): void;
}

interface Sleeper {
  due: number;
  wake(): void;
}

export function createSystemClock(): EmulatorClock {
  return {
    now: () => Date.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', stop);
          resolve();
        }, ms);
        signal?.addEventListener('abort', stop, { once: true });
      }),
  };
}

export function createManualClock(startMs: number): ManualClock {
  let current = startMs;
  let sleepers: Sleeper[] = [];

  const set = (ms: number): void => {
    current = ms;
    const due = sleepers.filter((sleeper) => sleeper.due <= current);
    sleepers = sleepers.filter((sleeper) => sleeper.due > current);
    for (const sleeper of due.sort((a, b) => a.due - b.due)) sleeper.wake();
  };

  return {
    now: () => current,
    advance: (ms) => set(current + ms),
    set,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (ms <= 0) return resolve();
        const stop = (): void => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          due: current + ms,
          wake: () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      }),
  };
}
