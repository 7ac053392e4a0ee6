import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { AdapterContext, Secrets } from '@tidelock/core';
import type { FileSecretsOptions } from './config.ts';
import { createKeyRing } from './envelope.ts';
import { systemCode } from './errors.ts';
import { createKeyStore } from './keys.ts';
import { type Environment, type KeyPlace, loadMasterKey, type MasterKey } from './keys-master.ts';
import { createDocumentFile } from './store-document.ts';
import { createSecretStore } from './store-secrets.ts';
import { createKeyWrapper } from './wrapper.ts';

export interface FileSecrets extends Secrets {
  /** Writes the file anew with the first of the configured keys. Old keys may then leave the configuration. */
  rekey(): Promise<void>;
  /** Goes up with every write. A value lower than one seen before means that an old copy was put back. */
  revision(): Promise<number>;
}

/** `env` is needed only by keys that come from a variable or from systemd ($CREDENTIALS_DIRECTORY). */
export type FileSecretsContext = AdapterContext & { readonly env?: Environment };

async function loadKeys(options: FileSecretsOptions, place: KeyPlace): Promise<MasterKey[]> {
  const keys: MasterKey[] = [];
  for (const source of options.keys) keys.push(await loadMasterKey(source, place));
  return keys;
}

/**
 * Contract `secrets@1` in one encrypted file. Reads the keys at once and fails where one is missing; reads the
 * secrets file at each call, so that several processes of one machine can share it.
 */
export async function createFileSecrets(
  options: FileSecretsOptions,
  context: FileSecretsContext,
): Promise<FileSecrets> {
  const { dataDir, env } = context;
  const file = path.resolve(dataDir, options.file);
  const exists = await lstat(file).then(
    () => true,
    (error: unknown) => systemCode(error) !== 'ENOENT',
  );
  const keys = await loadKeys(options, { dataDir, env, mayCreate: !exists });
  const document = createDocumentFile({ file, ring: createKeyRing(keys), context });
  return {
    abilities: { store: true, keys: true, wrapper: true, compareAndSet: true, versions: true },
    store: createSecretStore(document),
    keys: createKeyStore(document, context.clock),
    wrapper: createKeyWrapper(document),
    async rekey() {
      await document.update('secrets.rekey', (present) => present);
    },
    revision: async () => (await document.read('secrets.revision')).rev,
    async close() {
      document.close();
    },
  };
}
