import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  randomBytes,
  sign,
} from 'node:crypto';
import { AdapterError, type Certificate, type KeyStore, type Signer } from '@tidelock/core';

const BYTES = 256;

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), body]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), body]);
};

const SHA256_WITH_RSA = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');

const toTime = (ms: number): Buffer => {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
};

export interface TestPair {
  readonly privateKey: KeyObject;
  readonly certificate: Omit<Certificate, 'keyName'>;
}

/** An RSA-2048 key with a self-signed certificate (RFC 5280, as few fields as a reader accepts). */
export function createPair(
  commonName: string,
  validity: { readonly notBefore: number; readonly notAfter: number },
  bits = BYTES * 8,
): TestPair {
  const { notBefore, notAfter } = validity;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(commonName)))));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.concat([Buffer.from([0x40]), randomBytes(8)]));
  const lifetime = der(0x30, toTime(notBefore), toTime(notAfter));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const body = der(0x30, version, serial, SHA256_WITH_RSA, name, lifetime, name, spki);
  const signature = sign('sha256', body, privateKey);
  const whole = der(0x30, body, SHA256_WITH_RSA, der(0x03, Buffer.from([0]), signature));
  const sha256 = createHash('sha256').update(whole).digest('hex');
  return { privateKey, certificate: { der: new Uint8Array(whole), sha256, notBefore, notAfter } };
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RSASSA-PSS over a digest (RFC 8017, 9.1.1), as a vault's sign operation does it. */
function signDigest(privateKey: KeyObject, digest: Uint8Array): Uint8Array {
  const salt = randomBytes(32);
  const hash = sha256(Buffer.alloc(8), digest, salt);
  const block = Buffer.concat([Buffer.alloc(BYTES - 32 - 32 - 2), Buffer.from([1]), salt]);
  for (let counter = 0, at = 0; at < block.length; counter += 1) {
    for (const byte of sha256(hash, Buffer.from([0, 0, 0, counter]))) {
      if (at < block.length) block[at] = (block[at] ?? 0) ^ byte;
      at += 1;
    }
  }
  block[0] = (block[0] ?? 0) & 0x7f;
  const encoded = Buffer.concat([block, hash, Buffer.from([0xbc])]);
  return new Uint8Array(privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encoded));
}

export interface TestKeys extends KeyStore {
  put(name: string, pair: TestPair): void;
  /** Runs before each signature; may fail. */
  onSign: () => Promise<void>;
  readonly signatures: number;
}

export function createTestKeys(): TestKeys {
  const pairs = new Map<string, TestPair>();
  let signatures = 0;
  const refuse = (): never => {
    throw new Error('not part of these tests');
  };
  const keys: TestKeys = {
    onSign: async () => {},
    get signatures() {
      return signatures;
    },
    put: (name, pair) => void pairs.set(name, pair),
    async signer(name): Promise<Signer> {
      const pair = pairs.get(name);
      if (!pair) throw new AdapterError('not_found', 'no such key', { operation: 'keys.signer' });
      return {
        certificate: async () => ({ keyName: name, ...pair.certificate }),
        async sign(algorithm, digest) {
          if (algorithm !== 'PS256' || digest.length !== 32) throw new Error('wrong use of the signer');
          signatures += 1;
          await keys.onSign();
          return signDigest(pair.privateKey, digest);
        },
      };
    },
    create: refuse,
    import: refuse,
    list: refuse,
    remove: refuse,
  };
  return keys;
}
