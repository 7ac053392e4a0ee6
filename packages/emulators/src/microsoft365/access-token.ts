import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { ServicePrincipal, Tenant, World } from './world.ts';

let cachedKey: { privateKey: KeyObject; publicKey: KeyObject; kid: string } | undefined;

/** One RSA key per process: making one takes a tenth of a second, and nothing depends on its value. */
export const signingKey = () => {
  if (cachedKey === undefined) {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const der = pair.publicKey.export({ type: 'spki', format: 'der' });
    cachedKey = { ...pair, kid: createHash('sha256').update(der).digest('base64url').slice(0, 27) };
  }
  return cachedKey;
};

export const graphAudience = 'https://graph.microsoft.com';

/** The JSON Web Key Set that tokens are signed under. */
export function toJwks(issuer: string): Record<string, unknown> {
  const { publicKey, kid } = signingKey();
  const { n, e } = publicKey.export({ format: 'jwk' });
  return { keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid, x5t: kid, n, e, issuer }] };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

interface TokenRequest {
  tenant: Tenant;
  principal: ServicePrincipal;
  clientId: string;
  roles: readonly string[];
  audience: string;
  /** Path of the token request, for scripted forgeries. Absent: nobody asked by a request. */
  path?: string;
}

/**
 * An access token with version 1 claims as Graph issues them, or an opaque text when the tenant is set so. The claims that
 * the named fault `access-token` holds replace its own.
 */
export function issueToken(world: World, request: TokenRequest): string {
  const { tenant, principal, clientId } = request;
  const { expiresIn, opaque } = tenant.tokens;
  const now = Math.floor(world.clock.now() / 1000);
  const { privateKey, kid } = signingKey();
  const forged = world.faults.takeNamed('access-token', request.path)?.data ?? {};
  const claims = {
    aud: request.audience,
    iss: `https://sts.windows.net/${tenant.id}/`,
    iat: now,
    nbf: now,
    exp: now + expiresIn,
    appid: clientId,
    appidacr: '2',
    idp: `https://sts.windows.net/${tenant.id}/`,
    idtyp: 'app',
    oid: principal.objectId,
    sub: principal.objectId,
    ...(request.roles.length > 0 ? { roles: request.roles } : {}),
    tid: tenant.id,
    uti: world.random.hex(22),
    ver: '1.0',
    ...forged,
  };
  const input = `${encode({ typ: 'JWT', alg: 'RS256', x5t: kid, kid })}.${encode(claims)}`;
  const token = opaque
    ? `EwB${world.random.hex(120)}`
    : `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  world.tokensIssued += 1;
  world.tokens.set(token, {
    tenantId: tenant.id,
    clientId,
    roles: new Set(request.roles),
    expiresAt: (now + expiresIn) * 1000,
  });
  return token;
}
