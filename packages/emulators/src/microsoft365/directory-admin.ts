import { createRandom } from '../kit/random.ts';
import { graphAudience, issueToken } from './access-token.ts';
import {
  addCertificate,
  type ConsentLag,
  consent,
  type NewApp,
  registerApp,
  requireApp,
  requirePrincipal,
  requireTenant,
} from './app-admin.ts';
import type { DirectoryRole } from './directory-roles.ts';
import { createMailbox } from './mailbox.ts';
import type {
  AccessScope,
  Group,
  MailboxState,
  PageSettings,
  ServicePrincipal,
  Tenant,
  TokenSettings,
  User,
  World,
} from './world.ts';

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
  /** Directory roles. Default none: an ordinary employee. */
  roles?: readonly DirectoryRole[];
  /** What the sign-in page wants. Default: it takes any. */
  password?: string;
}

/** By id or user principal name, in any tenant. */
export const requireUser = (world: World, key: string): User => {
  const wanted = key.toLowerCase();
  const byId = world.users.get(wanted);
  if (byId !== undefined) return byId;
  for (const user of world.users.values()) if (user.userPrincipalName.toLowerCase() === wanted) return user;
  throw new Error(`the emulator has no user ${key}`);
};

const addressesOf = ({ mail, userPrincipalName }: User): readonly string[] =>
  [mail ?? userPrincipalName, userPrincipalName].map((address) => address.toLowerCase());

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
    roles: new Set(user.roles),
    password: user.password,
  };
  tenant.users.set(id, added);
  world.users.set(id, added);
  for (const address of addressesOf(added)) world.addresses.set(address, added);
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

/** What the sign-in service does next. */
const createSignInAdmin = (world: World) => ({
  /** An access token for Graph, as the token endpoint would give it for an assertion that is in order. */
  issueToken(tenantId: string, clientId: string): string {
    const principal = requirePrincipal(world, tenantId, clientId);
    return issueToken(world, {
      tenant: requireTenant(world, tenantId),
      principal,
      clientId: requireApp(world, clientId).clientId,
      roles: [...principal.roles],
      audience: graphAudience,
    });
  },
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
  /** How the sign-in and consent pages treat people of the tenant from now on. */
  setPages(tenantId: string, settings: Partial<PageSettings>): void {
    Object.assign(requireTenant(world, tenantId).pages, settings);
  },
  setTokens(tenantId: string, settings: Partial<TokenSettings>): void {
    const tenant = requireTenant(world, tenantId);
    tenant.tokens = { ...tenant.tokens, ...settings };
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
      pages: {
        userConsent: true,
        assignmentRequired: false,
        lag: { principal: 0, roles: 0 },
        failures: [],
      },
    });
    return { id };
  },
  registerApp: (app: NewApp): { clientId: string } => registerApp(world, app),
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
    for (const address of addressesOf(user)) world.addresses.delete(address);
  },
  ...createGroupAdmin(world),
  /** Replaces the directory roles of a user. */
  setRoles(userId: string, roles: readonly DirectoryRole[]): void {
    const user = requireUser(world, userId);
    user.roles.clear();
    for (const role of roles) user.roles.add(role);
  },
  setAccountEnabled(userId: string, enabled: boolean): void {
    requireUser(world, userId).accountEnabled = enabled;
  },
  setMailboxState(userId: string, state: MailboxState): void {
    requireUser(world, userId).mailboxState = state;
  },
  /** `all` lifts the restriction; a list of mailboxes is an access policy. */
  setScope(tenantId: string, clientId: string, scope: readonly string[] | Scope | 'all'): void {
    const principal = requirePrincipal(world, tenantId, clientId);
    principal.scope = scope === 'all' ? undefined : toScope(world, scope);
  },
  entra: createSignInAdmin(world),
});
