import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testState } from '@tidelock/conformance';
import type { StatePort } from '@tidelock/core';
import { createFieldSealer, sealSyncState } from '@tidelock/host';
import { createSqliteStateHere } from '@tidelock/state-sqlite';
import { describe, it } from 'vitest';

const api = {
  describe,
  it: (name: string, fn: (context?: unknown) => Promise<void>) => void it(name, (context) => fn(context)),
  skip: (name: string, reason: string) => void it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

const log = { debug() {}, info() {}, warn() {}, error() {} };
const KEY = { id: '3f0c3f5e-6a51-4d0e-8a53-0d4b1c6f7a88', key: createSecretKey(Buffer.alloc(32, 7)) };

function sealed(state: StatePort): StatePort {
  const sealer = createFieldSealer('tenant-1', [KEY]);
  const sync = sealSyncState(state.sync, async () => sealer);
  return { ...state, sync, close: () => state.close() };
}

// Whatever the contract says of a state store holds of one behind seals, too.
testState(api, 'state@1: SQLite, sealed by the host', {
  async open() {
    const dataDir = mkdtempSync(join(tmpdir(), 'sealed-state-'));
    const open = async () => sealed(await createSqliteStateHere({}, { dataDir, log }));
    let state = await open();
    return {
      state,
      async reopen() {
        await state.close();
        state = await open();
        return state;
      },
      async close() {
        await state.close();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  },
});
