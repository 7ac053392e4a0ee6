import { requireSecretName } from '@tidelock/kit';
import type { VaultClient } from './client.ts';
import type { TransitOptions } from './config.ts';
import { createFailure } from './errors.ts';
import { parseAnswer, parseVersioned, SignatureSchema, type TransitKey, TransitKeySchema } from './wire.ts';

/** Key pairs of the transit engine under our names. */
export interface TransitKeys {
  readonly mount: string;
  nameOf(key: string): string | null;
  pathOf(name: string, operation: string): string;
  read(name: string, operation: string): Promise<TransitKey | null>;
  /** A raw RSA signature made with this very version. */
  sign(
    by: { readonly name: string; readonly version: number; readonly pss: boolean },
    digest: Uint8Array,
  ): Promise<Uint8Array>;
}

export function createTransitKeys(client: VaultClient, { mount, keyPrefix }: TransitOptions): TransitKeys {
  const head = `${keyPrefix}--`;
  const keyOf = (name: string, operation: string): string => {
    requireSecretName(name, operation, head.length);
    return head + name.replaceAll('/', '--');
  };
  return {
    mount,
    nameOf: (key) => (key.startsWith(head) ? key.slice(head.length).replaceAll('--', '/') : null),
    pathOf: (name, operation) => `${mount}/keys/${keyOf(name, operation)}`,
    async read(name, operation) {
      const path = `${mount}/keys/${keyOf(name, operation)}`;
      const { body } = await client.call({ operation, method: 'GET', path });
      return body === null ? null : parseAnswer(TransitKeySchema, body, operation).data;
    },
    async sign({ name, version, pss }, digest) {
      const operation = 'secrets.sign';
      const body = {
        input: Buffer.from(digest).toString('base64'),
        prehashed: true,
        // The default salt is as long as fits, which no JWT library accepts (RFC 7518: as long as the digest).
        ...(pss ? { signature_algorithm: 'pss', salt_length: 'hash' } : { signature_algorithm: 'pkcs1v15' }),
        key_version: version,
      };
      const path = `${mount}/sign/${keyOf(name, operation)}/sha2-256`;
      const answer = await client.call({ operation, method: 'POST', path, body });
      const { signature } = parseAnswer(SignatureSchema, answer.body, operation).data;
      const made = parseVersioned(signature, operation);
      if (made.version === version) return made.bytes;
      throw createFailure('PROTOCOL', {
        operation,
        text: `the signature is of key version ${made.version}, not ${version}`,
        remedy: 'Check what stands between this process and the secret store.',
      });
    },
  };
}
