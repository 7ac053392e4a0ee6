import { constants, createCipheriv, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto';
import type { VaultClient } from './client.ts';
import { createFailure } from './errors.ts';
import { parseAnswer, WrappingKeySchema } from './wire.ts';

const OPERATION = 'keys.import';
/** Initial value of AES key wrap with padding (RFC 5649 section 3). */
const WRAP_IV = Buffer.from('a65959a6', 'hex');

/**
 * A private key as the service takes it in (transit, bring your own key): the key under a fresh AES-256 key (RFC 5649),
 * that one under the service's own RSA key (OAEP, SHA-256); base64 of both.
 */
function wrapForImport(privateKey: KeyObject, wrappingKeyPem: string): string {
  const ephemeral = randomBytes(32);
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  try {
    const cipher = createCipheriv('id-aes256-wrap-pad', ephemeral, WRAP_IV);
    const wrapped = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const head = publicEncrypt({ key: wrappingKeyPem, padding, oaepHash: 'sha256' }, ephemeral);
    return Buffer.concat([head, wrapped]).toString('base64');
  } finally {
    ephemeral.fill(0);
    pkcs8.fill(0);
  }
}

/** The body of an import request. The key cannot be read out again. */
export async function importBody(
  client: VaultClient,
  privateKey: KeyObject,
  mount: string,
): Promise<Readonly<Record<string, unknown>>> {
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (![2048, 3072, 4096].includes(bits))
    throw createFailure('BAD_REQUEST', {
      ...{ operation: OPERATION, text: `the secret store keeps no RSA key of ${bits} bits` },
      remedy: 'Use a key of 2048, 3072 or 4096 bits.',
    });
  const path = `${mount}/wrapping_key`;
  const { body } = await client.call({ operation: OPERATION, method: 'GET', path });
  const { public_key } = parseAnswer(WrappingKeySchema, body, OPERATION).data;
  return {
    ...{ type: `rsa-${bits}`, hash_function: 'SHA256', allow_rotation: false },
    ciphertext: wrapForImport(privateKey, public_key),
  };
}
