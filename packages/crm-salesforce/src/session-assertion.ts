import { createHash } from 'node:crypto';
import type { Signer } from '@tidelock/core';

/** Salesforce refuses assertions that live longer than three minutes. */
const LIFETIME_S = 180;

export interface AssertionClaims {
  readonly consumerKey: string;
  readonly username: string;
  /** Origin of the sign-in host. */
  readonly audience: string;
  /** Wall clock in milliseconds. */
  readonly now: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT bearer assertion (RFC 7523), RS256: the only algorithm that Salesforce takes. */
export async function createAssertion(signer: Signer, claims: AssertionClaims): Promise<string> {
  const payload = {
    iss: claims.consumerKey,
    sub: claims.username,
    aud: claims.audience,
    exp: Math.floor(claims.now / 1000) + LIFETIME_S,
  };
  const input = `${encode({ alg: 'RS256' })}.${encode(payload)}`;
  const digest = createHash('sha256').update(input).digest();
  const signature = await signer.sign('RS256', new Uint8Array(digest));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}
