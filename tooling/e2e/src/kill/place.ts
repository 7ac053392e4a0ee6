import type { ConfigInput } from '@tidelock/host';
import { startPostgres } from '@tidelock-tooling/postgres';
import { Client } from 'pg';

export const STATES = ['sqlite', 'postgres'] as const;
export type StateName = (typeof STATES)[number];

/** The state of one scene. */
export interface SceneState {
  readonly config: ConfigInput['state'];
  /** As if the time that leases run had passed. Nothing where one process at a time works in a folder. */
  endLeases(): Promise<void>;
}

/** Where the states of a run's scenes are: nothing of one is seen by another. */
export interface StatePlace {
  readonly name: StateName;
  next(): SceneState;
  close(): Promise<void>;
}

const files: StatePlace = {
  name: 'sqlite',
  next: () => ({
    config: { adapter: '@tidelock/state-sqlite', options: { file: 'tidelock.db' } },
    endLeases: async () => {},
  }),
  close: async () => {},
};

async function query(url: string, texts: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const text of texts) await client.query(text);
  } finally {
    await client.end();
  }
}

async function server(): Promise<StatePlace> {
  const { url, plainUrl, stop } = await startPostgres({ settings: ['max_connections=60', 'jit=off'] });
  let scenes = 0;
  return {
    name: 'postgres',
    next() {
      const schema = `kill_${++scenes}`;
      return {
        config: {
          adapter: '@tidelock/state-postgres',
          options: { url: plainUrl, ownerUrl: url, schema, poolSize: 4 },
        },
        endLeases: () =>
          query(
            url,
            ['lane', 'feed'].map((table) => `update ${schema}.${table} set lease_until = 0`),
          ),
      };
    },
    close: stop,
  };
}

/** Throws where no server can be started. */
export const openStatePlace = async (name: StateName): Promise<StatePlace> =>
  name === 'sqlite' ? files : server();
