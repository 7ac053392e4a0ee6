import { expect, it } from 'vitest';
import { runCase, testTokens, tokenCases } from '../src/index.ts';
import { createSmallTokens, type TokenFaults } from './small-tokens.ts';
import { api } from './vitest-api.ts';

testTokens(api, 'smallest provider', () => createSmallTokens());

const MUTANTS: Readonly<Record<keyof TokenFaults, readonly string[]>> = {
  fixedLifetime: ['token-001'],
  perCall: ['token-003'],
  oneForAll: ['token-004'],
  servesExpired: ['token-006'],
  renewAlways: ['token-002', 'token-006', 'token-007'],
  acceptsEmpty: ['token-014'],
  forgetsNothing: ['token-008'],
  leaks: ['token-010'],
};

for (const [fault, killedBy] of Object.entries(MUTANTS)) {
  it(`a provider with "${fault}" is caught by ${killedBy.join(', ')}`, async () => {
    const failed: string[] = [];
    for (const item of tokenCases) {
      await runCase(item, () => createSmallTokens({ [fault]: true })).catch(() => failed.push(item.id));
    }
    expect(failed).toEqual(expect.arrayContaining([...killedBy]));
  });
}
