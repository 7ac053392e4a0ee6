import type { ConformanceAccount } from '@tidelock/core';
import { beforeAll, expect, it } from 'vitest';
import { createTestAccount } from '../src/conformance/account.ts';
import { conformance } from '../src/conformance/index.ts';
import { HubSpotOptionsSchema } from '../src/index.ts';

/** An account as `tidelock adapters verify --account` opens it; the emulated service stands in for the real one. */
function createAccount() {
  const { hubspot, clock, token, context } = createTestAccount({ adapter: { rateShare: 1 } });
  const account: ConformanceAccount = {
    options: HubSpotOptionsSchema.parse({ token, rateShare: 1 }),
    context,
    wait: async (ms) => clock.advance(ms),
  };
  return { hubspot, account };
}

const runAll = async (account: ConformanceAccount): Promise<ReadonlyMap<string, string>> => {
  const states = new Map<string, string>();
  for (const { cases } of conformance.account?.(account) ?? [])
    for (const item of cases) {
      const state = await item.run().then(
        (reason) => (reason === null ? 'passed' : 'skipped'),
        (error: Error) => `failed: ${error.message}`,
      );
      states.set(item.id, state);
    }
  return states;
};

let states: ReadonlyMap<string, string>;
let left: number;
beforeAll(async () => {
  const { hubspot, account } = createAccount();
  states = await runAll(account);
  left = hubspot.oracle.contacts().length;
});

it('keeps every clause on a real account too, by an oracle with requests of its own', () => {
  const failed = [...states].filter(([, state]) => state.startsWith('failed'));
  expect(failed).toEqual([]);
  expect([...states.values()].filter((state) => state === 'passed').length).toBeGreaterThan(60);
});

it('skips what a real account cannot be made to do', () => {
  expect(states.get('record-store-010')).toBe('skipped');
});

it('leaves nothing behind', () => {
  expect(left).toBe(0);
});

it('refuses an account that holds something, and touches nothing', async () => {
  const { hubspot, account } = createAccount();
  hubspot.admin.createContact({ lastname: 'Real', email: 'real@example.com' });
  const { cases } = conformance.account?.(account)[0] ?? { cases: [] };
  await expect(cases[0]?.run()).rejects.toThrow('the account holds 1 contacts: empty it first');
  expect(hubspot.oracle.contacts()).toHaveLength(1);
});
