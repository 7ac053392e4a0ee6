import type { Clock } from '@tidelock/core';
import { createPacer, type EnterOptions, nestPacers, type Pacer } from '@tidelock/kit';

/** Microsoft's limits: 130,000 requests in 10 s per app; per app and mailbox 10,000 in 10 min and 4 at a time. */
const APP = { tokens: 130_000, perMs: 10_000 };
/** Open requests of one connection, over all mailboxes. */
const APP_CONCURRENCY = 256;
/** Requests that the service carries out of one batch at a time. */
const STEPS = 4;
/** Other tools of the same app, and our own next start, need room too. */
const MAILBOX = { concurrency: STEPS, tokens: 7_000, perMs: 600_000 };
/** Directory requests, and probes of many mailboxes; they have no mailbox of their own, so a few batches go side by side. */
const DIRECTORY = { concurrency: 3 * STEPS, tokens: 2_000, perMs: 10_000 };

/** A way to the service on which requests keep to its limits. */
export interface Lane {
  /** One request. */
  run<T>(work: () => Promise<T>, options?: EnterOptions): Promise<T>;
  /** A batch: the service runs four of its steps at a time, and it counts as those. Nothing else of one mailbox runs beside it. */
  runAlone<T>(work: () => Promise<T>, options?: EnterOptions): Promise<T>;
  /** Nothing starts for so long. */
  penalize(ms: number): void;
}

async function enterAll(pacer: Pacer, places: number, signal: AbortSignal | undefined) {
  const slots: Awaited<ReturnType<Pacer['enter']>>[] = [];
  const leave = (): void => {
    for (const slot of slots) slot.leave();
  };
  try {
    for (let place = 0; place < places; place += 1) slots.push(await pacer.enter({ signal }));
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
}

function createLane(pacer: Pacer, clock: Clock, concurrency: number): Lane {
  // No more batches than there are places for may gather them, or two could wait for each other's.
  const atOnce = Math.floor(concurrency / STEPS);
  const batches = createPacer({ clock, concurrency: atOnce, tokens: Number.MAX_SAFE_INTEGER, perMs: 1 });
  return {
    run: (work, options) => pacer.run(work, options),
    runAlone: (work, options) =>
      batches.run(
        async () => {
          const leave = await enterAll(pacer, STEPS - 1, options?.signal);
          try {
            return await pacer.run(work, options);
          } finally {
            leave();
          }
        },
        { signal: options?.signal },
      ),
    penalize: (ms) => pacer.penalize(ms),
  };
}

export interface Lanes {
  readonly directory: Lane;
  /** Mailboxes count their requests by themselves and not with the directory: probing them waits for no look-up. */
  readonly probes: Lane;
  /** The same lane for every caller of one mailbox, whatever the case of its name. */
  mailbox(key: string): Lane;
}

export function createLanes(clock: Clock): Lanes {
  const app = createPacer({ clock, concurrency: APP_CONCURRENCY, ...APP });
  const open = (limits: typeof MAILBOX): Lane =>
    createLane(nestPacers(app, createPacer({ clock, ...limits })), clock, limits.concurrency);
  const mailboxes = new Map<string, Lane>();
  return {
    directory: open(DIRECTORY),
    probes: open(DIRECTORY),
    mailbox(key) {
      const name = key.toLowerCase();
      const lane = mailboxes.get(name) ?? open(MAILBOX);
      mailboxes.set(name, lane);
      return lane;
    },
  };
}
