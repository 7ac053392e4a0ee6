import type { ContextOf, Secrets } from '@tidelock/core';
import { createVaultClients } from './client.ts';
import type { KeyVaultOptions } from './config.ts';
import { createKeyStore } from './keys.ts';
import { createNames } from './keys-names.ts';
import { createVaultStore } from './store-secrets.ts';
import { createKeyWrapper } from './wrapper.ts';

/** Contract `secrets@1` over Azure Key Vault. Asks for a token with the first call. */
export function createKeyVaultSecrets(options: KeyVaultOptions, context: ContextOf['secrets']): Secrets {
  const clients = createVaultClients(options, context);
  const names = createNames(options.prefix);
  const { clock } = context;
  return {
    abilities: { store: true, keys: true, wrapper: true, compareAndSet: false, versions: true },
    store: createVaultStore(clients, names, clock),
    keys: createKeyStore({ clients, names, clock }),
    wrapper: createKeyWrapper(clients, options),
    close: async () => {},
  };
}
