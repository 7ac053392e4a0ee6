import { type ConsentPort, isAdapterError, type TokenRequest } from '@tidelock/core';
import { toAuthority, toScope } from './config.ts';
import { readConsentReply } from './consent-reply.ts';
import { createSignIn, type SignInParts } from './consent-sign-in.ts';
import { lookAt } from './consent-token.ts';
import { adviceForNumber } from './errors-aadsts.ts';
import type { AdviceId } from './errors-remedies.ts';

/** How tokens are refused until a consent has replicated: seconds, sometimes minutes. */
const UNTIL_REPLICATED: ReadonlySet<AdviceId | undefined> = new Set<AdviceId>([
  'principal-missing',
  'consent-missing',
]);

export interface ConsentParts extends SignInParts {
  /** A new token, past the cache. */
  renew(request: TokenRequest): Promise<string>;
}

function isReplicating(error: unknown): boolean {
  const code = isAdapterError(error) ? error.code : undefined;
  const number = /^AADSTS(\d+)$/.exec(code ?? '')?.[1];
  return UNTIL_REPLICATED.has(number === undefined ? undefined : adviceForNumber(Number(number)));
}

/** The sign-in and consent pages of the connection's cloud, and the app-only token that proves a consent. */
export function createConsent(parts: ConsentParts): ConsentPort {
  const { options, renew } = parts;
  const { pages } = toAuthority(options);
  const scope = toScope(options);
  const signIn = createSignIn(parts);
  return {
    startSignIn: (request) => signIn.start(request),
    endSignIn: (reply) => signIn.end(reply),
    consentUrl({ tenant, redirectUri, state }) {
      const url = new URL(`${pages}/${encodeURIComponent(tenant)}/v2.0/adminconsent`);
      const { clientId } = options;
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        scope,
      }).toString();
      return url.href;
    },
    readConsent: readConsentReply,
    async prove({ tenant, signal }) {
      try {
        return { state: 'proved', look: lookAt(await renew({ tenant, scope, signal })) };
      } catch (error) {
        if (isAdapterError(error) && isReplicating(error)) return { state: 'not-yet', error };
        throw error;
      }
    },
  };
}
