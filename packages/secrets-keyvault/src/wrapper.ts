import { createHash, timingSafeEqual } from 'node:crypto';
import { CryptographyClient, type KeyVaultKey } from '@azure/keyvault-keys';
import { isAdapterError, type KeyWrapper } from '@tidelock/core';
import type { VaultClients } from './client.ts';
import { createFailure } from './errors.ts';

/**
 * `format (1) | version of the wrapping key (16) | RSA-OAEP-256 of: data key, SHA-256 of what comes before and the context`.
 * OAEP has no associated data in this service, so the context travels inside as its hash.
 */
const FORMAT = 1;
const VERSION = 16;
const HEAD = 1 + VERSION;
const HASH = 32;
const ALGORITHM = 'RSA-OAEP-256';
/** The longest data key that fits beside the hash with the smallest key that is used (3072 bits). */
const MOST_BYTES = 3072 / 8 - 66 - HASH;

interface WrapPlace {
  readonly vaultUrl: string;
  readonly wrapKey: string;
}

const bindingOf = (head: Uint8Array, context: string): Buffer =>
  createHash('sha256').update(head).update(context, 'utf8').digest();

function refused(operation: string): Error {
  return createFailure('BAD_REQUEST', {
    ...{ operation, text: 'the bytes were changed, or belong to another context or key' },
    remedy: 'Check that the record and the vault belong together (restored from the same backup).',
  });
}

/** Clients by version of the wrapping key. */
function createCryptography(
  clients: VaultClients,
  { vaultUrl, wrapKey }: WrapPlace,
): (version: string) => CryptographyClient {
  const known = new Map<string, CryptographyClient>();
  return (version) => {
    const id = new URL(`/keys/${wrapKey}/${version}`, vaultUrl).href;
    const found = known.get(id) ?? new CryptographyClient(id, clients.credential, clients.options);
    known.set(id, found);
    return found;
  };
}

export function createKeyWrapper(clients: VaultClients, options: WrapPlace): KeyWrapper {
  const { wrapKey } = options;
  const client = createCryptography(clients, options);

  const make = (operation: string): Promise<KeyVaultKey> =>
    clients.write(operation, () =>
      clients.keys.createRsaKey(wrapKey, { keySize: 3072, keyOps: ['wrapKey', 'unwrapKey'] }),
    );

  async function newest(operation: string): Promise<string> {
    const found = await clients
      .read(operation, () => clients.keys.getKey(wrapKey))
      .catch((error: unknown) => {
        if (isAdapterError(error) && error.kind === 'not_found') return make(operation);
        throw error;
      });
    const { version } = found.properties;
    if (version !== undefined) return version;
    throw createFailure('PROTOCOL', { operation, text: 'the answer names no version of the key' });
  }

  async function wrap(dataKey: Uint8Array, context: string, operation: string): Promise<Uint8Array> {
    if (dataKey.length > MOST_BYTES) {
      const text = `a data key has at most ${MOST_BYTES} bytes`;
      throw createFailure('BAD_REQUEST', { operation, text });
    }
    const version = await newest(operation);
    const head = Buffer.concat([Buffer.from([FORMAT]), Buffer.from(version, 'hex')]);
    const inside = Buffer.concat([dataKey, bindingOf(head, context)]);
    const { result } = await clients.read(operation, () => client(version).wrapKey(ALGORITHM, inside));
    inside.fill(0);
    return new Uint8Array(Buffer.concat([head, result]));
  }

  async function unwrap(wrapped: Uint8Array, context: string, operation: string): Promise<Uint8Array> {
    if (wrapped.length <= HEAD || wrapped[0] !== FORMAT) throw refused(operation);
    const head = wrapped.subarray(0, HEAD);
    const { result } = await clients
      .read(operation, () => client(versionOf(wrapped)).unwrapKey(ALGORITHM, wrapped.slice(HEAD)))
      .catch((error: unknown) => {
        const gone = isAdapterError(error) && (error.kind === 'invalid' || error.kind === 'not_found');
        throw gone ? refused(operation) : error;
      });
    const dataKey = new Uint8Array(result.subarray(0, Math.max(0, result.length - HASH)));
    const binding = result.subarray(dataKey.length);
    if (binding.length !== HASH || !timingSafeEqual(binding, bindingOf(head, context)))
      throw refused(operation);
    return dataKey;
  }

  return {
    wrap: (dataKey, context) => wrap(dataKey, context, 'wrapper.wrap'),
    unwrap: (wrapped, context) => unwrap(wrapped, context, 'wrapper.unwrap'),
    async rewrap(wrapped, context) {
      const operation = 'wrapper.rewrap';
      const dataKey = await unwrap(wrapped, context, operation);
      if (versionOf(wrapped) === (await newest(operation))) return wrapped;
      const fresh = await wrap(dataKey, context, operation);
      dataKey.fill(0);
      return fresh;
    },
    async rotate() {
      await make('wrapper.rotate');
    },
  };
}

const versionOf = (wrapped: Uint8Array): string => Buffer.from(wrapped.subarray(1, HEAD)).toString('hex');
