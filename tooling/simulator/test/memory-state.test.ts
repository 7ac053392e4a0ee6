import { testState } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { createMemoryState } from '../src/memory-state.ts';

const api = {
  describe,
  it: (name: string, fn: (context?: unknown) => Promise<void>) => void it(name, (context) => fn(context)),
  skip: (name: string, reason: string) => void it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

testState(api, 'state@1: in memory', {
  async open() {
    const state = createMemoryState().port();
    return { state, close: () => state.close() };
  },
});
