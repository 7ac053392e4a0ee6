import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  type KeyObject,
  randomBytes,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';
import type { Certificate, NewKeyPair } from '@tidelock/core';
import { createFailure } from './errors.ts';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** A key pair as it is sealed in the file. */
export interface StoredPair {
  /** PKCS#8, DER. */
  readonly privateKey: Uint8Array;
  readonly certificate: Uint8Array;
}

export function toCertificate(keyName: string, der: Uint8Array): Certificate {
  const parsed = new X509Certificate(der);
  return {
    keyName,
    der: new Uint8Array(der),
    sha256: createHash('sha256').update(der).digest('hex'),
    notBefore: parsed.validFromDate.getTime(),
    notAfter: parsed.validToDate.getTime(),
  };
}

/** A positive serial number of 126 random bits. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function assertOptions({ commonName, days = 180 }: NewKeyPair): void {
  const named = commonName.length >= 1 && commonName.length <= 64 && !/\p{Cc}/u.test(commonName);
  if (named && Number.isInteger(days) && days >= 1 && days <= 3650) return;
  const remedy = 'Give a common name of 1 to 64 characters and 1 to 3650 days.';
  throw createFailure('BAD_REQUEST', {
    operation: 'keys.create',
    text: 'the certificate cannot be made',
    remedy,
  });
}

/** A new RSA pair with a self-signed certificate; `now` in milliseconds since the epoch. */
export async function createPair(options: NewKeyPair, now: number): Promise<StoredPair> {
  assertOptions(options);
  const { commonName, bits = 3072, days = 180 } = options;
  const generation = { ...ALGORITHM, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await webcrypto.subtle.generateKey(generation, true, ['sign', 'verify']);
  const start = Math.floor(now / 1000) * 1000;
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: [{ CN: [commonName] }],
      notBefore: new Date(start),
      notAfter: new Date(start + days * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
    },
    webcrypto,
  );
  const privateKey = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { privateKey, certificate: new Uint8Array(certificate.rawData) };
}

function refused(text: string): Error {
  const remedy =
    'Give an RSA key of 2048 bits or more (PKCS#8, not encrypted) and the certificate made for it, as PEM.';
  return createFailure('BAD_REQUEST', { operation: 'keys.import', text, remedy });
}

function attempt<T>(work: () => T, text: string): T {
  try {
    return work();
  } catch {
    throw refused(text);
  }
}

export function importPair(pem: {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}): StoredPair {
  const key: KeyObject = attempt(() => createPrivateKey(pem.privateKeyPem), 'the private key cannot be read');
  const certificate = attempt(
    () => new X509Certificate(pem.certificatePem),
    'the certificate cannot be read',
  );
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048 || bits % 8 !== 0)
    throw refused('the key is of another kind');
  if (!certificate.checkPrivateKey(key)) throw refused('the certificate belongs to another key');
  const privateKey = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }));
  return { privateKey, certificate: new Uint8Array(certificate.raw) };
}
