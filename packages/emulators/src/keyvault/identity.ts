import { constants, createHash, randomBytes, verify, X509Certificate } from 'node:crypto';
import type { EmulatorClock } from '../kit/index.ts';

/** Who may get tokens for the vault, and how. */
export interface Identities {
  /** An app that proves itself by a certificate (PEM). */
  registerApp(clientId: string, certificatePem: string): void;
  /** An app that is trusted with tokens of another issuer (federated credential), told here in full. */
  federate(clientId: string, assertion: string): void;
  /** The identity of the machine itself; `header` = the secret that App Service puts into IDENTITY_HEADER. */
  assignMachine(clientId: string, header: string): void;
  revokeTokens(): void;
}

export interface IdentityServer extends Identities {
  answer(request: Request, body: string): Response | undefined;
  /** Whether a bearer token opens the vault now. */
  admits(token: string): boolean;
}

interface App {
  readonly certificate: X509Certificate | null;
  readonly assertion: string | null;
}

const RESOURCE = 'https://vault.azure.net';
const LIFE_SECONDS = 3599;

const refuse = (code: number, error: string): Response =>
  Response.json(
    { error, error_description: `AADSTS${code}: refused.`, error_codes: [code] },
    { status: 401 },
  );

function isProof(jwt: string, app: App): boolean {
  if (app.assertion !== null) return jwt === app.assertion;
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const decoded = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
  if (app.certificate === null || decoded.alg !== 'PS256') return false;
  const thumbprint = createHash('sha256').update(app.certificate.raw).digest('base64url');
  const key = { key: app.certificate.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const signed = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    key,
    Buffer.from(signature, 'base64url'),
  );
  return decoded['x5t#S256'] === thumbprint && signed;
}

const discovery = (tenant: string, authority: string): Response =>
  Response.json({
    token_endpoint: `${authority}/${tenant}/oauth2/v2.0/token`,
    authorization_endpoint: `${authority}/${tenant}/oauth2/v2.0/authorize`,
    issuer: `${authority}/${tenant}/v2.0`,
    jwks_uri: `${authority}/${tenant}/discovery/v2.0/keys`,
  });

/** As much of Entra and of a machine's own token endpoint as the vault's clients ask. */
export function createIdentityServer(of: {
  readonly tenantId: string;
  readonly authority: string;
  readonly clock: EmulatorClock;
}): IdentityServer {
  const { tenantId, authority, clock } = of;
  const apps = new Map<string, App>();
  const tokens = new Map<string, number>();
  let machine: { readonly clientId: string; readonly header: string } | null = null;

  function issue(): string {
    const token = randomBytes(24).toString('base64url');
    tokens.set(token, clock.now() + LIFE_SECONDS * 1000);
    return token;
  }

  function appToken(form: URLSearchParams): Response {
    const app = apps.get(form.get('client_id') ?? '');
    if (app === undefined) return refuse(700016, 'unauthorized_client');
    if (form.get('scope')?.split(' ').includes(`${RESOURCE}/.default`) !== true)
      return refuse(70011, 'invalid_scope');
    if (!isProof(form.get('client_assertion') ?? '', app)) return refuse(700027, 'invalid_client');
    const body = { token_type: 'Bearer', expires_in: LIFE_SECONDS, ext_expires_in: LIFE_SECONDS };
    return Response.json({ ...body, access_token: issue() });
  }

  function machineToken(request: Request): Response {
    const url = new URL(request.url);
    const header = request.headers.get('x-identity-header');
    const asked = url.searchParams.get('client_id');
    const known =
      machine !== null && machine.header === header && (asked ?? machine.clientId) === machine.clientId;
    if (!known || url.searchParams.get('resource') !== RESOURCE)
      return Response.json({ statusCode: 400 }, { status: 400 });
    const expiresOn = String(Math.floor(clock.now() / 1000) + LIFE_SECONDS);
    const body = { access_token: issue(), expires_on: expiresOn, resource: RESOURCE, token_type: 'Bearer' };
    return Response.json({ ...body, client_id: machine?.clientId });
  }

  return {
    registerApp(clientId, certificatePem) {
      apps.set(clientId, { certificate: new X509Certificate(certificatePem), assertion: null });
    },
    federate(clientId, assertion) {
      apps.set(clientId, { certificate: null, assertion });
    },
    assignMachine(clientId, header) {
      machine = { clientId, header };
    },
    revokeTokens: () => tokens.clear(),
    admits: (token) => (tokens.get(token) ?? 0) > clock.now(),
    answer(request, body) {
      const { pathname } = new URL(request.url);
      if (pathname === '/msi/token') return machineToken(request);
      if (pathname === '/common/discovery/instance')
        return Response.json({
          tenant_discovery_endpoint: `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`,
          metadata: [],
        });
      const [, tenant, ...rest] = pathname.split('/');
      const path = rest.join('/');
      if (path === 'v2.0/.well-known/openid-configuration') return discovery(tenant ?? '', authority);
      if (path !== 'oauth2/v2.0/token') return undefined;
      return tenant === tenantId ? appToken(new URLSearchParams(body)) : refuse(90002, 'invalid_request');
    },
  };
}
