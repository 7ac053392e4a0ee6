import type { KeyVaultKey } from '@azure/keyvault-keys';
import { createFailure } from './errors.ts';

/**
 * The certificate of a key stands in the tags of the key's version, in parts: a tag holds 256 characters, a version 15 tags.
 * So it is there exactly when the key is, and reading it takes no more rights than the key.
 */
const TAG = 'certificate-';
const PART = 256;
const MOST_PARTS = 15;

export function toTags(der: Uint8Array, operation: string): Record<string, string> {
  const text = Buffer.from(der).toString('base64');
  const count = Math.ceil(text.length / PART);
  if (count > MOST_PARTS)
    throw createFailure('TOO_LARGE', {
      ...{ operation, text: `the certificate has ${der.length} bytes, more than a key can carry` },
      remedy: 'Use a certificate of at most 2,880 bytes.',
    });
  const parts = Array.from({ length: count }, (_, at) => text.slice(at * PART, (at + 1) * PART));
  return Object.fromEntries(parts.map((part, at) => [`${TAG}${String(at).padStart(2, '0')}`, part]));
}

/** Null where the key has none (yet). */
export function certificateOf(key: KeyVaultKey): Uint8Array | null {
  const tags = Object.entries(key.properties.tags ?? {}).filter(([name]) => name.startsWith(TAG));
  if (tags.length === 0) return null;
  const text = tags
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, part]) => part)
    .join('');
  return new Uint8Array(Buffer.from(text, 'base64'));
}
