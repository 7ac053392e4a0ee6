import { compactVerify, decodeJwt, importX509, type JWTPayload } from 'jose';
import type { ConnectedApp, ConnectedApps } from './connected-apps.ts';
import { liveRowsByKey, type Org, requireTable } from './org.ts';
import { json, type Reply } from './reply.ts';
import { storedValue } from './row.ts';
import type { Sessions } from './sessions.ts';

export interface OauthOptions {
  readonly org: Org;
  readonly apps: ConnectedApps;
  readonly sessions: Sessions;
  /** Accepted `aud` values besides the origin that was called. */
  readonly audiences: readonly string[];
  readonly loginOrigin: string;
  /** Where API calls go when the token request did not come over a loopback socket. */
  readonly instanceOrigin: string;
  readonly clockSkewMs: number;
}

export interface TokenRequest {
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
  /** Origin the request was sent to. */
  readonly origin: string;
}

interface Grant {
  readonly app: ConnectedApp;
  readonly userId: string;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LONGEST_ASSERTION_MS = 3 * 60 * 1000;
const NO_STORE = { 'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private' };

class GrantRefused extends Error {
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

function isLoopback(origin: string): boolean {
  return /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(origin);
}

/** `.../id/<org id>/<user id>` on the login host, or on the loopback origin that was called. */
export function identityUrlOf(options: OauthOptions, userId: string, origin: string): string {
  return `${isLoopback(origin) ? origin : options.loginOrigin}/id/${options.org.id}/${userId}`;
}

async function isSignedBy(assertion: string, certPem: string): Promise<boolean> {
  try {
    await compactVerify(assertion, await importX509(certPem, 'RS256'), { algorithms: ['RS256'] });
    return true;
  } catch {
    return false;
  }
}

function readClaims(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw new GrantRefused('invalid_grant', 'invalid assertion');
  }
}

function requireLifetime(options: OauthOptions, claims: JWTPayload): void {
  const now = options.org.clock.now();
  const expiresAt = typeof claims.exp === 'number' ? claims.exp * 1000 : Number.NaN;
  const inTime =
    expiresAt > now - options.clockSkewMs && expiresAt <= now + LONGEST_ASSERTION_MS + options.clockSkewMs;
  if (!inTime) throw new GrantRefused('invalid_grant', 'invalid assertion');
}

function requireAudience(options: OauthOptions, claims: JWTPayload, origin: string): void {
  const accepted = [...options.audiences, origin].map((url) => url.replace(/\/$/, ''));
  const given = typeof claims.aud === 'string' ? claims.aud.replace(/\/$/, '') : undefined;
  if (given === undefined || !accepted.includes(given))
    throw new GrantRefused('invalid_grant', 'audience is invalid');
}

function requireApproved({ org, apps }: OauthOptions, app: ConnectedApp, username: string): string {
  const user = liveRowsByKey(requireTable(org, 'User'), 'Username', username)[0];
  if (user === undefined) throw new GrantRefused('invalid_grant', "user hasn't approved this consumer");
  if (storedValue(user, 'IsActive') !== true) throw new GrantRefused('invalid_grant', 'inactive user');
  if (apps.isApproved(user.id, app.consumerKey)) return user.id;
  if (app.policy === 'admin-approved') {
    throw new GrantRefused('invalid_app_access', 'user is not admin approved to access this app');
  }
  throw new GrantRefused('invalid_grant', "user hasn't approved this consumer");
}

async function byAssertion(options: OauthOptions, { form, origin }: TokenRequest): Promise<Grant> {
  const assertion = form.get('assertion') ?? '';
  const claims = readClaims(assertion);
  const app = options.apps.find(typeof claims.iss === 'string' ? claims.iss : '');
  if (app === undefined) throw new GrantRefused('invalid_client_id', 'client identifier invalid');
  if (app.certPem === undefined) throw new GrantRefused('unsupported_grant_type', 'grant type not supported');
  if (!(await isSignedBy(assertion, app.certPem)))
    throw new GrantRefused('invalid_grant', 'invalid assertion');
  requireAudience(options, claims, origin);
  requireLifetime(options, claims);
  return { app, userId: requireApproved(options, app, typeof claims.sub === 'string' ? claims.sub : '') };
}

function clientCredentials({ form, authorization }: TokenRequest): { id: string; secret: string } {
  const basic = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined)
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const at = text.indexOf(':');
  // RFC 6749 2.3.1: both halves are form-encoded before they are joined.
  const decode = (part: string): string => new URLSearchParams(`v=${part}`).get('v') ?? '';
  return { id: decode(text.slice(0, at)), secret: decode(text.slice(at + 1)) };
}

