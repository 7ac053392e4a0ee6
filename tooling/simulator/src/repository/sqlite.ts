import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StatePort } from '@tidelock/core';
import { createSqliteStateHere } from '@tidelock/state-sqlite';
import { quiet } from './quiet.ts';
import type { Repository } from './repository.ts';

/** A real file in a folder of its own, so that a restart closes and opens it. */
export async function createSqliteRepository(dataDir: string): Promise<Repository> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'tidelock.db');
  const open = (): Promise<StatePort> => createSqliteStateHere({}, { dataDir, log: quiet });
  let state = await open();
  await state.close();
  const fresh = readFileSync(file);
  state = await open();
  return {
    get sync() {
      return state.sync;
    },
    async restart() {
      await state.close();
      state = await open();
    },
    async empty() {
      await state.close();
      for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
      // Quicker than making the tables anew.
      writeFileSync(file, fresh);
      state = await open();
    },
    async close() {
      await state.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
