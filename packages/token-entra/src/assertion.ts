import { constants, createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import type { Certificate, Clock, Random, Signer } from '@tidelock/core';
import type { AdviceId } from './errors-remedies.ts';

/** Documented: 5 to 10 minutes. */
const LIFETIME_S = 300;

/** The key pair itself is at fault; nothing was sent. */
export class KeyFault extends Error {
  override readonly name = 'KeyFault';
  readonly advice: AdviceId;

  constructor(advice: AdviceId, message: string) {
    super(message);
    this.advice = advice;
  }
}

export interface Credential {
  readonly certificate: Certificate;
  readonly signer: Signer;
  readonly publicKey: KeyObject;
  /** base64url SHA-256 of the certificate's DER: how the assertion names its certificate. */
  readonly thumbprint: string;
}

/**
 * Reads the certificate from its DER only. A thumbprint in text form is compared, never sent: with colons in it, it
 * would decode to a single byte.
 */
export async function toCredential(signer: Signer): Promise<Credential> {
  const certificate = await signer.certificate();
  const digest = createHash('sha256').update(certificate.der).digest();
  const named = certificate.sha256.replaceAll(':', '').toLowerCase();
  if (named !== digest.toString('hex')) {
    throw new KeyFault('certificate-mismatch', 'the thumbprint is not that of the certificate');
  }
  const { publicKey } = new X509Certificate(certificate.der);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== 'rsa' || bits < 2048) {
    throw new KeyFault('key-type', 'the key is not RSA of at least 2048 bits');
  }
  return { certificate, signer, publicKey, thumbprint: digest.toString('base64url') };
}

export interface AssertionRequest {
  readonly clientId: string;
  readonly audience: string;
  readonly clock: Clock;
  readonly random: Random;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A client assertion as Microsoft Entra documents it: PS256, `x5t#S256`, audience = the tenant's token endpoint. The
 * signature is checked against the certificate before anything is sent, so a key and a certificate that do not belong
 * together show here and not as a refusal that looks like a missing upload.
 */
export async function signAssertion(credential: Credential, request: AssertionRequest): Promise<string> {
  const { clientId, audience, clock, random } = request;
  const now = Math.floor(clock.now() / 1000);
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': credential.thumbprint };
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: random.uuid(),
    iat: now,
    nbf: now,
    exp: now + LIFETIME_S,
  };
  const input = `${encode(header)}.${encode(claims)}`;
  const digest = createHash('sha256').update(input).digest();
  const signature = await credential.signer.sign('PS256', new Uint8Array(digest));
  const key = { key: credential.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  if (!verify('sha256', Buffer.from(input), key, signature)) {
    throw new KeyFault('certificate-mismatch', 'the signature does not fit the certificate');
  }
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}
