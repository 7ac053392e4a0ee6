import { createPostgresState } from '@tidelock/state-postgres';
import { createAccessWorld } from './world.ts';

// `node process.ts <url> <schema>`: one more process over that database. Prints the address of its server.

const [url = '', schema = ''] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const state = await createPostgresState({ url, schema, poolSize: 4 }, { log });
const world = await createAccessWorld({ state });
console.log(world.address);
process.once('SIGTERM', async () => {
  await world[Symbol.asyncDispose]();
  await state.close();
  process.exit(0);
});
