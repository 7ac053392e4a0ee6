import { testState } from '@tidelock/conformance';
import { api, freshSchema, openState, sql } from './server.ts';

testState(api, 'state@1: PostgreSQL', {
  async open() {
    const schema = freshSchema();
    let state = await openState(schema);
    return {
      state,
      async reopen() {
        await state.close();
        state = await openState(schema);
        return state;
      },
      async close() {
        await state.close();
        await sql(`drop schema "${schema}" cascade`);
      },
    };
  },
});
