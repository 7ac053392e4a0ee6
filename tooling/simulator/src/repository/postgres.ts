import type { StatePort } from '@tidelock/core';
import { createPostgresState } from '@tidelock/state-postgres';
import { Client } from 'pg';
import { quiet } from './quiet.ts';
import type { Repository } from './repository.ts';

/** In one statement, partitions through their parents; `migration` says which tables there are. */
const emptied = (schema: string): string => `do $$ declare t record; begin
  for t in select c.relname from pg_class c join pg_namespace s on s.oid = c.relnamespace
    where s.nspname = '${schema}' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migration' loop
    execute format('delete from ${schema}.%I', t.relname);
  end loop; end $$`;

/** A schema of its own in the database at `url`: several of them can be driven side by side. */
export async function createPostgresRepository(url: string, schema: string): Promise<Repository> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  const open = (): Promise<StatePort> =>
    createPostgresState({ url, schema, poolSize: 2, leaseClock: 'caller', allowOwner: true }, { log: quiet });
  let state = await open();
  const reopen = async (): Promise<void> => {
    await state.close();
    state = await open();
  };
  return {
    get sync() {
      return state.sync;
    },
    restart: reopen,
    async empty() {
      await admin.query(emptied(schema));
      // What the adapter remembers of lanes must not outlive them.
      await reopen();
    },
    async close() {
      await state.close();
      await admin.end();
    },
  };
}
