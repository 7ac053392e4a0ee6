import { X509Certificate } from 'node:crypto';
import { CryptographyClient } from '@azure/keyvault-keys';
import type { SignatureAlgorithm, Signer } from '@tidelock/core';
import { requireDigest, signatureHolds } from '@tidelock/kit';
import { toCertificate } from '@tidelock/kit/certificate';
import type { VaultClients } from './client.ts';
import { createFailure } from './errors.ts';

/** Signs with one version of a key, named in full. The SDK sends the digest; the key stays where it is. */
export function createRemoteSign(clients: VaultClients, keyId: string) {
  const cryptography = new CryptographyClient(keyId, clients.credential, clients.options);
  return async (algorithm: SignatureAlgorithm, digest: Uint8Array): Promise<Uint8Array> => {
    const operation = 'keys.sign';
    const { result } = await clients.read(operation, () => cryptography.sign(algorithm, digest));
    return new Uint8Array(result);
  };
}

/** Each signature is checked with the certificate before it leaves: a wrong version would else be refused elsewhere. */
export function createVaultSigner(
  clients: VaultClients,
  name: string,
  pinned: { readonly keyId: string; readonly der: Uint8Array },
): Signer {
  const certificate = toCertificate(name, pinned.der);
  const { publicKey } = new X509Certificate(pinned.der);
  const sign = createRemoteSign(clients, pinned.keyId);
  return {
    certificate: async () => certificate,
    async sign(algorithm, digest) {
      const operation = 'keys.sign';
      requireDigest(digest, operation);
      const signature = await sign(algorithm, digest);
      if (signatureHolds(publicKey, algorithm, { digest, signature })) return signature;
      throw createFailure('PROTOCOL', {
        ...{ operation, text: `the signature of "${name}" does not verify with its certificate` },
        remedy: 'Check that the certificate in the tags of the key is the one made for it.',
      });
    },
  };
}
