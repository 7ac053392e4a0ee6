import { testState } from '@tidelock/conformance';
import { api, emptySchema, openState, startServer } from './server.ts';

await startServer();

testState(api, 'state@1: PostgreSQL', {
  async open() {
    const schema = await emptySchema();
    let state = await openState(schema);
    return {
      state,
      async reopen() {
        await state.close();
        state = await openState(schema);
        return state;
      },
      close: () => state.close(),
    };
  },
});
