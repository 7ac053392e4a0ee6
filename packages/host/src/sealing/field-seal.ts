import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';
import { AdapterError } from '@tidelock/core';

/**
 * One sealed field: `0x01 | id of the data key (16) | nonce (12) | ciphertext | tag (16)`, AES-256-GCM, as base64.
 * Authenticated with it: the first 17 bytes, and tenant, table, column and row, each with its length in front.
 */
const FORMAT = 1;
const HEAD = 17;
const NONCE = 12;
const TAG = 16;
const CIPHER = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG } as const;
/** Random nonces stay far from repeating below this many uses of a key; another one is due well before. */
const MOST_USES = 2 ** 31;
const WORN_USES = 2 ** 30;

export interface DataKey {
  /** UUID. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Where a field stands: it opens nowhere else. */
export interface FieldPlace {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

export interface FieldSealer {
  seal(place: FieldPlace, value: unknown): string;
  /** Throws `invalid`: `KEY_GONE` without the key, `AUTH_FAILED` for a value that was changed or moved. */
  open(place: FieldPlace, sealed: string): unknown;
  /** Whether it holds the key of a sealed value. True for what is no sealed value: opening it says so. */
  knows(sealed: string): boolean;
  /** The key it seals with has been used enough. */
  isWorn(): boolean;
}

const idBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

function framed(...parts: readonly string[]): Buffer {
  const out = parts.flatMap((part) => {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(out);
}

function refused(code: string, message: string): AdapterError {
  return new AdapterError('invalid', message, {
    operation: 'seal.open',
    code,
    remedy: 'Check that database and secret store belong together: restored from backups of the same day.',
  });
}

/** Nonces are drawn in bulk: one call to the system's generator is as dear as sealing a field. */
function createNonces(): () => Buffer {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === pool.length) {
      pool = randomFillSync(Buffer.alloc(NONCE * 256));
      at = 0;
    }
    at += NONCE;
    return pool.subarray(at - NONCE, at);
  };
}

/** Seals with the first of the keys, opens with all of them. Synchronous: a batch of rows costs no promise. */
export function createFieldSealer(tenant: string, keys: readonly DataKey[]): FieldSealer {
  const [newest] = keys;
  if (newest === undefined) throw new TypeError('a sealer needs a key');
  const byId = new Map(keys.map((key) => [idBytes(key.id).toString('hex'), key.key]));
  const head = Buffer.concat([Buffer.from([FORMAT]), idBytes(newest.id)]);
  const nonceOf = createNonces();
  const prefixes = new Map<string, Buffer>();
  let uses = 0;
  const prefixOf = (table: string, column: string): Buffer => {
    const name = `${table} ${column}`;
    const known = prefixes.get(name) ?? framed(tenant, table, column);
    prefixes.set(name, known);
    return known;
  };
  const aadOf = (first: Buffer, { table, column, row }: FieldPlace): Buffer => {
    const prefix = prefixOf(table, column);
    const length = Buffer.byteLength(row);
    const out = Buffer.allocUnsafe(HEAD + prefix.length + 4 + length);
    out.set(first);
    out.set(prefix, HEAD);
    out.writeUInt32BE(length, HEAD + prefix.length);
    out.write(row, HEAD + prefix.length + 4, 'utf8');
    return out;
  };
  return {
    knows(sealed) {
      // 24 characters of base64 are 18 bytes: format and id of the key.
      const first = Buffer.from(sealed.slice(0, 24), 'base64');
      return first.length < HEAD || first[0] !== FORMAT || byId.has(first.toString('hex', 1, HEAD));
    },
    isWorn: () => uses >= WORN_USES,
    seal(place, value) {
      if (++uses > MOST_USES)
        throw new AdapterError('invalid', 'The data key has been used as often as is safe.', {
          operation: 'seal.seal',
          code: 'KEY_EXHAUSTED',
          remedy: 'Start the process again: a key of this age is replaced then.',
        });
      const nonce = nonceOf();
      const cipher = createCipheriv(CIPHER, newest.key, nonce, OPTIONS);
      cipher.setAAD(aadOf(head, place));
      const body = cipher.update(JSON.stringify(value), 'utf8');
      return Buffer.concat([head, nonce, body, cipher.final(), cipher.getAuthTag()]).toString('base64');
    },
    open(place, sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < HEAD + NONCE + TAG || bytes[0] !== FORMAT)
        throw refused('BAD_RECORD', 'A stored value is not in the form that sealed values have.');
      const first = bytes.subarray(0, HEAD);
      const key = byId.get(first.toString('hex', 1));
      if (key === undefined) throw refused('KEY_GONE', 'The key of a sealed value is gone.');
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(HEAD, HEAD + NONCE), OPTIONS);
      decipher.setAAD(aadOf(first, place));
      decipher.setAuthTag(bytes.subarray(-TAG));
      try {
        const body = decipher.update(bytes.subarray(HEAD + NONCE, -TAG));
        return JSON.parse(Buffer.concat([body, decipher.final()]).toString('utf8'));
      } catch {
        throw refused('AUTH_FAILED', 'A sealed value was changed, or belongs to another row or tenant.');
      }
    },
  };
}
