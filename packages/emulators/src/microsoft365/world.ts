import type { KeyObject, X509Certificate } from 'node:crypto';
import type { EmulatorClock } from '../kit/clock.ts';
import type { ExchangeRecorder } from '../kit/exchange-log.ts';
import type { Faults } from '../kit/faults.ts';
import type { Random } from '../kit/random.ts';
import type { SentMail } from './calendar/sent-mail.ts';
import type { DirectoryRole } from './directory-roles.ts';
import type { Mailbox } from './mailbox.ts';
import type { PushWorld } from './push/push-world.ts';

/**
 * `none`: no licence. `soft-deleted`: gone with its user. `moving`, `stale`: 503 until set back.
 * On the wire the first two answer the same 404.
 */
export type MailboxState = 'normal' | 'none' | 'soft-deleted' | 'moving' | 'stale';

export interface User {
  readonly id: string;
  readonly tenantId: string;
  mail: string | null;
  userPrincipalName: string;
  displayName: string;
  givenName: string | null;
  surname: string | null;
  jobTitle: string | null;
  employeeId: string | null;
  accountEnabled: boolean;
  userType: 'Member' | 'Guest';
  purpose: 'user' | 'shared' | 'room' | 'equipment';
  timeZone: string;
  mailboxState: MailboxState;
  readonly mailbox: Mailbox;
  /** Directory roles that are active. */
  readonly roles: Set<DirectoryRole>;
  /** The sign-in page wants it; undefined = it takes any. */
  password: string | undefined;
}

export interface Certificate {
  readonly x5t: string;
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface AppRegistration {
  readonly clientId: string;
  readonly tenantId: string;
  readonly displayName: string;
  /** By base64url SHA-256 of the DER. */
  readonly certificates: Map<string, Certificate>;
  /** Whose accounts it is for: those of its own tenant, or of every organisation. */
  readonly audience: 'single' | 'multiple';
  readonly redirectUris: Set<string>;
  /** Application permissions that an administrator's consent grants. */
  readonly requiredRoles: Set<string>;
  /** `directory-role`: ID tokens carry `wids`. */
  readonly groupMembershipClaims: 'none' | 'directory-role';
}

/**
 * `policy`: an application access policy; it restricts what Entra granted.
 * `rbac`: Exchange RBAC for Applications; it grants `roles` inside the scope, in addition to what Entra granted.
 */
export interface AccessScope {
  readonly mechanism: 'policy' | 'rbac';
  readonly mailboxIds: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
}

/** Members are ids of users and of other groups. */
export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly members: Set<string>;
}

export interface ServicePrincipal {
  readonly objectId: string;
  readonly roles: Set<string>;
  enabled: boolean;
  scope: AccessScope | undefined;
  /** Token requests that still see nothing of the principal, or of its roles: replication after consent. */
  lag: { principal: number; roles: number };
}

export interface TokenSettings {
  /** Seconds. */
  expiresIn: number;
  refreshIn: number | undefined;
  opaque: boolean;
}

/** How a tenant's sign-in and consent pages behave. */
export interface PageSettings {
  /** Whether employees may let an app sign them in. */
  userConsent: boolean;
  /** The enterprise application lets in only who is assigned: nobody is. */
  assignmentRequired: boolean;
  /** Replication after the next consent on a page, counted in token requests. */
  lag: ServicePrincipal['lag'];
  /** The next acts on the pages are refused with these codes. */
  failures: number[];
}

/** An authorization code. */
export interface SignInCode {
  readonly userId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly nonce: string | undefined;
  /** base64url SHA-256 of the verifier; undefined = PKCE was not used. */
  readonly challenge: string | undefined;
  readonly expiresAt: number;
  redeemed: boolean;
}

export interface Tenant {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
  readonly users: Map<string, User>;
  readonly groups: Map<string, Group>;
  readonly principals: Map<string, ServicePrincipal>;
  failures: { code: number; left: number }[];
  tokens: TokenSettings;
  pages: PageSettings;
}

export interface IssuedToken {
  readonly tenantId: string;
  readonly clientId: string;
  readonly roles: ReadonlySet<string>;
  readonly expiresAt: number;
}

export interface AppWrite {
  readonly method: string;
  readonly path: string;
  readonly at: number;
  readonly userId: string;
  readonly clientId: string;
  readonly status: number;
}

export interface Lane {
  inFlight: number;
  /** Instants of the requests in the window; `head` is the oldest that counts. */
  times: number[];
  head: number;
}

export interface Settings {
  /** How long each mailbox request holds its slot, on the emulator's clock. Default 0. */
  latencyMs: number;
  /** Share of app-created contacts that the service touches once more, and how long after. */
  churn: { share: number; minMs: number; maxMs: number };
  delta: {
    /** Changes become visible to delta this long after the write. */
    visibilityDelayMs: number;
    /** How many already delivered changes each new round repeats. */
    replay: number;
    tokenLifetimeMs: number;
    /** Entries of a page in random (seeded) order. */
    shuffle: boolean;
  };
  throttle: { concurrent: number; requests: number; windowMs: number; retryAfterSeconds: number };
}

export interface World {
  readonly clock: EmulatorClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly log: ExchangeRecorder;
  readonly settings: Settings;
  readonly push: PushWorld;
  readonly tenants: Map<string, Tenant>;
  readonly apps: Map<string, AppRegistration>;
  readonly users: Map<string, User>;
  readonly tokens: Map<string, IssuedToken>;
  readonly writes: AppWrite[];
  /** What calendars sent, the oldest first. */
  readonly mails: SentMail[];
  /** Users by their addresses, in lower case. */
  readonly addresses: Map<string, User>;
  readonly lanes: Map<string, Lane>;
  readonly codes: Map<string, SignInCode>;
  /** Users by the cookie of the browser that they are signed in with. */
  readonly browsers: Map<string, string>;
  /** Keys the delta tokens' seals. */
  readonly seal: string;
  tokensIssued: number;
}

export function findTenant(world: World, key: string): Tenant | undefined {
  const wanted = key.toLowerCase();
  const byId = world.tenants.get(wanted);
  if (byId !== undefined) return byId;
  for (const tenant of world.tenants.values()) if (tenant.domain === wanted) return tenant;
  return undefined;
}

/** Who was found by a name before; looked at again each time, because names change. */
const namesakes = new WeakMap<Tenant, Map<string, User>>();

/** By directory id or user principal name. */
export function findUser(tenant: Tenant, key: string): User | undefined {
  const wanted = key.toLowerCase();
  const byId = tenant.users.get(wanted);
  if (byId !== undefined) return byId;
  const isWanted = (user: User): boolean => user.userPrincipalName.toLowerCase() === wanted;
  const known = namesakes.get(tenant) ?? new Map<string, User>();
  namesakes.set(tenant, known);
  const before = known.get(wanted);
  if (before !== undefined && tenant.users.get(before.id) === before && isWanted(before)) return before;
  for (const user of tenant.users.values()) {
    if (!isWanted(user)) continue;
    known.set(wanted, user);
    return user;
  }
  return undefined;
}
