import { type EntraAnswer, EntraFailure, isGuid, toEntraAnswer } from './aadsts-failure.ts';
import { graphAudience, issueToken, toJwks } from './access-token.ts';
import { answerConsent } from './admin-consent.ts';
import { checkAssertion } from './assertion.ts';
import { findCode, redeemCode } from './code-grant.ts';
import { answerAuthorize } from './sign-in.ts';
import type { AppRegistration, ServicePrincipal, Tenant, World } from './world.ts';
import { findTenant } from './world.ts';

export interface EntraRequest {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const graphAppId = '00000003-0000-0000-c000-000000000000';
const otherClouds = [
  'https://graph.microsoft.us',
  'https://dod-graph.microsoft.us',
  'https://microsoftgraph.chinacloudapi.cn',
];
const sharedTenants = new Set(['common', 'organizations', 'consumers']);

const requireTenant = (world: World, key: string): Tenant => {
  if (/^[0-]+$/.test(key) && isGuid(key)) throw new EntraFailure(900021);
  const tenant = findTenant(world, key);
  if (tenant !== undefined) return tenant;
  if (!isGuid(key) && !key.includes('.')) throw new EntraFailure(900023, `Tenant '${key}'.`);
  throw new EntraFailure(90002, `Tenant '${key}'.`);
};

const endpoints = (origin: string, tenant: string) => ({
  token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
  issuer: `${origin}/${tenant}/v2.0`,
});

const toDiscovery = (world: World, origin: string, key: string): Record<string, unknown> => {
  const tenant = sharedTenants.has(key) ? undefined : requireTenant(world, key);
  const base = `${origin}/${tenant?.id ?? key}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${origin}/${tenant?.id ?? '{tenantid}'}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'tid', 'oid', 'ver'],
    tenant_region_scope: null,
    cloud_instance_name: 'microsoftonline.com',
    msgraph_host: 'graph.microsoft.com',
  };
};

/** The resource of a `<resource>/.default` scope, checked as the client-credentials grant does. */
const readAudience = (scope: string | null, origin: string): string => {
  if (scope === null || scope.trim() === '')
    throw new EntraFailure(900144, "The parameter 'scope' is missing.");
  const scopes = scope.trim().split(/\s+/);
  const resources = new Set(scopes.map((text) => text.replace(/\/[^/]*$/, '')));
  if (resources.size > 1) throw new EntraFailure(700022);
  const [first = ''] = scopes;
  if (!first.endsWith('/.default')) throw new EntraFailure(1002012, `Scope '${first}'.`);
  const resource = first.slice(0, -'/.default'.length).replace(/\/$/, '');
  if (resource === '') throw new EntraFailure(70011);
  if (otherClouds.includes(resource) || ![graphAudience, graphAppId, origin].includes(resource)) {
    throw new EntraFailure(500011, `Resource '${resource}'.`);
  }
  return resource === graphAppId ? graphAppId : graphAudience;
};

const requireGrant = (form: URLSearchParams, key: string): void => {
  const grant = form.get('grant_type');
  if (grant === null) throw new EntraFailure(900144, "The parameter 'grant_type' is missing.");
  if (grant === 'authorization_code') return;
  if (grant !== 'client_credentials') throw new EntraFailure(70003, `Grant '${grant}'.`);
  if (key === 'organizations') throw new EntraFailure(90019);
  if (sharedTenants.has(key)) throw new EntraFailure(9001023);
};

const requireApp = (world: World, form: URLSearchParams): AppRegistration => {
  const clientId = form.get('client_id');
  if (clientId === null) throw new EntraFailure(900144, "The parameter 'client_id' is missing.");
  const app = world.apps.get(clientId.toLowerCase());
  if (app === undefined) throw new EntraFailure(700016, `Application '${clientId}'.`);
  return app;
};

const requireCredential = (form: URLSearchParams): string => {
  const assertion = form.get('client_assertion');
  if (assertion === null) throw new EntraFailure(form.has('client_secret') ? 7000215 : 7000218);
  if (form.get('client_assertion_type') !== assertionType) {
    throw new EntraFailure(900144, "The parameter 'client_assertion_type' is missing or not supported.");
  }
  return assertion;
};

const requirePrincipal = (tenant: Tenant, app: AppRegistration): ServicePrincipal => {
  const principal = tenant.principals.get(app.clientId);
  if (principal === undefined || principal.lag.principal > 0) {
    if (principal !== undefined) principal.lag.principal -= 1;
    throw new EntraFailure(app.tenantId === tenant.id ? 700016 : 7000229, `Application '${app.clientId}'.`);
  }
  if (!principal.enabled) throw new EntraFailure(7000112, `Application '${app.clientId}'.`);
  return principal;
};

const takeFailure = (tenant: Tenant): void => {
  const failure = tenant.failures[0];
  if (failure === undefined) return;
  failure.left -= 1;
  if (failure.left <= 0) tenant.failures = tenant.failures.slice(1);
  throw new EntraFailure(failure.code);
};

const grantedRoles = (principal: ServicePrincipal): string[] => {
  if (principal.lag.roles === 0) return [...principal.roles].sort();
  principal.lag.roles -= 1;
  return [];
};

const audiencesOf = (origin: string, tenant: Tenant): ReadonlySet<string> =>
  new Set([tenant.id, tenant.domain].flatMap((key) => Object.values(endpoints(origin.toLowerCase(), key))));

/** Whoever signed in decides which tenant's scripted failures apply, and the path which audience is meant. */
const grantSignIn = (
  world: World,
  request: EntraRequest,
  { form, key }: { form: URLSearchParams; key: string },
): EntraAnswer => {
  const { url } = request;
  const user = world.users.get(findCode(world, form)?.userId ?? '');
  const home = user === undefined ? undefined : world.tenants.get(user.tenantId);
  if (home !== undefined) takeFailure(home);
  const app = requireApp(world, form);
  const audiences = sharedTenants.has(key)
    ? new Set(Object.values(endpoints(url.origin.toLowerCase(), key)))
    : audiencesOf(url.origin, requireTenant(world, key));
  checkAssertion(requireCredential(form), { app, audiences, now: world.clock.now() });
  return redeemCode(world, { app, form, key, url });
};

const grantToken = (world: World, request: EntraRequest, key: string): EntraAnswer => {
  const form = new URLSearchParams(request.body);
  requireGrant(form, key);
  if (form.get('grant_type') === 'authorization_code') return grantSignIn(world, request, { form, key });
  const tenant = requireTenant(world, key);
  takeFailure(tenant);
  const app = requireApp(world, form);
  const audience = readAudience(form.get('scope'), request.url.origin);
  const context = { app, audiences: audiencesOf(request.url.origin, tenant), now: world.clock.now() };
  checkAssertion(requireCredential(form), context);
  const principal = requirePrincipal(tenant, app);
  const roles = grantedRoles(principal);
  const { pathname: path } = request.url;
  const token = issueToken(world, { tenant, principal, clientId: app.clientId, roles, audience, path });
  const { expiresIn, refreshIn } = tenant.tokens;
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      ...(refreshIn === undefined ? {} : { refresh_in: refreshIn }),
      access_token: token,
    },
  };
};

const isPage = (method: string): boolean => method === 'GET' || method === 'POST';

const route = (world: World, request: EntraRequest): EntraAnswer | undefined => {
  const { origin, pathname } = request.url;
  const [, key = '', rest = ''] = /^\/([^/]+)\/(.+)$/.exec(decodeURIComponent(pathname).toLowerCase()) ?? [];
  const isGet = request.method === 'GET';
  if (rest === 'oauth2/v2.0/authorize' && isPage(request.method))
    return answerAuthorize(world, { ...request, key });
  if (rest === 'adminconsent' && isPage(request.method)) return answerConsent(world, { ...request, key }, 1);
  if (rest === 'v2.0/adminconsent' && isPage(request.method))
    return answerConsent(world, { ...request, key }, 2);
  if (isGet && rest === 'v2.0/.well-known/openid-configuration') {
    return { status: 200, body: toDiscovery(world, origin, key) };
  }
  if (isGet && rest === 'discovery/v2.0/keys')
    return { status: 200, body: toJwks(`${origin}/{tenantid}/v2.0`) };
  if (request.method === 'POST' && rest === 'oauth2/v2.0/token') return grantToken(world, request, key);
  return undefined;
};

/** Undefined for paths that are not Entra's. */
export function answerEntra(world: World, request: EntraRequest): EntraAnswer | undefined {
  const correlationId = request.url.searchParams.get('client-request-id');
  try {
    return route(world, request);
  } catch (error) {
    if (!(error instanceof EntraFailure)) throw error;
    return toEntraAnswer(world, error, correlationId);
  }
}
