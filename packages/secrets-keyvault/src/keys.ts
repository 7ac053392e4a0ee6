import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import type { JsonWebKey, KeyVaultKey } from '@azure/keyvault-keys';
import { type Certificate, type Clock, isAdapterError, type KeyStore } from '@tidelock/core';
import {
  createSelfSigned,
  readKeyPair,
  requireKeyPairOptions,
  toCertificate,
} from '@tidelock/kit/certificate';
import { certificateOf, toTags } from './certificate.ts';
import type { VaultClients } from './client.ts';
import { createFailure } from './errors.ts';
import type { Names } from './keys-names.ts';
import { createRemoteSign, createVaultSigner } from './signer.ts';
import { createSoftDelete } from './store-secrets.ts';

const SIGNING = ['sign', 'verify'];
/** A key without a certificate that is older than this was left behind by somebody who died between the two. */
const UNFINISHED_MS = 60_000;

function conflict(operation: string, name: string): Error {
  const remedy = 'Choose another name; key pairs are replaced by new ones, never overwritten.';
  return createFailure('CONFLICT', { operation, text: `a key pair "${name}" exists already`, remedy });
}

function idOf(key: KeyVaultKey, operation: string): { readonly id: string; readonly version: string } {
  const { version } = key.properties;
  if (key.id !== undefined && version !== undefined) return { id: key.id, version };
  throw createFailure('PROTOCOL', { operation, text: 'the answer names no version of the key' });
}

const MEMBERS = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

function toJwk(privateKey: KeyObject): JsonWebKey {
  const jwk = privateKey.export({ format: 'jwk' });
  const members = MEMBERS.map(
    (name) => [name, new Uint8Array(Buffer.from(String(jwk[name]), 'base64url'))] as const,
  );
  return { kty: 'RSA', keyOps: SIGNING, ...Object.fromEntries(members) };
}

function publicKeyOf({ key }: KeyVaultKey, operation: string): KeyObject {
  if (key?.n === undefined || key.e === undefined)
    throw createFailure('PROTOCOL', { operation, text: 'the answer holds no public key' });
  const jwk = {
    kty: 'RSA',
    n: Buffer.from(key.n).toString('base64url'),
    e: Buffer.from(key.e).toString('base64url'),
  };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** Keys of a vault below a prefix, found by our names. */
function createShelf(clients: VaultClients, names: Names) {
  return {
    async find(name: string, operation: string): Promise<KeyVaultKey | null> {
      try {
        return await clients.read(operation, () => clients.keys.getKey(names.toVault(name, operation)));
      } catch (error) {
        if (isAdapterError(error) && error.kind === 'not_found') return null;
        throw error;
      }
    },
    async names(operation: string): Promise<readonly string[]> {
      const found = await clients.read(operation, async () => {
        const all: string[] = [];
        for await (const { name } of clients.keys.listPropertiesOfKeys()) all.push(name);
        return all;
      });
      return found.flatMap((name) => names.fromVault(name) ?? []).sort();
    },
  };
}

export interface KeyParts {
  readonly clients: VaultClients;
  readonly names: Names;
  readonly clock: Clock;
}

async function makeKey(
  { clients, names, clock }: KeyParts,
  name: string,
  bits: number,
): Promise<KeyVaultKey> {
  const operation = 'keys.create';
  const found = await createShelf(clients, names).find(name, operation);
  const age = clock.now() - (found?.properties.createdOn?.getTime() ?? 0);
  if (found !== null && (certificateOf(found) !== null || age < UNFINISHED_MS))
    throw conflict(operation, name);
  if (found !== null) return found;
  const key = names.toVault(name, operation);
  return clients.write(operation, () =>
    clients.keys.createRsaKey(key, { keySize: bits, keyOps: SIGNING, exportable: false }),
  );
}

/** Key pairs whose private halves stay in the vault. */
export function createKeyStore(parts: KeyParts): KeyStore {
  const { clients, names, clock } = parts;
  const shelf = createShelf(clients, names);
  const soft = createSoftDelete(clients, clock);

  async function finish(name: string, der: Uint8Array, operation: string): Promise<Certificate> {
    const kept = await shelf.find(name, operation);
    const there = kept && certificateOf(kept);
    // Making a key is never exclusive here, it adds a version: of two who came at once, the last one has the name.
    if (!there || !Buffer.from(there).equals(der)) throw conflict(operation, name);
    return toCertificate(name, der);
  }

  return {
    async signer(name) {
      const operation = 'keys.signer';
      const found = await shelf.find(name, operation);
      const der = found && certificateOf(found);
      if (found && der) return createVaultSigner(clients, name, { keyId: idOf(found, operation).id, der });
      const remedy = 'Create or import the key pair, or correct the name.';
      throw createFailure('NOT_FOUND', { operation, text: `there is no key pair "${name}"`, remedy });
    },
    async create(name, pair) {
      const operation = 'keys.create';
      requireKeyPairOptions(pair);
      const made = await makeKey(parts, name, pair.bits ?? 3072);
      const { id, version } = idOf(made, operation);
      const sign = createRemoteSign(clients, id);
      const der = await createSelfSigned({
        ...{ options: pair, publicKey: publicKeyOf(made, operation), now: clock.now() },
        serial: randomBytes(16),
        sign: (digest) => sign('RS256', digest),
      });
      const key = names.toVault(name, operation);
      const tags = toTags(der, operation);
      await clients.write(operation, () => clients.keys.updateKeyProperties(key, version, { tags }));
      return finish(name, der, operation);
    },
    async import(name, pem) {
      const operation = 'keys.import';
      const { privateKey, certificate } = readKeyPair(pem);
      const tags = toTags(certificate, operation);
      const key = names.toVault(name, operation);
      if ((await shelf.find(name, operation)) !== null) throw conflict(operation, name);
      await clients.write(operation, () => clients.keys.importKey(key, toJwk(privateKey), { tags }));
      return finish(name, certificate, operation);
    },
    async list() {
      const operation = 'keys.list';
      const found = await Promise.all(
        (await shelf.names(operation)).map(async (name) => {
          const key = await shelf.find(name, operation);
          const der = key && certificateOf(key);
          return der ? [toCertificate(name, der)] : [];
        }),
      );
      return found.flat();
    },
    async remove(name) {
      const operation = 'keys.remove';
      if ((await shelf.find(name, operation)) === null) return;
      const key = names.toVault(name, operation);
      await clients.write(operation, () => clients.keys.beginDeleteKey(key).then(() => undefined));
      await soft.settle(() => clients.keys.getDeletedKey(key), operation);
      await soft.purge(() => clients.keys.purgeDeletedKey(key), operation);
    },
  };
}
