import { constants, verify } from 'node:crypto';
import { EntraFailure } from './aadsts-failure.ts';
import type { AppRegistration, Certificate } from './world.ts';

const skewSeconds = 300;

interface AssertionContext {
  app: AppRegistration;
  /** Token endpoints and issuers of the tenant that was asked. */
  audiences: ReadonlySet<string>;
  now: number;
}

type Json = Record<string, unknown>;

const decodePart = (part: string | undefined): Json => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    throw new EntraFailure(50027, 'JWT is not well formed.');
  }
  throw new EntraFailure(50027, 'JWT is not well formed.');
};

const reason = (text: string, x5t: string): EntraFailure => {
  const thumbprint = Buffer.from(x5t, 'base64url').toString('hex').toUpperCase();
  return new EntraFailure(700027, `[Reason - ${text}, Thumbprint of key used by client: '${thumbprint}'.]`);
};

const pickCertificate = (header: Json, context: AssertionContext): Certificate => {
  const x5t = header['x5t#S256'];
  if (typeof x5t !== 'string' || x5t === '') throw new EntraFailure(5002723);
  const certificate = context.app.certificates.get(x5t);
  if (certificate === undefined) throw reason('The key was not found.', x5t);
  if (context.now > certificate.notAfter) throw reason('The key used is expired.', x5t);
  if (context.now < certificate.notBefore - skewSeconds * 1000) throw new EntraFailure(7000274);
  return certificate;
};

const isSignedBy = (certificate: Certificate, alg: string, parts: readonly string[]): boolean => {
  const key =
    alg === 'PS256'
      ? { key: certificate.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING };
  const [header = '', claims = '', signature = ''] = parts;
  return verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'));
};

const checkClaims = (claims: Json, context: AssertionContext): void => {
  const { aud, iss, sub, exp, nbf } = claims;
  if (aud === undefined || iss === undefined || sub === undefined || exp === undefined) {
    throw new EntraFailure(90014, 'aud, iss, sub and exp are required.');
  }
  if (iss !== sub) throw new EntraFailure(50048);
  if (iss !== context.app.clientId) throw new EntraFailure(700021);
  if (typeof aud !== 'string' || !context.audiences.has(aud.toLowerCase())) {
    throw new EntraFailure(
      50027,
      'The audience of the JWT is not the token endpoint or issuer of this tenant.',
    );
  }
  const now = context.now / 1000;
  const early = typeof nbf === 'number' && now < nbf - skewSeconds;
  if (typeof exp !== 'number' || now > exp + skewSeconds || early) throw new EntraFailure(700024);
};

/** Throws unless the assertion is signed by a registered, valid certificate and is meant for this endpoint. */
export function checkAssertion(jwt: string, context: AssertionContext): void {
  const parts = jwt.split('.');
  if (parts.length !== 3) throw new EntraFailure(50027, 'JWT is not well formed.');
  const header = decodePart(parts[0]);
  const claims = decodePart(parts[1]);
  const alg = header.alg;
  if (alg !== 'PS256' && alg !== 'RS256') throw new EntraFailure(5002738);
  const certificate = pickCertificate(header, context);
  if (!isSignedBy(certificate, alg, parts)) {
    throw reason('The provided signature value did not match the expected signature value.', certificate.x5t);
  }
  checkClaims(claims, context);
}
