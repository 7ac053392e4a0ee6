import { constants, createHash, type KeyObject, publicDecrypt } from 'node:crypto';
import { AdapterError, type SignatureAlgorithm } from '@tidelock/core';

const DIGEST_BYTES = 32;
/** Of PS256 (RFC 7518 section 3.5): as long as the digest. */
export const PSS_SALT_BYTES = 32;

/** DER of DigestInfo for SHA-256 up to the digest (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** MGF1 with SHA-256 (RFC 8017 B.2.1), laid over `block`. */
function masked(block: Uint8Array, seed: Uint8Array): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * DIGEST_BYTES < block.length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    blocks.push(sha256(seed, number));
  }
  const mask = Buffer.concat(blocks).subarray(0, block.length);
  for (const [index, byte] of block.entries()) mask[index] = (mask[index] ?? 0) ^ byte;
  mask[0] = (mask[0] ?? 0) & 0x7f;
  return mask;
}

/**
 * EMSA-PSS (RFC 8017 9.1.1) with SHA-256, MGF1-SHA-256 and the salt given (`PSS_SALT_BYTES`), for moduli of whole bytes;
 * `length` in bytes.
 */
export function encodePss(digest: Uint8Array, length: number, salt: Uint8Array): Buffer {
  const hash = sha256(Buffer.alloc(8), digest, salt);
  const block = Buffer.alloc(length - DIGEST_BYTES - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  return Buffer.concat([masked(block, hash), hash, Buffer.from([0xbc])]);
}

/** EMSA-PKCS1-v1_5 (RFC 8017 9.2) with SHA-256. */
export function encodePkcs1(digest: Uint8Array, length: number): Buffer {
  const info = Buffer.concat([DIGEST_INFO, digest]);
  const padding = Buffer.alloc(length - info.length - 3, 0xff);
  return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), info]);
}

/** The salt that a PSS encoding was made with: encoding again with it must give the same bytes. */
function saltOf(encoded: Buffer): Buffer {
  const hash = encoded.subarray(-DIGEST_BYTES - 1, -1);
  return masked(encoded.subarray(0, -DIGEST_BYTES - 1), hash).subarray(-PSS_SALT_BYTES);
}

/** Throws `invalid` for anything but the 32 bytes of a SHA-256: an absent digest would be signed like any other. */
export function requireDigest(digest: Uint8Array, operation: string): void {
  if (digest.length === DIGEST_BYTES) return;
  throw new AdapterError('invalid', `${operation}: the digest has not 32 bytes`, {
    ...{ operation, code: 'BAD_REQUEST', remedy: 'Sign the SHA-256 of the message.' },
  });
}

/**
 * Whether a raw RSA signature over a SHA-256 digest holds, with the salt that the algorithm asks for (PS256: 32 bytes).
 * `crypto.verify` hashes what it is given and has no way around it, so the encoding is compared here.
 */
export function signatureHolds(
  publicKey: KeyObject,
  algorithm: SignatureAlgorithm,
  { digest, signature }: { readonly digest: Uint8Array; readonly signature: Uint8Array },
): boolean {
  const length = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  if (signature.length !== length) return false;
  const encoded = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature);
  const expected =
    algorithm === 'PS256' ? encodePss(digest, length, saltOf(encoded)) : encodePkcs1(digest, length);
  return expected.equals(encoded);
}
