import { readFileSync } from 'node:fs';
import { createPlatform, createSystemClock, keepMemoryLow, type Platform } from '@tidelock/host';
import { serveCalls } from './channel.ts';
import { type Cost, measure } from './cost.ts';

// The process that is measured: the platform as the command line builds it, with its settings and the state on disk.

keepMemoryLow({ atOnce: true });

const system = createSystemClock();
let offsetMs = 0;
/** The machine's clocks, together with the emulators' moved on when a benchmark lets time pass. */
const clock = {
  now: () => system.now() + offsetMs,
  mono: () => system.mono() + offsetMs,
  sleep: system.sleep,
};

let platform: Platform | undefined;

async function engineOf() {
  if (platform === undefined) throw new Error('the platform is not open');
  return platform.engine();
}

/** What the engine asked of stores and state, and the rows it got: counted, so the same on every machine and under any load. */
interface Effort {
  readonly effects: number;
  /** Bytes that the process read and wrote, files and sockets, as the kernel counts them. */
  readonly bytes: number;
}

let effects = 0;

function effort(): Effort {
  const io = readFileSync('/proc/self/io', 'utf8');
  const of = (name: string): number =>
    Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1] ?? Number.NaN);
  return { effects, bytes: of('rchar') + of('wchar') };
}

/** Megabytes. `peak` is VmHWM: the most that was ever resident. */
function memory(): { readonly peak: number; readonly heap: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
  return { peak, heap: process.memoryUsage().heapUsed / 1024 / 1024 };
}

const api = {
  /** `counting`: effects are counted. */
  async open(of: { readonly configPath: string; readonly counting?: boolean }): Promise<Cost> {
    const onEffect = (_effect: unknown, when: string): void => {
      if (when === 'before') effects += 1;
    };
    return measure(async () => {
      platform = await createPlatform({
        configPath: of.configPath,
        resolveFrom: import.meta.url,
        overrides: { clock, ...(of.counting ? { onEffect, inOrder: false } : {}) },
      });
      await (await engineOf()).prepare();
    });
  },
  /** Rounds until nothing is left to do. */
  async sync(): Promise<Cost & { readonly rounds: number; readonly written: number }> {
    const engine = await engineOf();
    let rounds = 0;
    let written = 0;
    const cost = await measure(async () => {
      const report = await engine.sync({ maxRounds: 200 });
      const open = report.lanes.map(({ status, error, openOutcomes, waitMs }) =>
        [status, error?.message, `${openOutcomes} outcomes open`, `asked to wait ${waitMs} ms`].join(', '),
      );
      if (!report.settled) throw new Error(`the sync did not settle: ${open.join('; ')}`);
      rounds = report.rounds;
      for (const { counts } of report.lanes) written += counts.created + counts.updated + counts.deleted;
    });
    return { ...cost, rounds, written };
  },
  /** One pass of each lane. */
  async round(): Promise<Cost & { readonly written: number }> {
    const engine = await engineOf();
    let written = 0;
    const cost = await measure(async () => {
      for (const { counts, error } of await engine.round()) {
        if (error !== null) throw new Error(error.message);
        written += counts.created + counts.updated + counts.deleted;
      }
    });
    return { ...cost, written };
  },
  memory,
  effort,
  advance(ms: number): void {
    offsetMs += ms;
  },
};
export type SyncApi = typeof api;

serveCalls(api, async () => {
  await platform?.close();
  process.exit(0);
});
