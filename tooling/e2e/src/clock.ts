import type { Clock } from '@tidelock/core';
import { createManualClock, type EmulatorClock } from '@tidelock/emulators';
import { areOthersAtWork } from './threads.ts';

/**
 * One time for the product and both emulators. It stands still while anybody works and jumps to the next sleeper's
 * time when all that is left is waiting, so that a wait of 120 seconds costs a test a few milliseconds.
 */
export interface SharedClock {
  readonly product: Clock;
  readonly emulator: EmulatorClock;
  now(): number;
  advance(ms: number): void;
  /** Counts work in progress (a request on its way): time does not jump meanwhile. */
  busy<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * Looks in a row without any sign of life before time jumps: signatures are work that cannot be seen, except by the
 * processor time that this process takes meanwhile. On a machine that is busy, looks come late, and the threads
 * that sign may not have had their turn: a look that came late counts little, and where the kernel says of a thread that it has
 * something to do, time stands still.
 */
const QUIET_LOOKS = 4;
const LOOK_MS = 4;
const LATE_MS = 10;
const LATE_LOOK = 0.25;
/** Processor time between two looks that is no more than the looking (microseconds). */
const IDLE_US = 1_500;

/**
 * A file is being read, written or waited for, or a connection is being made: the disk takes no processor time of this process, and the
 * name `localhost` is looked up in a thread, which on a busy machine waits for its turn.
 */
const ELSEWHERE = /^(FSReq|FileHandleCloseReq|GetAddrInfo|ConnectWrap)/i;
const isElsewhere = (): boolean => process.getActiveResourcesInfo().some((kind) => ELSEWHERE.test(kind));

export function createSharedClock(startMs: number, areOthers = areOthersAtWork): SharedClock {
  const manual = createManualClock(startMs);
  const due = new Map<object, number>();
  let working = 0;
  let heldBack = 0;
  let quiet = 0;
  let cpu = process.cpuUsage();
  let timer: NodeJS.Timeout | undefined;
  let set = 0;

  const countQuiet = (): void => {
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    const counted = performance.now() - set > LATE_MS ? LATE_LOOK : 1;
    quiet = user + system > IDLE_US || isElsewhere() ? 0 : quiet + counted;
  };
  // A request that the emulator holds back is waiting too; which of those on their way it is cannot be seen.
  const mayJump = (): boolean => (working === 0 || heldBack > 0) && quiet >= QUIET_LOOKS && !areOthers();
  const look = (): void => {
    timer = undefined;
    if (due.size === 0) return;
    countQuiet();
    if (mayJump()) {
      quiet = 0;
      manual.set(Math.max(manual.now(), Math.min(...due.values())));
    }
    watch();
  };
  const watch = (): void => {
    if (timer !== undefined) return;
    set = performance.now();
    timer = setTimeout(look, LOOK_MS);
  };
  const sleepAs = (held: number) => async (ms: number, signal?: AbortSignal) => {
    const sleeper = {};
    due.set(sleeper, manual.now() + ms);
    heldBack += held;
    quiet = 0;
    watch();
    try {
      await manual.sleep(ms, signal);
    } finally {
      heldBack -= held;
      quiet = 0;
      due.delete(sleeper);
    }
  };

  // Wall clocks tell whole milliseconds, also after a wait of half of one.
  const wall = (): number => Math.floor(manual.now());
  return {
    product: { now: wall, mono: () => manual.now() - startMs, sleep: sleepAs(0) },
    emulator: { now: wall, sleep: sleepAs(1) },
    now: wall,
    advance: (ms) => manual.advance(ms),
    async busy(work) {
      working += 1;
      quiet = 0;
      try {
        return await work();
      } finally {
        working -= 1;
        quiet = 0;
      }
    },
    close() {
      clearTimeout(timer);
      due.clear();
    },
  };
}
