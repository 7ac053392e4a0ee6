import { constants, type KeyObject, privateEncrypt, randomBytes } from 'node:crypto';
import type { SignatureAlgorithm } from '@tidelock/core';
import { encodePkcs1, encodePss, PSS_SALT_BYTES, requireDigest, signatureHolds } from '@tidelock/kit';
import { createFailure } from './errors.ts';

const OPERATION = 'secrets.sign';

/**
 * Signs a digest that exists already. `crypto.sign` hashes what it is given, and has no way around it for RSA, so the
 * encoding of RFC 8017 is done apart and the raw RSA operation by OpenSSL, which blinds it. The result is checked with
 * the public key before it leaves: a faulty signature can betray the private key.
 */
export function signDigest(
  pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
): Uint8Array {
  requireDigest(digest, OPERATION);
  const bits = pair.privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < 2048 || bits % 8 !== 0) {
    const text = 'the key is no RSA key of 2048 bits or more';
    throw createFailure('BAD_REQUEST', { operation: OPERATION, text, remedy: 'Make a new key pair.' });
  }
  const encoded =
    algorithm === 'PS256'
      ? encodePss(digest, bits / 8, randomBytes(PSS_SALT_BYTES))
      : encodePkcs1(digest, bits / 8);
  const padding = constants.RSA_NO_PADDING;
  const signature = new Uint8Array(privateEncrypt({ key: pair.privateKey, padding }, encoded));
  if (signatureHolds(pair.publicKey, algorithm, { digest, signature })) return signature;
  const text = 'the signature does not verify';
  throw createFailure('CORRUPT', { operation: OPERATION, text, remedy: 'Check the machine.' });
}
