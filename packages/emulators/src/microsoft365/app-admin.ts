import { createHash, X509Certificate } from 'node:crypto';
import type { AppRegistration, ServicePrincipal, Tenant, World } from './world.ts';
import { findTenant } from './world.ts';

export const requireTenant = (world: World, key: string): Tenant => {
  const tenant = findTenant(world, key);
  if (tenant === undefined) throw new Error(`the emulator has no tenant ${key}`);
  return tenant;
};

export const requireApp = (world: World, clientId: string): AppRegistration => {
  const app = world.apps.get(clientId.toLowerCase());
  if (app === undefined) throw new Error(`the emulator has no app registration ${clientId}`);
  return app;
};

export const requirePrincipal = (world: World, tenantId: string, clientId: string): ServicePrincipal => {
  const principal = requireTenant(world, tenantId).principals.get(requireApp(world, clientId).clientId);
  if (principal === undefined) throw new Error(`tenant ${tenantId} has no service principal of ${clientId}`);
  return principal;
};

export interface NewApp {
  clientId?: string;
  /** The tenant that it is registered in. */
  tenantId: string;
  displayName: string;
  /** Default `multiple`: accounts in any organisation. */
  audience?: AppRegistration['audience'];
  /** Where the sign-in and consent pages may send a browser back to. `http://localhost` matches any port. */
  redirectUris?: readonly string[];
  /** Application permissions that consent grants. Default Contacts.ReadWrite and User.Read.All. */
  requiredRoles?: readonly string[];
  /** Default `directory-role`. */
  groupMembershipClaims?: AppRegistration['groupMembershipClaims'];
}

export const registerApp = (world: World, app: NewApp): { clientId: string } => {
  const clientId = (app.clientId ?? world.random.uuid()).toLowerCase();
  world.apps.set(clientId, {
    clientId,
    tenantId: requireTenant(world, app.tenantId).id,
    displayName: app.displayName,
    certificates: new Map(),
    audience: app.audience ?? 'multiple',
    redirectUris: new Set(app.redirectUris),
    requiredRoles: new Set(app.requiredRoles ?? ['Contacts.ReadWrite', 'User.Read.All']),
    groupMembershipClaims: app.groupMembershipClaims ?? 'directory-role',
  });
  return { clientId };
};

export const addCertificate = (
  world: World,
  clientId: string,
  cert: string | Uint8Array,
): { x5t: string } => {
  const app = requireApp(world, clientId);
  const x509 = new X509Certificate(cert);
  const x5t = createHash('sha256').update(x509.raw).digest('base64url');
  app.certificates.set(x5t, {
    x5t,
    x509,
    publicKey: x509.publicKey,
    notBefore: Date.parse(x509.validFrom),
    notAfter: Date.parse(x509.validTo),
  });
  return { x5t };
};

export interface ConsentLag {
  /** Token requests that are still refused as if there were no service principal. */
  principal?: number;
  /** Token requests after those that get a token without roles. */
  roles?: number;
}

export const consent = (
  world: World,
  grant: { tenantId: string; clientId: string; roles: readonly string[] },
): void => {
  const tenant = requireTenant(world, grant.tenantId);
  const app = requireApp(world, grant.clientId);
  const before = tenant.principals.get(app.clientId);
  tenant.principals.set(app.clientId, {
    objectId: before?.objectId ?? world.random.uuid(),
    enabled: before?.enabled ?? true,
    scope: before?.scope,
    roles: new Set(grant.roles),
    lag: { principal: 0, roles: 0 },
  });
};
