import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import type { NewKeyPair } from '@tidelock/core';
import { createSelfSigned, readKeyPair, requireKeyPairOptions } from '@tidelock/kit/certificate';
import { signDigest } from './signer.ts';

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** A key pair as it is sealed in the file. */
export interface StoredPair {
  /** PKCS#8, DER. */
  readonly privateKey: Uint8Array;
  readonly certificate: Uint8Array;
}

/** A new RSA pair with a self-signed certificate; `now` in milliseconds since the epoch. */
export async function createPair(options: NewKeyPair, now: number): Promise<StoredPair> {
  requireKeyPairOptions(options);
  const generation = {
    ...ALGORITHM,
    modulusLength: options.bits ?? 3072,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(generation, true, ['sign', 'verify']);
  const bytes = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privateKey = createPrivateKey({ key: Buffer.from(bytes.buffer), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const certificate = await createSelfSigned({
    ...{ options, publicKey, now, serial: randomBytes(16) },
    sign: async (digest) => signDigest({ privateKey, publicKey }, 'RS256', digest),
  });
  return { privateKey: bytes, certificate };
}

export function importPair(pem: {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}): StoredPair {
  const { privateKey, certificate } = readKeyPair(pem);
  return { privateKey: new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })), certificate };
}
