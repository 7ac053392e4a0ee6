import * as oidc from 'openid-client';
import type { ProviderChoice } from './access-config.ts';
import { clientProof } from './client-proof.ts';
import type { AccessDesk } from './parts.ts';
import { AccessRefusal } from './refusal.ts';
import type { Claims } from './role-rules.ts';

/** What belongs to one sign-in and to nobody else. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Somebody whose ID token was checked. */
export interface Person {
  /** Who vouches, and what they call the person: together, nobody else is called so. */
  readonly called: string;
  /** As rules name people. */
  readonly subject: string;
  readonly name: string;
  readonly claims: Claims;
}

export interface Provider {
  /** Address that the browser is sent to. Throws `provider`. */
  start(attempt: Attempt, redirectUri: string): Promise<string>;
  /** `url`: what the browser came back with, under our own address. Throws `token`, `tenant`, `provider`. */
  end(attempt: Attempt, url: URL): Promise<Person>;
}

/** A description that is older is read anew. */
const FRESH_MS = 3_600_000;
const SECONDS = 10;

async function discover(desk: AccessDesk, choice: ProviderChoice): Promise<oidc.Configuration> {
  const { fetch } = desk.context;
  const isPlain = choice.issuer.startsWith('http:');
  const found = await oidc.discovery(
    new URL(choice.issuer),
    choice.clientId,
    undefined,
    await clientProof(desk, choice),
    {
      [oidc.customFetch]: (url, init) => fetch(url, init as RequestInit),
      timeout: SECONDS,
      // The configuration lets plain HTTP pass on this machine only.
      ...(isPlain ? { execute: [oidc.allowInsecureRequests] } : {}),
    },
  );
  // Without it the library leaves the signature of an ID token that came over TLS unchecked.
  oidc.enableNonRepudiationChecks(found);
  return found;
}

/** One issuer for many tenants: its tokens are of everybody who has a tenant there, so the list must say whom is meant. */
function requireTenants(config: oidc.Configuration, { tenants }: ProviderChoice): void {
  if (config.serverMetadata().issuer.includes('{') && tenants === undefined)
    throw new TypeError('the issuer is of many tenants, and server.signIn.providers lists none');
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function toPerson(claims: oidc.IDToken, { tenants }: ProviderChoice): Person {
  const name = textOf(claims.name) ?? textOf(claims.preferred_username) ?? textOf(claims.email) ?? claims.sub;
  if (tenants === undefined)
    return { called: `${claims.iss}\n${claims.sub}`, subject: claims.sub, name, claims };
  const tenant = textOf(claims.tid)?.toLowerCase();
  if (tenant === undefined || !tenants.includes(tenant)) throw new AccessRefusal('tenant');
  const subject = textOf(claims.oid);
  if (subject === null) throw new AccessRefusal('token');
  return { called: `${tenant}\n${subject}`, subject, name, claims };
}

const isJudged = (error: unknown): boolean =>
  error instanceof oidc.AuthorizationResponseError ||
  error instanceof oidc.ResponseBodyError ||
  error instanceof oidc.WWWAuthenticateChallengeError ||
  (error instanceof oidc.ClientError && error.code !== 'OAUTH_TIMEOUT');

/** Codes and classes only: what such an error quotes came from elsewhere. */
function nameOf(error: unknown): string {
  if (error instanceof oidc.ClientError) return error.code ?? error.name;
  if (error instanceof TypeError && error.cause === undefined) return error.message;
  return error instanceof Error ? error.name : typeof error;
}

export function createProvider(desk: AccessDesk, choice: ProviderChoice): Provider {
  const { clock, log } = desk.context;
  let known: { readonly config: Promise<oidc.Configuration>; readonly until: number } | undefined;

  const configured = async (): Promise<oidc.Configuration> => {
    if (known === undefined || known.until <= clock.now())
      known = { config: discover(desk, choice), until: clock.now() + FRESH_MS };
    try {
      const config = await known.config;
      requireTenants(config, choice);
      return config;
    } catch (error) {
      known = undefined;
      log.warn('access.provider-failed', { provider: choice.name, reason: nameOf(error) });
      throw new AccessRefusal('provider');
    }
  };

  return {
    async start({ state, nonce, verifier }, redirectUri) {
      const url = oidc.buildAuthorizationUrl(await configured(), {
        ...{ redirect_uri: redirectUri, response_type: 'code', scope: choice.scopes.join(' '), state, nonce },
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(choice.maxAgeMinutes === undefined ? {} : { max_age: String(choice.maxAgeMinutes * 60) }),
      });
      return url.href;
    },
    async end({ state, nonce, verifier }, url) {
      const config = await configured();
      try {
        const tokens = await oidc.authorizationCodeGrant(config, url, {
          ...{
            pkceCodeVerifier: verifier,
            expectedState: state,
            expectedNonce: nonce,
            idTokenExpected: true,
          },
          ...(choice.maxAgeMinutes === undefined ? {} : { maxAge: choice.maxAgeMinutes * 60 }),
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new AccessRefusal('token');
        return toPerson(claims, choice);
      } catch (error) {
        if (error instanceof AccessRefusal) throw error;
        log.warn('access.sign-in-refused', { provider: choice.name, reason: nameOf(error) });
        throw new AccessRefusal(isJudged(error) ? 'token' : 'provider');
      }
    },
  };
}
