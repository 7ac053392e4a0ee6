import type { ContextOf, SignedIn, SignInReply, SignInStart } from '@tidelock/core';
import { createGuardedFetch } from '@tidelock/kit';
import * as oidc from 'openid-client';
import { type Credential, signAssertion } from './assertion.ts';
import type { KeyRing } from './assertion-keys.ts';
import type { Attempt } from './client.ts';
import { type Authority, type EntraOptions, toAuthority } from './config.ts';
import { toPageRefusal } from './consent-reply.ts';
import { createFailure, type Failure, failureFromRefusal, failureFromSigner } from './errors.ts';
import { toJsonObject, toRefusal } from './wire.ts';

const OPERATION = 'consent.sign-in';
/** Anybody of any organisation; where one is known, its own endpoint, which registrations of one tenant insist on. */
const ANY_TENANT = 'organizations';
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/**
 * The library fills `{tenantid}` of an issuer with the token's own tenant for this address only. The description that it is
 * given under that address is ours, for whichever cloud: no discovery leaves this machine.
 */
const ENTRA = new URL('https://login.microsoftonline.com/organizations/v2.0');

/**
 * Global Administrator and Privileged Role Administrator, by the template ids that `wids` carries: nobody else can grant
 * application permissions of Microsoft Graph. The claim stands in ID tokens when the registration's manifest sets
 * `groupMembershipClaims` to `DirectoryRole` or `All`.
 */
const MAY_CONSENT: ReadonlySet<unknown> = new Set([
  '62e90394-69f5-4237-9190-012177145e10',
  'e8611ab8-c189-46e8-94e1-60213ab1f814',
]);

export interface SignInParts {
  readonly options: EntraOptions;
  readonly context: ContextOf['token'];
  readonly ring: KeyRing;
}

interface Kept {
  readonly nonce: string;
  readonly verifier: string;
  readonly tenant: string;
}

const endpointsOf = ({ origin }: Authority, tenant: string) => ({
  issuer: `${origin}/{tenantid}/v2.0`,
  authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
  token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
  jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
});

/** What went wrong on the wire, before the library wraps it up. */
interface Wire {
  failure?: Failure;
}

function mayConsent(wids: unknown): SignedIn['mayConsent'] {
  if (!Array.isArray(wids)) return 'unknown';
  return wids.some((role) => MAY_CONSENT.has(role)) ? 'yes' : 'no';
}

function invalid(code: string, message: string): Failure {
  return createFailure('sign-in-invalid', { code, message });
}

function toSignedIn(claims: oidc.IDToken | undefined): Attempt<SignedIn> {
  const tenant = typeof claims?.tid === 'string' ? claims.tid.toLowerCase() : '';
  if (!GUID.test(tenant)) return { failure: invalid('claim-tid', 'the ID token names no tenant') };
  if (typeof claims?.oid !== 'string' || claims.oid === '')
    return { failure: invalid('claim-oid', 'the ID token names nobody') };
  return { grant: { tenant, subject: claims.oid, mayConsent: mayConsent(claims.wids) } };
}

/** The claim that did not fit, where the library names one: `claim-nonce`. */
function claimIn(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { cause } = at;
    const claim = typeof cause === 'object' && cause !== null && 'claim' in cause ? cause.claim : undefined;
    if (typeof claim === 'string' && /^[a-z_]{1,20}$/.test(claim)) return `claim-${claim}`;
  }
  return undefined;
}

function failureFromLibrary(error: unknown): Failure {
  if (error instanceof oidc.AuthorizationResponseError)
    return { id: 'sign-in-invalid', error: toPageRefusal(error.error, error.error_description ?? '') };
  const code = error instanceof oidc.ClientError ? error.code : undefined;
  const named = claimIn(error) ?? (code === undefined ? 'sign-in' : code.toLowerCase());
  return invalid(named, `the answer of the sign-in page does not hold (${named})`);
}

