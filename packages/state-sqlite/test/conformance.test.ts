import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testState } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { createSqliteState } from '../src/index.ts';
import { quiet } from './quiet.ts';

const api = {
  describe,
  it: (name: string, fn: (context?: unknown) => Promise<void>) => void it(name, (context) => fn(context)),
  skip: (name: string, reason: string) => void it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

testState(api, 'state@1: SQLite in a file', {
  async open() {
    const dataDir = mkdtempSync(join(tmpdir(), 'state-sqlite-'));
    const open = () => createSqliteState({}, { dataDir, log: quiet });
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

testState(api, 'state@1: SQLite in memory', {
  async open() {
    const state = await createSqliteState({ file: ':memory:' }, { dataDir: '/nowhere', log: quiet });
    return { state, close: () => state.close() };
  },
});
