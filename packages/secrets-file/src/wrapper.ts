import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { KeyWrapper } from '@tidelock/core';
import { createFailure } from './errors.ts';
import type { DocumentFile, SecretsDocument } from './store-document.ts';

/** `format (1) | id of the wrapping key (4) | nonce (12) | ciphertext | tag (16)`; the first five bytes and the context are authenticated. */
const FORMAT = 1;
const HEAD = 5;
const NONCE = 12;
const TAG = 16;
const CIPHER = 'aes-256-gcm';

type Entry = SecretsDocument['wrapping'][number];

function toKey(entry: Entry): KeyObject {
  const bytes = Buffer.from(entry.key, 'base64');
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function aadOf(head: Uint8Array, context: string): Buffer {
  return Buffer.concat([head, Buffer.from(context, 'utf8')]);
}

function refused(): Error {
  const remedy =
    'Check that the record and the secrets file belong together (restored from the same backup).';
  const text = 'the bytes were changed, or belong to another context or key';
  return createFailure('BAD_REQUEST', { operation: 'wrapper.unwrap', text, remedy });
}

const idOf = (wrapped: Uint8Array): string => Buffer.from(wrapped.subarray(1, HEAD)).toString('hex');

const createEntry = (): Entry => ({
  id: randomBytes(4).toString('hex'),
  key: randomBytes(32).toString('base64'),
});

function encrypt(
  dataKey: Uint8Array,
  context: string,
  { id, key }: { readonly id: string; readonly key: KeyObject },
): Uint8Array {
  const head = Buffer.concat([Buffer.from([FORMAT]), Buffer.from(id, 'hex')]);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG });
  cipher.setAAD(aadOf(head, context));
  const body = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  return new Uint8Array(Buffer.concat([head, nonce, body, cipher.getAuthTag()]));
}

function decrypt(wrapped: Uint8Array, context: string, key: KeyObject): Uint8Array {
  const body = wrapped.subarray(HEAD + NONCE, wrapped.length - TAG);
  const nonce = wrapped.subarray(HEAD, HEAD + NONCE);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG });
  decipher.setAAD(aadOf(wrapped.subarray(0, HEAD), context));
  decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    throw refused();
  }
}

/** The wrapping key is sealed in the same file, so a new master key needs no new wrapping. */
export function createKeyWrapper(file: DocumentFile): KeyWrapper {
  const known = new Map<string, KeyObject>();

  async function keyFor(id: string): Promise<KeyObject | null> {
    const held = known.get(id);
    if (held) return held;
    const entry = (await file.read('wrapper.unwrap')).wrapping.find((each) => each.id === id);
    if (entry === undefined) return null;
    const key = toKey(entry);
    known.set(id, key);
    return key;
  }

  async function newest(): Promise<{ readonly id: string; readonly key: KeyObject }> {
    let [entry] = (await file.read('wrapper.wrap')).wrapping;
    if (entry === undefined) {
      const fresh = createEntry();
      const written = await file.update('wrapper.wrap', (document) =>
        document.wrapping.length > 0 ? null : { ...document, wrapping: [fresh] },
      );
      entry = written.wrapping[0] ?? fresh;
    }
    const key = known.get(entry.id) ?? toKey(entry);
    known.set(entry.id, key);
    return { id: entry.id, key };
  }

  async function unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array> {
    if (wrapped.length < HEAD + NONCE + TAG || wrapped[0] !== FORMAT) throw refused();
    const key = await keyFor(idOf(wrapped));
    if (key === null) throw refused();
    return decrypt(wrapped, context, key);
  }

  async function wrap(dataKey: Uint8Array, context: string): Promise<Uint8Array> {
    const { id, key } = await newest();
    return encrypt(dataKey, context, { id, key });
  }

  return {
    wrap,
    unwrap,
    async rewrap(wrapped, context) {
      const dataKey = await unwrap(wrapped, context);
      try {
        const { id } = await newest();
        return idOf(wrapped) === id ? wrapped : await wrap(dataKey, context);
      } finally {
        dataKey.fill(0);
      }
    },
    async rotate() {
      await file.update('wrapper.rotate', (document) => ({
        ...document,
        wrapping: [createEntry(), ...document.wrapping],
      }));
    },
  };
}
