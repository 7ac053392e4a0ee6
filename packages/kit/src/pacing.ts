import type { Clock } from '@tidelock/core';

export interface EnterOptions {
  /** Tokens that this piece of work takes from the window. Default 1, at most the window's size. */
  readonly cost?: number | undefined;
  /** Ends the wait: the promise rejects with the signal's reason and nothing is taken. */
  readonly signal?: AbortSignal | undefined;
}

/** A place inside the gate. `leave` must be called exactly once, also when `start` never was. */
export interface Slot {
  /** Dates the cost: until then it counts as if it were spent at this very moment. */
  start(): void;
  leave(): void;
}

/**
 * Lets at most `concurrency` pieces of work run at once and starts at most `tokens` of cost in any span of `perMs`,
 * in the order of arrival.
 */
export interface Pacer {
  run<T>(work: () => Promise<T>, options?: EnterOptions): Promise<T>;
  /** What `run` is made of, for nesting. */
  enter(options?: EnterOptions): Promise<Slot>;
  /** Nothing starts before now + `ms`. Work that is running is not touched. Never shortens an earlier penalty. */
  penalize(ms: number): void;
  readonly inFlight: number;
  readonly waiting: number;
}

export interface PacerOptions {
  readonly clock: Clock;
  readonly concurrency: number;
  /** `Number.POSITIVE_INFINITY` for a limit on concurrency alone. */
  readonly tokens: number;
  readonly perMs: number;
}

interface Waiter {
  readonly cost: number;
  readonly admit: (slot: Slot) => void;
}

/** The window keeps sums over slices of its length, so its size does not grow with the rate. */
const SLICES = 64;

interface Spent {
  readonly slice: number;
  at: number;
  cost: number;
}

/** Sliding window: what was spent in the last `perMs`, and how long until a cost fits. */
function createWindow(tokens: number, perMs: number) {
  let spent: Spent[] = [];
  let reserved = 0;

  const sum = (): number => spent.reduce((total, entry) => total + entry.cost, reserved);

  return {
    /** 0 = fits now; `undefined` = only something that is reserved and not dated stands in the way. */
    waitFor(cost: number, now: number): number | undefined {
      spent = spent.filter((entry) => entry.at + perMs > now);
      let excess = sum() + cost - tokens;
      if (excess <= 0) return 0;
      for (const entry of spent) {
        excess -= entry.cost;
        if (excess <= 0) return entry.at + perMs - now;
      }
      return undefined;
    },
    reserve(cost: number): void {
      reserved += cost;
    },
    release(cost: number): void {
      reserved -= cost;
    },
    date(cost: number, now: number): void {
      reserved -= cost;
      const slice = Math.floor((now * SLICES) / perMs);
      const last = spent.at(-1);
      if (last?.slice === slice) {
        last.at = now;
        last.cost += cost;
      } else {
        spent.push({ slice, at: now, cost });
      }
    },
  };
}

/** One pending wake-up at a time; an earlier one replaces a later one. */
function createAlarm(clock: Clock, ring: () => void) {
  let pending: { readonly due: number; readonly stop: AbortController } | null = null;

  const clear = (): void => {
    pending?.stop.abort();
    pending = null;
  };

  return {
    clear,
    set(ms: number): void {
      const due = clock.mono() + ms;
      if (pending && pending.due <= due) return;
      clear();
      const mine = { due, stop: new AbortController() };
      pending = mine;
      clock.sleep(Math.max(1, Math.ceil(ms)), mine.stop.signal).then(
        () => {
          if (pending === mine) pending = null;
          ring();
        },
        () => {},
      );
    },
  };
}

async function runIn<T>(pacer: Pick<Pacer, 'enter'>, work: () => Promise<T>, options?: EnterOptions) {
  const slot = await pacer.enter(options);
  try {
    slot.start();
    return await work();
  } finally {
    slot.leave();
  }
}

function requirePositive(value: number, name: string): void {
  if (!(value > 0)) throw new RangeError(`${name} must be above 0`);
}

/** First come, first served; whoever aborts leaves the line. */
function createLine(changed: () => void) {
  let waiters: Waiter[] = [];
  return {
    get length() {
      return waiters.length;
    },
    head: (): Waiter | undefined => waiters[0],
    admitHead(slot: Slot): void {
      waiters.shift()?.admit(slot);
    },
    join: (cost: number, signal: AbortSignal | undefined): Promise<Slot> =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          waiters = waiters.filter((other) => other !== waiter);
          reject(signal?.reason);
          changed();
        };
        const waiter: Waiter = {
          cost,
          admit: (slot) => {
            signal?.removeEventListener('abort', stop);
            resolve(slot);
          },
        };
        signal?.addEventListener('abort', stop, { once: true });
        waiters.push(waiter);
        changed();
      }),
  };
}

export function createPacer(options: PacerOptions): Pacer {
  const { clock, concurrency, tokens, perMs } = options;
  requirePositive(concurrency, 'concurrency');
  requirePositive(tokens, 'tokens');
  requirePositive(perMs, 'perMs');
  const window = createWindow(tokens, perMs);
  const alarm = createAlarm(clock, () => pump());
  const line = createLine(() => pump());
  let inFlight = 0;
  let notBefore = Number.NEGATIVE_INFINITY;

  const openSlot = (cost: number): Slot => {
    let state: 'open' | 'dated' | 'left' = 'open';
    inFlight += 1;
    window.reserve(cost);
    return {
      start() {
        if (state !== 'open') return;
        state = 'dated';
        window.date(cost, clock.mono());
        pump();
      },
      leave() {
        if (state === 'left') return;
        if (state === 'open') window.release(cost);
        state = 'left';
        inFlight -= 1;
        pump();
      },
    };
  };

  /** Admits whoever may go now; else sets the alarm for the first in line, or leaves it to the next `leave`. */
  function pump(): void {
    for (let head = line.head(); head && inFlight < concurrency; head = line.head()) {
      const now = clock.mono();
      const wait = notBefore > now ? notBefore - now : window.waitFor(head.cost, now);
      if (wait !== 0) {
        if (wait !== undefined) alarm.set(wait);
        return;
      }
      line.admitHead(openSlot(head.cost));
    }
    alarm.clear();
  }

  const enter = async ({ cost = 1, signal }: EnterOptions = {}): Promise<Slot> => {
    if (!(cost > 0 && cost <= tokens)) throw new RangeError('cost must be above 0 and fit into the window');
    signal?.throwIfAborted();
    return line.join(cost, signal);
  };

  return {
    enter,
    run: (work, more) => runIn({ enter }, work, more),
    penalize(ms) {
      notBefore = Math.max(notBefore, clock.mono() + Math.max(0, ms));
    },
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return line.length;
    },
  };
}

/**
 * Work must pass both, for example a connection's pacer and one mailbox's. It queues in `inner` first, so that a
 * throttled inner pacer holds no place in the outer one. `penalize`, `inFlight` and `waiting` are the inner pacer's.
 */
export function nestPacers(outer: Pacer, inner: Pacer): Pacer {
  const enter = async (options?: EnterOptions): Promise<Slot> => {
    const near = await inner.enter(options);
    const far = await outer.enter(options).catch((error: unknown) => {
      near.leave();
      throw error;
    });
    return {
      start() {
        far.start();
        near.start();
      },
      leave() {
        far.leave();
        near.leave();
      },
    };
  };
  return {
    enter,
    run: (work, options) => runIn({ enter }, work, options),
    penalize: (ms) => inner.penalize(ms),
    get inFlight() {
      return inner.inFlight;
    },
    get waiting() {
      return inner.waiting;
    },
  };
}
