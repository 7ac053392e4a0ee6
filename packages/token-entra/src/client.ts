import type { Configuration, INetworkModule, NetworkRequestOptions } from '@azure/msal-node';
import { type AdapterContext, AdapterError } from '@tidelock/core';
import { createHttp, type Http } from '@tidelock/kit';
import { type Credential, signAssertion } from './assertion.ts';
import { toLoggerOptions } from './client-log.ts';
import { ConfidentialClientApplication } from './client-msal.ts';
import type { Authority } from './config.ts';
import {
  createFailure,
  type Failure,
  failureFromGarbage,
  failureFromRefusal,
  failureFromSigner,
  failureFromUnknown,
  OPERATION,
} from './errors.ts';
import { type Grant, toGrant, toJsonObject, toRefusal } from './wire.ts';

export interface TokenCall {
  readonly tenant: string;
  readonly scope: string;
  readonly claims?: string | undefined;
  readonly credential: Credential;
  readonly signal: AbortSignal;
}

export type Attempt<G = Grant> =
  | { readonly grant: G; readonly failure?: undefined }
  | { readonly grant?: undefined; readonly failure: Failure };

export interface ClientOptions {
  readonly clientId: string;
  readonly authority: Authority;
  readonly context: Pick<AdapterContext, 'clock' | 'fetch' | 'log' | 'random'>;
  readonly timeoutMs: number;
}

/** What happened on the wire, before MSAL wraps it up in an error of its own. */
interface Wire {
  grant?: Grant;
  failure?: Failure;
}

async function post(http: Http, url: string, request: NetworkRequestOptions & { signal: AbortSignal }) {
  const response = await http.send({
    operation: OPERATION,
    method: 'POST',
    url,
    headers: request.headers,
    body: request.body,
    signal: request.signal,
  });
  return { ...response, body: toJsonObject(response.text) };
}

/** MSAL's own network client has no time-out, follows redirects and reports a 5xx without JSON as a token. */
function createNetwork(
  options: ClientOptions & { http: Http; wire: Wire; signal: AbortSignal },
): INetworkModule {
  const { http, wire, signal, context } = options;
  const fail = (failure: Failure): never => {
    wire.failure = failure;
    throw failure.error;
  };
  return {
    async sendGetRequestAsync() {
      throw new AdapterError('unavailable', 'a discovery request was not expected', {
        operation: OPERATION,
        code: 'discovery',
      });
    },
    async sendPostRequestAsync<T>(url: string, request: NetworkRequestOptions = {}) {
      const { status, headers, body } = await post(http, url, { ...request, signal }).catch(
        (error: unknown) => fail(failureFromUnknown(error)),
      );
      if (body === null) return fail(failureFromGarbage(status));
      if (status !== 200 || body.error !== undefined) {
        return fail(failureFromRefusal(toRefusal({ status, headers, body }), context.clock.now()));
      }
      const grant = toGrant(body);
      if (!grant) {
        const message = 'the token endpoint answered without a token or without its lifetime';
        return fail(createFailure('empty-token', { code: 'empty-token', message, status }));
      }
      wire.grant = grant;
      return { status, headers: Object.fromEntries(headers), body: body as T };
    },
  };
}

function toConfiguration(
  options: ClientOptions,
  call: TokenCall,
  inner: { wire: Wire; http: Http },
): Configuration {
  const { wire, http } = inner;
  const { clientId, authority, context } = options;
  const { clock, random, log } = context;
  const base = `${authority.origin}/{tenantid}`;
  return {
    auth: {
      clientId,
      authority: `${authority.origin}/${call.tenant}`,
      knownAuthorities: [...authority.known],
      authorityMetadata: JSON.stringify({
        token_endpoint: `${base}/oauth2/v2.0/token`,
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      }),
      clientAssertion: async ({ tokenEndpoint }) => {
        try {
          const audience = tokenEndpoint ?? `${authority.origin}/${call.tenant}/oauth2/v2.0/token`;
          return await signAssertion(call.credential, { clientId, audience, clock, random });
        } catch (error) {
          wire.failure = failureFromSigner(error);
          throw wire.failure.error;
        }
      },
    },
    system: {
      networkClient: createNetwork({ ...options, http, wire, signal: call.signal }),
      loggerOptions: toLoggerOptions(log),
    },
  };
}

/**
 * One token request with one key. MSAL is used as a protocol engine without memory: its cache, its throttle memory
 * and its telemetry of earlier errors end with the object. Never throws.
 */
export function createTokenClient(options: ClientOptions): (call: TokenCall) => Promise<Attempt> {
  const { context, authority, timeoutMs } = options;
  const { clock, random } = context;
  const http = createHttp({
    fetch: context.fetch,
    clock,
    timeoutMs,
    maxBytes: 1024 * 1024,
    allowHosts: [authority.host],
  });
  return async (call) => {
    const wire: Wire = {};
    try {
      const app = new ConfidentialClientApplication(toConfiguration(options, call, { wire, http }));
      await app.acquireTokenByClientCredential({
        scopes: [call.scope],
        skipCache: true,
        azureRegion: 'DisableMsalForceRegion',
        correlationId: random.uuid(),
        ...(call.claims === undefined ? {} : { claims: call.claims }),
      });
    } catch (error) {
      return { failure: wire.failure ?? failureFromUnknown(error) };
    }
    if (wire.grant) return { grant: wire.grant };
    return {
      failure: createFailure('empty-token', { code: 'empty-token', message: 'no token request was made' }),
    };
  };
}
