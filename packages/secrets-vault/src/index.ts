import { defineAdapter } from '@tidelock/core';
import { type VaultOptions, VaultOptionsSchema } from './config.ts';
import { createVaultSecrets } from './store.ts';

export { type VaultOptions, type VaultOptionsInput, VaultOptionsSchema } from './config.ts';
export type { VaultErrorCode } from './errors.ts';
export { createVaultSecrets };

export const adapter = defineAdapter<'secrets', VaultOptions>({
  contract: 'secrets@1',
  name: '@tidelock/secrets-vault',
  title: 'Secrets, keys and wrapping in Vault or OpenBao (KV version 2, transit)',
  options: VaultOptionsSchema,
  create: createVaultSecrets,
});
