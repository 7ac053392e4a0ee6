import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyStore } from '@tidelock/core';
import {
  createSelfSigned,
  readKeyPair,
  requireKeyPairOptions,
  toCertificate,
} from '@tidelock/kit/certificate';
import type { VaultClient } from './client.ts';
import { createFailure } from './errors.ts';
import { importBody } from './keys-import.ts';
import { createKeyShelf, type KeyParts, type KeyShelf, newestOf } from './keys-shelf.ts';
import { createVaultSigner } from './signer.ts';
import { KeysSchema, parseAnswer, type TransitKey } from './wire.ts';

async function makeKey(
  client: VaultClient,
  { keys }: KeyShelf,
  of: { name: string; bits: number },
): Promise<TransitKey> {
  const operation = 'keys.create';
  // Not exportable is the default; a policy can forbid the very word.
  const body = { type: `rsa-${of.bits}` };
  await client.call({ operation, method: 'POST', path: keys.pathOf(of.name, operation), body });
  const made = await keys.read(of.name, operation);
  if (made !== null) return made;
  throw createFailure('PROTOCOL', { operation, text: 'the new key cannot be read back' });
}

/** Key pairs of the transit engine. */
export function createKeyStore(parts: KeyParts): KeyStore {
  const { client, clock } = parts;
  const shelf = createKeyShelf(parts);
  const { keys, certified } = shelf;
  return {
    async signer(name) {
      const operation = 'keys.signer';
      const pinned = await certified(name, operation);
      if (pinned !== null) return createVaultSigner(keys, name, pinned);
      const remedy = 'Create or import the key pair, or correct the name.';
      throw createFailure('NOT_FOUND', { operation, text: `there is no key pair "${name}"`, remedy });
    },
    async create(name, pair) {
      const operation = 'keys.create';
      requireKeyPairOptions(pair);
      const found =
        (await shelf.requireFree(name, operation)) ??
        (await makeKey(client, shelf, { name, bits: pair.bits ?? 3072 }));
      const { version, publicKey } = newestOf(found);
      const der = await createSelfSigned({
        ...{ options: pair, publicKey: createPublicKey(publicKey), now: clock.now() },
        serial: randomBytes(16),
        sign: (digest) => keys.sign({ name, version, pss: false }, digest),
      });
      return shelf.finish(name, { version, der }, operation);
    },
    async import(name, pem) {
      const operation = 'keys.import';
      const pair = readKeyPair(pem);
      if ((await shelf.requireFree(name, operation)) !== null) await shelf.remove(name, operation);
      const body = await importBody(client, pair.privateKey, keys.mount);
      const path = `${keys.pathOf(name, operation)}/import`;
      await client.call({ operation, method: 'POST', path, body });
      return shelf.finish(name, { version: 1, der: pair.certificate }, operation);
    },
    async list() {
      const operation = 'keys.list';
      const call = { operation, method: 'GET', path: `${keys.mount}/keys` } as const;
      const { body } = await client.call({ ...call, query: { list: 'true' } });
      if (body === null) return [];
      const all = parseAnswer(KeysSchema, body, operation).data.keys;
      const names = all.flatMap((key) => keys.nameOf(key) ?? []).sort();
      const found = await Promise.all(
        names.map(async (name) => {
          const pinned = await certified(name, operation);
          return pinned === null ? [] : [toCertificate(name, pinned.der)];
        }),
      );
      return found.flat();
    },
    remove: (name) => shelf.remove(name, 'keys.remove'),
  };
}
