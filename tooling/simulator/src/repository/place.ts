import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@tidelock-tooling/postgres';
import type { Place, RepositoryName } from './repository.ts';

export interface OpenPlace {
  readonly place: Place;
  close(): Promise<void>;
}

/** Without a disk, where there is such a file system: what a power cut leaves is the kill tests' matter. */
const RAM = '/dev/shm';

function makeFolder(): OpenPlace {
  const at = mkdtempSync(join(existsSync(RAM) ? RAM : tmpdir(), 'tidelock-sim-'));
  const remove = (): void => rmSync(at, { recursive: true, force: true });
  process.once('exit', remove);
  process.once('SIGINT', () => process.exit(130));
  return { place: { name: 'sqlite', at }, close: async () => remove() };
}

async function startServer(): Promise<OpenPlace> {
  const server = await startPostgres({ settings: ['max_connections=60', 'full_page_writes=off', 'jit=off'] });
  return { place: { name: 'postgres', at: server.url }, close: () => server.stop() };
}

/** Makes room for the repositories of a run; throws where that cannot be had. */
export const openPlace = async (name: RepositoryName): Promise<OpenPlace> =>
  name === 'sqlite' ? makeFolder() : startServer();
