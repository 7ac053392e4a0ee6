import { testSecrets } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { startVault } from './vault.ts';

const skip = (name: string, reason: string) => it.skip(`${name} [skipped: ${reason}]`, () => {});
const api = { describe, it: (name: string, fn: (context: unknown) => Promise<void>) => it(name, fn), skip };

const waivers = {
  'secrets-008': 'prefix, name and one more character for each slash share the 127 characters of the vault',
};

const makeFixture = async () => {
  const test = await startVault({ transitionMs: 20 });
  return {
    secrets: test.open(),
    reopen: async () => test.open(),
    breakStore: () => {
      test.down = true;
    },
    logged: () => test.logged.join('\n'),
    dispose: () => test.close(),
  };
};

testSecrets(api, 'Azure Key Vault (emulated) through the SDKs', makeFixture, waivers);