function bySecret(options: OauthOptions, request: TokenRequest): Grant {
  // The flow exists on the org's own host only.
  if (request.origin === options.loginOrigin || request.origin === 'https://test.salesforce.com') {
    throw new GrantRefused('invalid_grant', 'request not supported on this domain');
  }
  const { id, secret } = clientCredentials(request);
  const app = options.apps.find(id);
  if (app === undefined) throw new GrantRefused('invalid_client_id', 'client identifier invalid');
  if (app.secret === undefined) throw new GrantRefused('unsupported_grant_type', 'grant type not supported');
  if (app.secret !== secret) throw new GrantRefused('invalid_client', 'invalid client credentials');
  if (app.runAs === undefined) throw new GrantRefused('invalid_grant', 'no client credentials user enabled');
  const user = requireTable(options.org, 'User').get(app.runAs);
  if (user === undefined || storedValue(user, 'IsActive') !== true)
    throw new GrantRefused('invalid_grant', 'inactive user');
  return { app, userId: app.runAs };
}

async function grantFor(options: OauthOptions, request: TokenRequest): Promise<Grant> {
  const type = request.form.get('grant_type');
  if (type === JWT_BEARER) return await byAssertion(options, request);
  if (type === 'client_credentials') return bySecret(options, request);
  throw new GrantRefused('unsupported_grant_type', 'grant type not supported');
}

function toTokenReply(options: OauthOptions, request: TokenRequest, grant: Grant): Reply {
  const { org, sessions } = options;
  const session = sessions.open(grant.userId, grant.app.consumerKey);
  const local = isLoopback(request.origin);
  const instance = local ? request.origin : options.instanceOrigin;
  const common = {
    access_token: session.token,
    scope: 'api',
    instance_url: instance,
    id: identityUrlOf(options, grant.userId, request.origin),
    token_type: 'Bearer',
  };
  if (request.form.get('grant_type') === JWT_BEARER) return json(200, common, NO_STORE);
  const issuedAt = String(org.clock.now());
  const signature = Buffer.from(org.random.hex(64), 'hex').toString('base64');
  const apiInstance = local ? request.origin : 'https://api.salesforce.com';
  return json(200, { ...common, signature, issued_at: issuedAt, api_instance_url: apiInstance }, NO_STORE);
}

/** `POST /services/oauth2/token`. */
export async function requestToken(options: OauthOptions, request: TokenRequest): Promise<Reply> {
  try {
    return toTokenReply(options, request, await grantFor(options, request));
  } catch (error) {
    if (!(error instanceof GrantRefused)) throw error;
    return json(400, { error: error.error, error_description: error.message }, NO_STORE);
  }
}

/** `POST /services/oauth2/revoke`: 200 without a body, or 400 for a token that is not alive. */
export function revokeToken({ sessions }: OauthOptions, token: string): Reply {
  if (sessions.end(token)) return { status: 200, headers: NO_STORE };
  return json(
    400,
    { error: 'unsupported_token_type', error_description: 'this token type is not supported' },
    NO_STORE,
  );
}

/** `GET /services/oauth2/userinfo` and the identity URL: 403 with plain text `Bad_OAuth_Token` for a token that is not alive. */
export function readUserInfo(options: OauthOptions, token: string, origin: string): Reply {
  const session = options.sessions.find(token);
  if (session === undefined) return json(403, 'Bad_OAuth_Token');
  const user = requireTable(options.org, 'User').get(session.userId);
  const text = (name: string): unknown => (user === undefined ? null : storedValue(user, name));
  const url = identityUrlOf(options, session.userId, origin);
  return json(200, {
    id: url,
    sub: url,
    user_id: session.userId,
    organization_id: options.org.id,
    username: text('Username'),
    preferred_username: text('Username'),
    name: text('Name'),
    email: text('Email'),
    email_verified: true,
    given_name: text('FirstName'),
    family_name: text('LastName'),
    zoneinfo: text('TimeZoneSidKey'),
    active: text('IsActive'),
    user_type: 'STANDARD',
  });
}
