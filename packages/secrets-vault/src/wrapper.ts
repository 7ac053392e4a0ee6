import type { KeyWrapper } from '@tidelock/core';
import type { VaultClient } from './client.ts';
import type { TransitOptions } from './config.ts';
import { createFailure } from './errors.ts';
import { CiphertextSchema, PlaintextSchema, parseAnswer, parseVersioned } from './wire.ts';

/**
 * `format (1) | version of the wrapping key (4) | ciphertext of the service`: bytes instead of its text, in which a changed
 * character can decode to the same bytes.
 */
const FORMAT = 1;
const HEAD = 5;

function pack(ciphertext: string, operation: string): Uint8Array {
  const { version, bytes } = parseVersioned(ciphertext, operation);
  const packed = new Uint8Array(HEAD + bytes.length);
  packed[0] = FORMAT;
  new DataView(packed.buffer).setUint32(1, version);
  packed.set(bytes, HEAD);
  return packed;
}

function refused(operation: string): Error {
  return createFailure('BAD_REQUEST', {
    operation,
    text: 'the bytes were changed, or belong to another context or key',
    remedy: 'Check that the record and the secret store belong together (restored from the same backup).',
  });
}

const versionOf = (wrapped: Uint8Array): number =>
  new DataView(wrapped.buffer, wrapped.byteOffset).getUint32(1);

/** The service's own text of a ciphertext. */
function unpack(wrapped: Uint8Array, operation: string): string {
  if (wrapped.length <= HEAD || wrapped[0] !== FORMAT) throw refused(operation);
  const version = versionOf(wrapped);
  if (version < 1) throw refused(operation);
  return `vault:v${version}:${Buffer.from(wrapped.subarray(HEAD)).toString('base64')}`;
}

/** Wraps by a key of the transit engine that never leaves it; the context is authenticated as associated data. */
export function createKeyWrapper(client: VaultClient, { mount, wrapKey }: TransitOptions): KeyWrapper {
  const bound = (context: string): { associated_data?: string } =>
    context === '' ? {} : { associated_data: Buffer.from(context, 'utf8').toString('base64') };
  const post = (operation: string, act: string, body: Readonly<Record<string, unknown>>) =>
    client.call({ operation, method: 'POST', path: `${mount}/${act}/${wrapKey}`, body });
  /** Of a request that is right in form, 400 says that the ciphertext is not. */
  const open = async (operation: string, act: string, body: Readonly<Record<string, unknown>>) =>
    post(operation, act, body).catch((error: unknown) => {
      const status = error instanceof Error && 'status' in error ? error.status : undefined;
      throw status === 400 ? refused(operation) : error;
    });

  async function wrap(dataKey: Uint8Array, context: string, operation: string): Promise<Uint8Array> {
    const plaintext = Buffer.from(dataKey).toString('base64');
    const { body } = await post(operation, 'encrypt', { plaintext, ...bound(context) });
    return pack(parseAnswer(CiphertextSchema, body, operation).data.ciphertext, operation);
  }

  async function unwrap(wrapped: Uint8Array, context: string, operation: string): Promise<Uint8Array> {
    const ciphertext = unpack(wrapped, operation);
    const { body } = await open(operation, 'decrypt', { ciphertext, ...bound(context) });
    const { plaintext } = parseAnswer(PlaintextSchema, body, operation).data;
    return new Uint8Array(Buffer.from(plaintext, 'base64'));
  }

  return {
    wrap: (dataKey, context) => wrap(dataKey, context, 'wrapper.wrap'),
    unwrap: (wrapped, context) => unwrap(wrapped, context, 'wrapper.unwrap'),
    // The service's own rewrap takes no associated data (OpenBao 2.7 answers that the authentication failed).
    async rewrap(wrapped, context) {
      const dataKey = await unwrap(wrapped, context, 'wrapper.rewrap');
      const fresh = await wrap(dataKey, context, 'wrapper.rewrap');
      dataKey.fill(0);
      return versionOf(fresh) === versionOf(wrapped) ? wrapped : fresh;
    },
    async rotate() {
      const path = `${mount}/keys/${wrapKey}/rotate`;
      await client.call({ operation: 'wrapper.rotate', method: 'POST', path, body: {} });
    },
  };
}
