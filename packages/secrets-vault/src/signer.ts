import { X509Certificate } from 'node:crypto';
import type { Signer } from '@tidelock/core';
import { requireDigest, signatureHolds } from '@tidelock/kit';
import { toCertificate } from '@tidelock/kit/certificate';
import type { Certified } from './certificate.ts';
import { createFailure } from './errors.ts';
import type { TransitKeys } from './keys-transit.ts';

/**
 * Signs with one version of a key, pinned, whose private half never comes here. Each signature is checked with the
 * certificate before it leaves: a wrong version or salt would else show up as an obscure refusal elsewhere.
 */
export function createVaultSigner(keys: TransitKeys, name: string, pinned: Certified): Signer {
  const certificate = toCertificate(name, pinned.der);
  const { publicKey } = new X509Certificate(pinned.der);
  return {
    certificate: async () => certificate,
    async sign(algorithm, digest) {
      const operation = 'secrets.sign';
      requireDigest(digest, operation);
      const pss = algorithm === 'PS256';
      const signature = await keys.sign({ name, version: pinned.version, pss }, digest);
      if (signatureHolds(publicKey, algorithm, { digest, signature })) return signature;
      throw createFailure('PROTOCOL', {
        operation,
        text: `the signature of "${name}" does not verify with its certificate`,
        remedy: 'Check that the certificate set on the key is the one made for it.',
      });
    },
  };
}
