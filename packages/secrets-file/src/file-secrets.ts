import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { AdapterContext, Secrets } from '@tidelock/core';
import type { FileSecretsOptions } from './config.ts';
import { createKeyRing } from './container.ts';
import { createDocumentFile } from './document.ts';
import { systemCode } from './errors.ts';
import { createKeyStore } from './key-store.ts';
import { createKeyWrapper } from './key-wrapper.ts';
import { loadMasterKey, type MasterKey } from './master-key.ts';
import { createSecretStore } from './secret-store.ts';

export interface FileSecrets extends Secrets {
  /** Writes the file anew with the first of the configured keys. Old keys may then leave the configuration. */
  rekey(): Promise<void>;
  /** Goes up with every write. A value lower than one seen before means that an old copy was put back. */
  revision(): Promise<number>;
}

async function loadKeys(
  options: FileSecretsOptions,
  place: { dataDir: string; mayCreate: boolean },
): Promise<MasterKey[]> {
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
  context: AdapterContext,
): Promise<FileSecrets> {
  const { dataDir } = context;
  const file = path.resolve(dataDir, options.file);
  const exists = await lstat(file).then(
    () => true,
    (error: unknown) => systemCode(error) !== 'ENOENT',
  );
  const keys = await loadKeys(options, { dataDir, mayCreate: !exists });
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
