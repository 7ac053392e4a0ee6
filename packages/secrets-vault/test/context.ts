import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { ContextOf, LogData } from '@tidelock/core';
import { type VaultOptions, type VaultOptionsInput, VaultOptionsSchema } from '../src/index.ts';

export type Context = ContextOf['secrets'];

export interface TestContext extends Context {
  readonly logged: string[];
}

export function createContext(parts: Partial<Context> = {}): TestContext {
  const logged: string[] = [];
  const keep = (event: string, data?: LogData) => {
    logged.push(`${event} ${JSON.stringify(data ?? {})}`);
  };
  return {
    dataDir: tmpdir(),
    fetch: (input, init) => fetch(input, init),
    clock: {
      now: () => Date.now(),
      mono: () => performance.now(),
      sleep: async (ms, signal) => {
        await wait(ms, undefined, { signal });
      },
    },
    random: { next: () => Math.random(), uuid: () => randomUUID() },
    log: { debug: keep, info: keep, warn: keep, error: keep },
    env: {},
    ...parts,
    logged,
  };
}

export const toOptions = (input: VaultOptionsInput): VaultOptions => VaultOptionsSchema.parse(input);

/** Deadlines of requests, which carry a signal, run as they should; waits between requests are only noted. */
export function createHurriedClock(waits: number[] = []): Context['clock'] {
  const { clock } = createContext();
  return {
    ...clock,
    sleep: async (ms, signal) => {
      if (signal !== undefined) return clock.sleep(ms, signal);
      waits.push(ms);
    },
  };
}
