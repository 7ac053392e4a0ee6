import {
  AdapterError,
  type ContextOf,
  type KeyStore,
  type KeyWrapper,
  type SecretStore,
  type Secrets,
} from '@tidelock/core';
import { createVaultClient } from './client.ts';
import { createLogin } from './client-login.ts';
import { createSession, type LiveSession } from './client-session.ts';
import type { VaultOptions } from './config.ts';
import { createKeyStore } from './keys.ts';
import { createKvStore } from './store-kv.ts';
import { createKeyWrapper } from './wrapper.ts';

/** What is switched off in the options. */
function refuse(what: string): () => Promise<never> {
  return async () => {
    throw new AdapterError('unsupported', `secrets: "${what}" is switched off in the options`, {
      operation: 'secrets',
      remedy: `Configure "${what}", or use another secret store.`,
    });
  };
}

function noStore(): SecretStore {
  const refused = refuse('kv');
  return { get: refused, put: refused, remove: refused, list: refused };
}

function noKeys(): KeyStore {
  const refused = refuse('transit');
  return { signer: refused, create: refused, import: refused, list: refused, remove: refused };
}

function noWrapper(): KeyWrapper {
  const refused = refuse('transit');
  return { wrap: refused, unwrap: refused };
}

/** Contract `secrets@1` over KV version 2 and transit. Logs in with the first call that needs it. */
export function createVaultSecrets(options: VaultOptions, context: ContextOf['secrets']): Secrets {
  const { address, namespace, timeoutMs, kv, transit } = options;
  const addresses = typeof address === 'string' ? [address] : address;
  let session: LiveSession | null = null;
  const client = createVaultClient({ addresses, namespace, timeoutMs }, context, () => {
    session ??= createSession({ login: createLogin(options.login, { context, client }), client, context });
    return session;
  });
  const { clock } = context;
  const aside = kv === false ? null : createKvStore(client, { ...kv, path: `${kv.path}-keys` }, clock);
  return {
    abilities: {
      store: kv !== false,
      keys: transit !== false,
      wrapper: transit !== false,
      compareAndSet: kv !== false,
      versions: kv !== false,
    },
    store: kv === false ? noStore() : createKvStore(client, kv, clock),
    keys: transit === false ? noKeys() : createKeyStore({ client, options: transit, clock, aside }),
    wrapper: transit === false ? noWrapper() : createKeyWrapper(client, transit),
    close: async () => session?.close(),
  };
}
