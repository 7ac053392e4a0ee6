import { createHash, randomBytes } from 'node:crypto';

/** DER of DigestInfo for SHA-256 up to the digest (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const HASH = 32;

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** EMSA-PKCS1-v1_5 (RFC 8017 9.2). */
export function pkcs1Block(digest: Uint8Array, length: number): Buffer {
  const info = Buffer.concat([DIGEST_INFO, digest]);
  return Buffer.concat([
    Buffer.from([0, 1]),
    Buffer.alloc(length - info.length - 3, 0xff),
    Buffer.from([0]),
    info,
  ]);
}

/** EMSA-PSS (RFC 8017 9.1.1), SHA-256, salt of 32 bytes: what PS256 asks for. */
export function pssBlock(digest: Uint8Array, length: number): Buffer {
  const salt = randomBytes(HASH);
  const hash = sha256(Buffer.alloc(8), digest, salt);
  const block = Buffer.concat([Buffer.alloc(length - 2 * HASH - 2), Buffer.from([1]), salt]);
  const count = Math.ceil(block.length / HASH);
  const mask = Buffer.concat(
    Array.from({ length: count }, (_, at) => sha256(hash, Buffer.from([0, 0, at >> 8, at & 255]))),
  );
  const masked = block.map((byte, at) => byte ^ (mask[at] ?? 0));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, hash, Buffer.from([0xbc])]);
}
