import { defineAdapter } from '@tidelock/core';
import { type FileSecretsOptions, OptionsSchema } from './config.ts';
import { restoreFileSecrets, snapshotFileSecrets } from './snapshot.ts';
import { createFileSecrets } from './store.ts';

export type { FileSecretsOptions, KeySource } from './config.ts';
export type { SecretsErrorCode } from './errors.ts';
export type { FileSecrets, FileSecretsContext } from './store.ts';
export { createFileSecrets };

export const adapter = defineAdapter<'secrets', FileSecretsOptions>({
  contract: 'secrets@1',
  name: '@tidelock/secrets-file',
  title: 'Secrets in one encrypted file (JWE) on this machine',
  options: OptionsSchema,
  create: createFileSecrets,
  snapshot: snapshotFileSecrets,
  restore: restoreFileSecrets,
});
