import { type TokenFault, testTokens } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { answer, createTestWorld } from './world.ts';

const FAULTS: Record<TokenFault, () => Promise<Response>> = {
  '401': answer(401, { error: 'invalid_client', error_codes: [700027] }),
  '429': answer(429, { error: 'temporarily_unavailable' }, { 'retry-after': '30' }),
  '500': answer(500, {}),
  timeout: () => Promise.reject(new TypeError('fetch failed')),
  empty: answer(200, { access_token: '', expires_in: 3599 }),
};

const skip = (name: string, reason: string): void => it.skip(`${name} [skipped: ${reason}]`, () => {});

testTokens({ describe, it, skip }, '@tidelock/token-entra', () => {
  const { provider, clock, seen, control, emulator, tenants, ask, logged } = createTestWorld();
  return {
    provider,
    clock,
    endpoint: {
      requests: () => seen.length,
      lifetime: (expiresIn) => {
        for (const tenant of tenants) emulator.admin.entra.setTokens(tenant, { expiresIn });
      },
      fail: (fault) => {
        control.intercept = FAULTS[fault];
      },
      clear: () => {
        control.intercept = undefined;
      },
    },
    one: ask(tenants[0]),
    two: ask(tenants[1]),
    leaks: { secrets: tenants, logged: () => logged.join('\n') },
    dispose: () => provider.close(),
  };
});
