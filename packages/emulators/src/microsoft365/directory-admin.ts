import { createHash, X509Certificate } from 'node:crypto';
import { createRandom } from '../kit/random.ts';
import { createMailbox } from './mailbox.ts';
import type {
  AccessScope,
  AppRegistration,
  Group,
  MailboxState,
  ServicePrincipal,
  Tenant,
  TokenSettings,
  User,
  World,
} from './world.ts';
import { findTenant } from './world.ts';

export interface NewUser {
  id?: string;
  mail: string;
  displayName: string;
  userPrincipalName?: string;
  givenName?: string;
  surname?: string;
  jobTitle?: string;
  employeeId?: string;
  accountEnabled?: boolean;
  userType?: 'Member' | 'Guest';
  purpose?: User['purpose'];
  /** Windows or IANA name. Default UTC. */
  timeZone?: string;
  mailbox?: MailboxState;
}

export const requireTenant = (world: World, key: string): Tenant => {
  const tenant = findTenant(world, key);
  if (tenant === undefined) throw new Error(`the emulator has no tenant ${key}`);
  return tenant;
};

const requireApp = (world: World, clientId: string): AppRegistration => {
  const app = world.apps.get(clientId.toLowerCase());
  if (app === undefined) throw new Error(`the emulator has no app registration ${clientId}`);
  return app;
};

const requirePrincipal = (world: World, tenantId: string, clientId: string): ServicePrincipal => {
  const principal = requireTenant(world, tenantId).principals.get(requireApp(world, clientId).clientId);
  if (principal === undefined) throw new Error(`tenant ${tenantId} has no service principal of ${clientId}`);
  return principal;
};

/** By id or user principal name, in any tenant. */
export const requireUser = (world: World, key: string): User => {
  const wanted = key.toLowerCase();
  const byId = world.users.get(wanted);
  if (byId !== undefined) return byId;
  for (const user of world.users.values()) if (user.userPrincipalName.toLowerCase() === wanted) return user;
  throw new Error(`the emulator has no user ${key}`);
};

const addUser = (world: World, tenantId: string, user: NewUser): { id: string } => {
  const tenant = requireTenant(world, tenantId);
  const id = (user.id ?? world.random.uuid()).toLowerCase();
  const added: User = {
    id,
    tenantId: tenant.id,
    mail: user.mail,
    userPrincipalName: user.userPrincipalName ?? user.mail,
    displayName: user.displayName,
    givenName: user.givenName ?? null,
    surname: user.surname ?? null,
    jobTitle: user.jobTitle ?? null,
    employeeId: user.employeeId ?? null,
    accountEnabled: user.accountEnabled ?? true,
    userType: user.userType ?? 'Member',
    purpose: user.purpose ?? 'user',
    timeZone: user.timeZone ?? 'UTC',
    mailboxState: user.mailbox ?? 'normal',
    mailbox: createMailbox(createRandom(world.random.int(2 ** 31))),
  };
  tenant.users.set(id, added);
  world.users.set(id, added);
  return { id };
};

export interface NewGroup {
  id?: string;
  displayName: string;
  members?: readonly string[];
}

const memberId = (world: World, tenant: Tenant, member: string): string =>
  tenant.groups.has(member) ? member : requireUser(world, member).id;

const requireGroup = (world: World, groupId: string): { tenant: Tenant; group: Group } => {
  for (const tenant of world.tenants.values()) {
    const group = tenant.groups.get(groupId);
    if (group !== undefined) return { tenant, group };
  }
  throw new Error(`the emulator has no group ${groupId}`);
};

const addGroup = (world: World, tenantId: string, group: NewGroup): { id: string } => {
  const tenant = requireTenant(world, tenantId);
  const id = (group.id ?? world.random.uuid()).toLowerCase();
  const members = new Set((group.members ?? []).map((member) => memberId(world, tenant, member)));
  tenant.groups.set(id, { id, displayName: group.displayName, members });
  return { id };
};

