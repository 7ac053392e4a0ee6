import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AdapterContext, Logger } from '@tidelock/core';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function createContext(dataDir: string): AdapterContext {
  return {
    dataDir,
    fetch: () => Promise.reject(new Error('this adapter makes no requests')),
    clock: {
      now: () => Date.now(),
      mono: () => performance.now(),
      sleep: async (ms, signal) => {
        await wait(ms, undefined, { signal });
      },
    },
    random: { next: () => Math.random(), uuid: () => randomUUID() },
    log: silent,
  };
}

/** A data directory with a key file `master.key`. */
export function createPlace(): { readonly dataDir: string; readonly file: string; remove(): void } {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'secrets-file-'));
  writeFileSync(path.join(dataDir, 'master.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
  return {
    dataDir,
    file: path.join(dataDir, 'secrets.jwe'),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

export const OPTIONS = { file: 'secrets.jwe', keys: [{ keyFile: 'master.key', create: false }] };
