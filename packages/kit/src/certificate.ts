import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { AdapterError, type Certificate, type NewKeyPair } from '@tidelock/core';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
/** A certificate is valid a little before it is made: the clocks of those who check it differ. */
const LEEWAY_MS = 300_000;

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

/** Throws `invalid` for a subject or a life that no certificate is made with. */
export function requireKeyPairOptions({ commonName, days = 180 }: NewKeyPair): void {
  const named = commonName.length >= 1 && commonName.length <= 64 && !/\p{Cc}/u.test(commonName);
  if (named && Number.isInteger(days) && days >= 1 && days <= 3650) return;
  throw new AdapterError('invalid', 'keys.create: the certificate cannot be made', {
    operation: 'keys.create',
    code: 'BAD_REQUEST',
    remedy: 'Give a common name of 1 to 64 characters and 1 to 3650 days.',
  });
}

export interface SelfSigning {
  readonly options: NewKeyPair;
  readonly publicKey: KeyObject;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** 16 random bytes, for the serial number. */
  readonly serial: Uint8Array;
  /** The raw RS256 signature of a SHA-256 digest. The private key may be anywhere. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

function serialNumber(random: Uint8Array): string {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

/** Loaded when a key pair is made, which is once in months: every process would hold it otherwise. */
async function loadX509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** DER of a self-signed certificate for client authentication by signature. */
export async function createSelfSigned(of: SelfSigning): Promise<Uint8Array> {
  requireKeyPairOptions(of.options);
  const x509 = await loadX509();
  const { commonName, days = 180 } = of.options;
  const start = Math.floor((of.now - LEEWAY_MS) / 1000) * 1000;
  const name = [{ CN: [commonName] }];
  const keyBytes = of.publicKey.export({ type: 'pkcs1', format: 'der' });
  const parts = {
    serialNumber: serialNumber(of.serial),
    subject: name,
    issuer: name,
    notBefore: new Date(start),
    notAfter: new Date(start + days * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: of.publicKey.export({ type: 'spki', format: 'der' }),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectKeyIdentifierExtension(createHash('sha1').update(keyBytes).digest('hex')),
    ],
  };
  const draft = await x509.X509CertificateGenerator.create({ ...parts, signature: new Uint8Array(1) });
  const digest = createHash('sha256')
    .update(toBeSigned(new Uint8Array(draft.rawData)))
    .digest();
  const signature = await of.sign(new Uint8Array(digest));
  const made = await x509.X509CertificateGenerator.create({
    ...parts,
    signature: Uint8Array.from(signature),
  });
  const der = new Uint8Array(made.rawData);
  if (new X509Certificate(der).verify(of.publicKey)) return der;
  throw new AdapterError('protocol', 'keys.create: the signature of the new certificate does not verify', {
    operation: 'keys.create',
    code: 'PROTOCOL',
    remedy: 'Check that nobody replaced the key while it was being made, and try again.',
  });
}

/** Where a DER element's contents begin and end. */
function elementAt(der: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const first = der[at + 1] ?? 0;
  const more = first & 0x80 ? first & 0x7f : 0;
  let length = more === 0 ? first : 0;
  for (let index = 0; index < more; index += 1) length = length * 256 + (der[at + 2 + index] ?? 0);
  const start = at + 2 + more;
  return { start, end: start + length };
}

/** The first member of the certificate's sequence, with its head: what the signature covers. */
function toBeSigned(der: Uint8Array): Uint8Array {
  const { start } = elementAt(der, 0);
  return der.subarray(start, elementAt(der, start).end);
}

function refused(text: string): AdapterError {
  return new AdapterError('invalid', `keys.import: ${text}`, {
    operation: 'keys.import',
    code: 'BAD_REQUEST',
    remedy:
      'Give an RSA key of 2048 bits or more (PKCS#8, not encrypted) and the certificate made for it, as PEM.',
  });
}

function attempt<T>(work: () => T, text: string): T {
  try {
    return work();
  } catch {
    throw refused(text);
  }
}

/** Reads a key pair that somebody made elsewhere. Throws `invalid` unless it is RSA of whole bytes and belongs together. */
export function readKeyPair(pem: { readonly privateKeyPem: string; readonly certificatePem: string }): {
  readonly privateKey: KeyObject;
  readonly certificate: Uint8Array;
} {
  const privateKey = attempt(() => createPrivateKey(pem.privateKeyPem), 'the private key cannot be read');
  const certificate = attempt(
    () => new X509Certificate(pem.certificatePem),
    'the certificate cannot be read',
  );
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (privateKey.asymmetricKeyType !== 'rsa' || bits < 2048 || bits % 8 !== 0)
    throw refused('the key is of another kind');
  if (!certificate.checkPrivateKey(privateKey)) throw refused('the certificate belongs to another key');
  return { privateKey, certificate: new Uint8Array(certificate.raw) };
}