const addCertificate = (world: World, clientId: string, cert: string | Uint8Array): { x5t: string } => {
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

const consent = (
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

/** Mailboxes by user id or user principal name. */
export interface Scope {
  mailboxIds: readonly string[];
  /** Default `policy`: restricts what Entra granted. `rbac`: grants inside the scope, next to what Entra granted. */
  mechanism?: AccessScope['mechanism'];
  /** With `rbac`; default Contacts.ReadWrite. */
  roles?: readonly string[];
}

const toScope = (world: World, scope: readonly string[] | Scope): AccessScope => {
  const { mailboxIds, mechanism, roles }: Scope = 'mailboxIds' in scope ? scope : { mailboxIds: scope };
  return {
    mechanism: mechanism ?? 'policy',
    mailboxIds: new Set(mailboxIds.map((id) => requireUser(world, id).id)),
    roles: new Set(roles ?? ['Contacts.ReadWrite']),
  };
};

const removeRoles = (principal: ServicePrincipal, roles: readonly string[] | undefined): void => {
  for (const role of roles ?? [...principal.roles]) principal.roles.delete(role);
};

const createGroupAdmin = (world: World) => ({
  /** Members: ids of users (or their user principal names) and of other groups. */
  addGroup: (tenantId: string, group: NewGroup): { id: string } => addGroup(world, tenantId, group),
  setGroupMembers(groupId: string, members: readonly string[]): void {
    const { tenant, group } = requireGroup(world, groupId);
    group.members.clear();
    for (const member of members) group.members.add(memberId(world, tenant, member));
  },
  removeGroup(groupId: string): void {
    requireGroup(world, groupId).tenant.groups.delete(groupId);
  },
});

/** Tenants, app registrations, consents, users and groups, as administrators would set them up. Unknown names throw. */
export const createDirectoryAdmin = (world: World) => ({
  createTenant(tenant: { id?: string; domain: string; displayName: string }): { id: string } {
    const id = (tenant.id ?? world.random.uuid()).toLowerCase();
    world.tenants.set(id, {
      id,
      domain: tenant.domain.toLowerCase(),
      displayName: tenant.displayName,
      users: new Map(),
      groups: new Map(),
      principals: new Map(),
      failures: [],
      tokens: { expiresIn: 3599, refreshIn: undefined, opaque: false },
    });
    return { id };
  },
  registerApp(app: { clientId?: string; tenantId: string; displayName: string }): { clientId: string } {
    const clientId = (app.clientId ?? world.random.uuid()).toLowerCase();
    const tenantId = requireTenant(world, app.tenantId).id;
    world.apps.set(clientId, { clientId, tenantId, displayName: app.displayName, certificates: new Map() });
    return { clientId };
  },
  /** PEM or DER. `x5t` is the base64url SHA-256 that assertions name it by. */
  addCertificate: (clientId: string, cert: string | Uint8Array): { x5t: string } =>
    addCertificate(world, clientId, cert),
  removeCertificate: (clientId: string, x5t: string): boolean =>
    requireApp(world, clientId).certificates.delete(x5t),
  /** Creates the service principal if need be; the roles replace those granted before. */
  consent: (tenantId: string, clientId: string, roles: readonly string[]): void =>
    consent(world, { tenantId, clientId, roles }),
  /** Takes back the given roles, or all; the service principal stays and issued tokens keep theirs. */
  revoke: (tenantId: string, clientId: string, roles?: readonly string[]): void =>
    removeRoles(requirePrincipal(world, tenantId, clientId), roles),
  removeServicePrincipal: (tenantId: string, clientId: string): boolean =>
    requireTenant(world, tenantId).principals.delete(clientId.toLowerCase()),
  setServicePrincipalEnabled(tenantId: string, clientId: string, enabled: boolean): void {
    requirePrincipal(world, tenantId, clientId).enabled = enabled;
  },
  addUser: (tenantId: string, user: NewUser): { id: string } => addUser(world, tenantId, user),
  removeUser(userId: string): void {
    const user = requireUser(world, userId);
    requireTenant(world, user.tenantId).users.delete(user.id);
    world.users.delete(user.id);
  },
  ...createGroupAdmin(world),
  setMailboxState(userId: string, state: MailboxState): void {
    requireUser(world, userId).mailboxState = state;
  },
  /** `all` lifts the restriction; a list of mailboxes is an access policy. */
  setScope(tenantId: string, clientId: string, scope: readonly string[] | Scope | 'all'): void {
    const principal = requirePrincipal(world, tenantId, clientId);
    principal.scope = scope === 'all' ? undefined : toScope(world, scope);
  },
  entra: {
    /** The next token requests of the tenant are refused with this AADSTS code. */
    fail(tenantId: string, code: number, options: { times?: number } = {}): void {
      requireTenant(world, tenantId).failures.push({ code, left: options.times ?? 1 });
    },
    clearFailures(tenantId: string): void {
      requireTenant(world, tenantId).failures = [];
    },
    /** Replication after a consent, counted in token requests. */
    setLag(tenantId: string, clientId: string, lag: ConsentLag): void {
      const principal = requirePrincipal(world, tenantId, clientId);
      principal.lag = { principal: lag.principal ?? 0, roles: lag.roles ?? 0 };
    },
    setTokens(tenantId: string, settings: Partial<TokenSettings>): void {
      const tenant = requireTenant(world, tenantId);
      tenant.tokens = { ...tenant.tokens, ...settings };
    },
  },
});