/** Proves this installation by its certificate, as for every token. */
function proveWith({ options, context }: SignInParts, credential: Credential, wire: Wire): oidc.ClientAuth {
  const { clock, random } = context;
  const { clientId } = options;
  return async (server, _client, body) => {
    try {
      const audience = String(server.token_endpoint);
      body.set('client_id', clientId);
      body.set('client_assertion_type', ASSERTION_TYPE);
      body.set('client_assertion', await signAssertion(credential, { clientId, audience, clock, random }));
    } catch (error) {
      wire.failure = failureFromSigner(error);
      throw wire.failure.error;
    }
  };
}

function createConfigurations({ options, context }: SignInParts) {
  const { clock, fetch } = context;
  const { clientId } = options;
  const authority = toAuthority(options);
  const guarded = createGuardedFetch({
    ...{ fetch, clock, timeoutMs: 10_000, maxBytes: 1024 * 1024, allowHosts: [authority.host] },
    operation: OPERATION,
  });

  /** Remembers a refusal of the token endpoint: the library's error keeps only a part of it. */
  const watched =
    (wire: Wire): oidc.CustomFetch =>
    async (url, init) => {
      const response = await guarded(url, init as RequestInit);
      if (init.method !== 'POST' || response.status === 200) return response;
      const text = await response.text();
      const { status, headers } = response;
      const refusal = toRefusal({ status, headers, body: toJsonObject(text) });
      wire.failure = failureFromRefusal(refusal, clock.now());
      return new Response(text, { status, headers });
    };

  return async (of: { tenant: string; auth?: oidc.ClientAuth; wire: Wire }): Promise<oidc.Configuration> => {
    const described = async () => Response.json(endpointsOf(authority, of.tenant));
    const found = await oidc.discovery(ENTRA, clientId, undefined, of.auth ?? oidc.None(), {
      [oidc.customFetch]: described,
    });
    found[oidc.customFetch] = watched(of.wire);
    oidc.enableNonRepudiationChecks(found);
    return found;
  };
}

/** OpenID Connect with PKCE, nonce and a signature check; asks for `openid profile` and keeps no token. */
export function createSignIn(parts: SignInParts) {
  const configure = createConfigurations(parts);

  const redeem = async (
    reply: SignInReply,
    kept: Kept,
    credential: Credential,
  ): Promise<Attempt<SignedIn>> => {
    const wire: Wire = {};
    const auth = proveWith(parts, credential, wire);
    try {
      const config = await configure({ tenant: kept.tenant, auth, wire });
      const granted = await oidc.authorizationCodeGrant(config, reply.url, {
        pkceCodeVerifier: kept.verifier,
        expectedState: reply.state,
        expectedNonce: kept.nonce,
        idTokenExpected: true,
      });
      return toSignedIn(granted.claims());
    } catch (error) {
      return { failure: wire.failure ?? failureFromLibrary(error) };
    }
  };

  return {
    async start(request: {
      readonly redirectUri: string;
      readonly state: string;
      readonly tenant?: string | undefined;
    }): Promise<SignInStart> {
      const { redirectUri, state, tenant = ANY_TENANT } = request;
      const kept: Kept = {
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        tenant,
      };
      const url = oidc.buildAuthorizationUrl(await configure({ tenant, wire: {} }), {
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid profile',
        prompt: 'select_account',
        code_challenge: await oidc.calculatePKCECodeChallenge(kept.verifier),
        code_challenge_method: 'S256',
        nonce: kept.nonce,
        state,
      });
      const { href } = new URL(url.pathname + url.search, toAuthority(parts.options).pages);
      return { url: href, keep: JSON.stringify(kept) };
    },
    async end(reply: SignInReply): Promise<SignedIn> {
      const kept = JSON.parse(reply.keep) as Kept;
      const { grant, failure } = await parts.ring.use((credential) => redeem(reply, kept, credential));
      if (failure) throw failure.error;
      return grant;
    },
  };
}
