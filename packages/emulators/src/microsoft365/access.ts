import { GraphFailure } from './graph-error.ts';
import type { IssuedToken, MailboxState, Tenant, User, World } from './world.ts';
import { findUser } from './world.ts';

/** The calling application, in one tenant. */
export interface Session {
  tenant: Tenant;
  clientId: string;
  roles: ReadonlySet<string>;
}

const challenge =
  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
  'client_id="00000003-0000-0000-c000-000000000000"';

const unauthenticated = (message: string): GraphFailure =>
  new GraphFailure(401, 'InvalidAuthenticationToken', {
    message,
    headers: { 'WWW-Authenticate': challenge },
  });

const requireToken = (world: World, authorization: string | null): IssuedToken => {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw unauthenticated('Access token is empty.');
  const issued = world.tokens.get(token);
  if (issued === undefined) throw unauthenticated('Access token validation failure. Invalid signature.');
  if (world.clock.now() >= issued.expiresAt) {
    throw unauthenticated('Lifetime validation failed, the token is expired.');
  }
  return issued;
};

export function authenticate(world: World, authorization: string | null): Session {
  const issued = requireToken(world, authorization);
  const tenant = world.tenants.get(issued.tenantId);
  if (tenant === undefined) throw unauthenticated('Access token validation failure. Invalid tenant.');
  return { tenant, clientId: issued.clientId, roles: issued.roles };
}

const accessDenied = (message: string): GraphFailure => new GraphFailure(403, 'ErrorAccessDenied', message);
const genericDenial = 'Access is denied. Check credentials and try again.';
const policyDenial =
  'Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.';

const holdsAny = (roles: ReadonlySet<string>, wanted: readonly string[]): boolean =>
  wanted.some((role) => roles.has(role));

const checkReach = (session: Session, user: User, wanted: readonly string[]): void => {
  const scope = session.tenant.principals.get(session.clientId)?.scope;
  const inside = scope?.mailboxIds.has(user.id) ?? false;
  if (scope?.mechanism === 'rbac' && inside && holdsAny(scope.roles, wanted)) return;
  if (!holdsAny(session.roles, wanted)) throw accessDenied(genericDenial);
  if (scope?.mechanism === 'policy' && !inside) throw accessDenied(policyDenial);
};

const stateFailures: Record<Exclude<MailboxState, 'normal'>, () => GraphFailure> = {
  none: () =>
    new GraphFailure(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    ),
  'soft-deleted': () => stateFailures.none(),
  moving: () =>
    new GraphFailure(503, 'ErrorMailboxMoveInProgress', {
      message: 'Mailbox move in progress. Try again later.',
      headers: { 'Retry-After': '30' },
    }),
  stale: () => new GraphFailure(503, 'MailboxInfoStale', 'Mailbox info is stale.'),
};

/** The user on an Outlook path, whatever the state of the mailbox. */
export function requireMailboxUser(session: Session, key: string): User {
  const user = findUser(session.tenant, key);
  if (user !== undefined) return user;
  throw new GraphFailure(404, 'ErrorInvalidUser', `The requested user '${key}' is invalid.`);
}

/** Throws unless the app may use the mailbox with one of `roles` and the mailbox is up. */
export function checkAccess(session: Session, user: User, roles: readonly string[]): void {
  checkReach(session, user, roles);
  if (user.mailboxState !== 'normal') throw stateFailures[user.mailboxState]();
}

const directoryDenied = (): GraphFailure =>
  new GraphFailure(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');

export function requireGroupRole(session: Session): void {
  if (!holdsAny(session.roles, ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All']))
    throw directoryDenied();
}

export function requireDirectoryRole(session: Session): void {
  if (holdsAny(session.roles, ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'])) return;
  throw directoryDenied();
}
