import {
  constants,
  createHash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
} from 'node:crypto';
import type { SignatureAlgorithm } from '@tidelock/core';
import { createFailure } from './errors.ts';

const DIGEST_BYTES = 32;
const SALT_BYTES = 32;
const OPERATION = 'secrets.sign';

/** DER of DigestInfo for SHA-256 up to the digest (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** MGF1 with SHA-256 (RFC 8017 B.2.1). */
function mask(seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * DIGEST_BYTES < length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    blocks.push(sha256(seed, number));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** EMSA-PSS (RFC 8017 9.1.1) with SHA-256, MGF1-SHA-256 and a salt of 32 bytes, for moduli of whole bytes. */
function encodePss(digest: Uint8Array, length: number): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const hash = sha256(Buffer.alloc(8), digest, salt);
  const block = Buffer.alloc(length - DIGEST_BYTES - 1);
  block[block.length - SALT_BYTES - 1] = 1;
  salt.copy(block, block.length - SALT_BYTES);
  const masked = mask(hash, block.length);
  for (let index = 0; index < block.length; index += 1)
    masked[index] = (masked[index] ?? 0) ^ (block[index] ?? 0);
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, hash, Buffer.from([0xbc])]);
}

/** EMSA-PKCS1-v1_5 (RFC 8017 9.2). */
function encodePkcs1(digest: Uint8Array, length: number): Buffer {
  const info = Buffer.concat([DIGEST_INFO, digest]);
  const padding = Buffer.alloc(length - info.length - 3, 0xff);
  return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), info]);
}

/**
 * Signs a digest that exists already. `crypto.sign` hashes what it is given, and has no way around it for RSA, so the
 * encoding of RFC 8017 is done here and the raw RSA operation by OpenSSL, which blinds it. The result is checked with
 * the public key before it leaves: a faulty signature can betray the private key.
 */
export function signDigest(
  pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
): Uint8Array {
  const bits = pair.privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (digest.length !== DIGEST_BYTES || bits < 2048 || bits % 8 !== 0) {
    const text =
      digest.length === DIGEST_BYTES
        ? 'the key is no RSA key of 2048 bits or more'
        : 'the digest has not 32 bytes';
    throw createFailure('BAD_REQUEST', {
      operation: OPERATION,
      text,
      remedy: 'Sign the SHA-256 of the message.',
    });
  }
  const encoded = algorithm === 'PS256' ? encodePss(digest, bits / 8) : encodePkcs1(digest, bits / 8);
  const padding = constants.RSA_NO_PADDING;
  const signature = privateEncrypt({ key: pair.privateKey, padding }, encoded);
  if (!publicDecrypt({ key: pair.publicKey, padding }, signature).equals(encoded)) {
    throw createFailure('CORRUPT', {
      operation: OPERATION,
      text: 'the signature does not verify',
      remedy: 'Check the machine.',
    });
  }
  return new Uint8Array(signature);
}
