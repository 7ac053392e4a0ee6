import type { KeyVaultSecret } from '@azure/keyvault-secrets';
import { type Clock, isAdapterError, type SecretStore, type SecretValue } from '@tidelock/core';
import { requireSecretSize } from '@tidelock/kit';
import type { VaultClients } from './client.ts';
import { createFailure, refusalOf } from './errors.ts';
import type { Names } from './keys-names.ts';
import { fromStored, toStored } from './store-value.ts';

/** Between two looks at a deletion or recovery that is under way, and how often. */
const LOOK_MS = 1000;
const LOOKS = 30;

type Step = () => Promise<unknown>;

export interface SoftDelete {
  /** Waits until `look` stops saying "not found". */
  settle(look: Step, operation: string): Promise<void>;
  /** Removes for good where the vault allows it; under purge protection it stays recoverable. */
  purge(act: Step, operation: string): Promise<void>;
}

export function createSoftDelete(clients: VaultClients, clock: Clock): SoftDelete {
  return {
    async settle(look, operation) {
      for (let looks = 1; ; looks += 1) {
        try {
          await clients.read(operation, look);
          return;
        } catch (error) {
          if (!isAdapterError(error) || error.kind !== 'not_found') throw error;
          if (looks < LOOKS) {
            await clock.sleep(LOOK_MS);
            continue;
          }
          throw createFailure('UNAVAILABLE', {
            ...{ operation, text: 'the vault is still deleting or recovering' },
            remedy: 'Try again in a minute.',
          });
        }
      }
    },
    async purge(act, operation) {
      try {
        await clients.write(operation, act);
      } catch (error) {
        if (!isAdapterError(error) || (error.kind !== 'forbidden' && error.kind !== 'not_found')) throw error;
      }
    },
  };
}

function unsupported(): Error {
  return createFailure('UNSUPPORTED', {
    ...{ operation: 'secrets.put', text: 'the vault has no compare-and-set' },
    remedy: 'Use another secret store where several processes write the same name.',
  });
}

interface StoreParts {
  readonly clients: VaultClients;
  readonly clock: Clock;
}

/** A name whose removal could not be made final: it comes back without what it held. */
async function recover({ clients, clock }: StoreParts, key: string): Promise<void> {
  const operation = 'secrets.put';
  const { secrets } = clients;
  const soft = createSoftDelete(clients, clock);
  await clients.write(operation, () => secrets.beginRecoverDeletedSecret(key).then(() => undefined));
  const versions = () => secrets.listPropertiesOfSecretVersions(key);
  await soft.settle(() => versions().next(), operation);
  for await (const { version, enabled } of versions()) {
    if (version === undefined || enabled === false) continue;
    await clients.write(operation, () => secrets.updateSecretProperties(key, version, { enabled: false }));
  }
}

async function listNames(clients: VaultClients, names: Names, prefix: string): Promise<readonly string[]> {
  const found = await clients.read('secrets.list', async () => {
    const all: string[] = [];
    for await (const { name, enabled, managed } of clients.secrets.listPropertiesOfSecrets())
      if (enabled !== false && managed !== true) all.push(name);
    return all;
  });
  const ours = found.flatMap((name) => names.fromVault(name) ?? []);
  return ours.filter((name) => name.startsWith(prefix)).sort();
}

/** Secrets of a vault below a prefix. */
export function createVaultStore(clients: VaultClients, names: Names, clock: Clock): SecretStore {
  const { secrets } = clients;
  const soft = createSoftDelete(clients, clock);

  async function read(name: string, version: string | undefined): Promise<KeyVaultSecret | null> {
    const operation = 'secrets.get';
    const options = version === undefined ? {} : { version };
    try {
      return await clients.read(operation, () =>
        secrets.getSecret(names.toVault(name, operation), options).catch((error: unknown) => {
          // What was there before a removal and a recovery is switched off: it is as good as gone.
          if (refusalOf(error)?.inner === 'SecretDisabled') return null;
          throw error;
        }),
      );
    } catch (error) {
      if (isAdapterError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }

  return {
    async get(name, version): Promise<SecretValue | null> {
      names.toVault(name, 'secrets.get');
      if (version !== undefined && !/^[0-9a-f]{32}$/.test(version)) return null;
      const found = await read(name, version);
      const id = found?.properties.version;
      if (!found || found.value === undefined || id === undefined) return null;
      const { contentType } = found.properties;
      return { name, value: fromStored({ value: found.value, contentType }), version: id };
    },
    async put(name, value, { expected } = {}) {
      const operation = 'secrets.put';
      const key = names.toVault(name, operation);
      requireSecretSize(name, value, operation);
      if (expected !== undefined) throw unsupported();
      const { value: text, contentType } = toStored(value, operation);
      const set = () => secrets.setSecret(key, text, { contentType });
      const made = await clients.write(operation, async () => {
        try {
          return await set();
        } catch (error) {
          if (refusalOf(error)?.inner !== 'ObjectIsDeletedButRecoverable') throw error;
          await recover({ clients, clock }, key);
          return set();
        }
      });
      const { version } = made.properties;
      if (version !== undefined) return version;
      throw createFailure('PROTOCOL', { operation, text: 'the answer names no version' });
    },
    async remove(name) {
      const operation = 'secrets.remove';
      const key = names.toVault(name, operation);
      try {
        await clients.write(operation, () => secrets.beginDeleteSecret(key).then(() => undefined));
      } catch (error) {
        if (isAdapterError(error) && error.kind === 'not_found') return;
        throw error;
      }
      await soft.settle(() => secrets.getDeletedSecret(key), operation);
      await soft.purge(() => secrets.purgeDeletedSecret(key), operation);
    },
    list: (prefix = '') => listNames(clients, names, prefix),
  };
}
