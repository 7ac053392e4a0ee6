import { defineAdapter } from '@tidelock/core';
import { type KeyVaultOptions, KeyVaultOptionsSchema } from './config.ts';
import { createKeyVaultSecrets } from './store.ts';

export { type KeyVaultOptions, type KeyVaultOptionsInput, KeyVaultOptionsSchema } from './config.ts';
export type { KeyVaultErrorCode } from './errors.ts';
export { createKeyVaultSecrets };

export const adapter = defineAdapter<'secrets', KeyVaultOptions>({
  contract: 'secrets@1',
  name: '@tidelock/secrets-keyvault',
  title: 'Secrets, keys and wrapping in Azure Key Vault',
  options: KeyVaultOptionsSchema,
  create: createKeyVaultSecrets,
});
