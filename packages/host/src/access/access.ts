import type { AccessRole } from '@tidelock/core';
import { tenantOf } from '../consent/tenant-place.ts';
import { TENANT } from '../lanes.ts';
import { openBlindIndex } from '../sealing/blind-index.ts';
import {
  findToken,
  listTokens,
  mintToken,
  type NewToken,
  revokeToken,
  type TokenInfo,
} from './api-tokens.ts';
import { addressGroup, type Caller } from './caller.ts';
import { createCookies, isSafeOrigin } from './cookies.ts';
import { type Invitation, invite, inviteFirst, needsSetup, setPassword, setUpFirst } from './invitations.ts';
import { createLimits } from './limits.ts';
import { changePassword, signInLocally } from './local-sign-in.ts';
import { isSafe, requireCsrfToken, requireJson, requireOwnSite } from './own-request.ts';
import { type AccessDesk, type AccessParts, audit } from './parts.ts';
import { createPasswords } from './passwords.ts';
import type { Principal } from './principal.ts';
import { createProviderSignIn, type ProviderSignIn } from './provider-sign-in.ts';
import { AccessRefusal } from './refusal.ts';
import { endSession, findSession, type NewSession, type SignedIn } from './sessions.ts';
import { addUser, changeUser, listUsers, signOutUser, type UserAsked, type UserInfo } from './users.ts';

/** How somebody may come in. */
export interface SignInWays {
  readonly local: boolean;
  readonly providers: readonly { readonly name: string; readonly title: string }[];
  /** Nobody can set anything up yet: the link that the first start printed does. */
  readonly setup: boolean;
}

/** Who may come in, and what they may do. Nothing of it knows a web framework. Refusals are `AccessRefusal`s. */
export interface Access {
  /**
   * Who makes a request; null = nobody. Counts it. An unsafe request of a session must be the page's own: `form` leaves the
   * proof of that to the handler of a form with a token of its own. Throws for a token that is not valid.
   */
  authenticate(caller: Caller, how: { readonly form: boolean }): Promise<Principal | null>;
  /** For unsafe requests that need nobody to be signed in: they come from the page all the same. */
  requireOwnPage(caller: Caller): void;
  session(caller: Caller): Promise<SignedIn | null>;
  ways(): Promise<SignInWays>;
  signIn(caller: Caller, of: { readonly name: string; readonly password: string }): Promise<NewSession>;
  readonly provider: ProviderSignIn;
  /** Answers with `set-cookie` lines. */
  signOut(caller: Caller, of: { readonly everywhere: boolean }): Promise<readonly string[]>;
  changePassword(
    caller: Caller,
    of: { readonly present: string; readonly next: string },
  ): Promise<NewSession>;
  setPassword(
    caller: Caller,
    of: { readonly ticket: string; readonly password: string },
  ): Promise<NewSession>;
  setUp(
    caller: Caller,
    of: { readonly ticket: string; readonly name: string; readonly password: string },
  ): Promise<NewSession>;
  /** The link of the first start; null = somebody can set things up already. */
  inviteFirst(): Promise<Invitation | null>;
  users(): Promise<readonly UserInfo[]>;
  addUser(
    who: string,
    of: { readonly name: string; readonly role: AccessRole },
  ): Promise<{ readonly user: UserInfo; readonly invitation: Invitation }>;
  changeUser(who: string, of: UserAsked & { readonly id: string }): Promise<UserInfo>;
  /** How many sessions there were. */
  signOutUser(who: string, id: string): Promise<number>;
  invite(who: string, id: string): Promise<Invitation>;
  /** Those of one person, or (null) of everybody. */
  tokens(ownerId: string | null): Promise<readonly TokenInfo[]>;
  mintToken(
    by: { readonly who: string; readonly ownerId: string },
    of: { readonly name: string; readonly role: AccessRole; readonly days: number },
  ): Promise<NewToken>;
  revokeToken(by: { readonly who: string; readonly ownerId: string | null }, id: string): Promise<void>;
  /** The id of the tenant that is connected. Every look at it stands in the audit trail. Throws `no-tenant`. */
  revealTenant(who: string): Promise<string>;
  /** Removes what is over. */
  prune(): Promise<void>;
}

async function authenticate(
  desk: AccessDesk,
  caller: Caller,
  { form }: { readonly form: boolean },
): Promise<Principal | null> {
  const { limits } = desk;
  const given = caller.header('authorization');
  if (given !== undefined) {
    const found = await findToken(desk, /^Bearer +(\S+)$/i.exec(given)?.[1] ?? '');
    if (found === null) {
      await limits.badToken(caller.address);
      throw new AccessRefusal('bad-token');
    }
    await limits.request(`token ${found.id}`);
    return found;
  }
  const session = await findSession(desk, caller);
  await limits.request(
    session === null ? `address ${addressGroup(caller.address)}` : `user ${session.principal.id}`,
  );
  if (session === null) return null;
  if (!isSafe(caller.method)) {
    requireOwnSite(caller, desk.origin);
    if (!form) requireJson(caller);
    if (!form) requireCsrfToken(caller, session.secret);
  }
  return session.principal;
}

async function revealTenant(desk: AccessDesk, who: string): Promise<string> {
  const tenant = await tenantOf(desk.config(), desk.secrets);
  if (tenant === null) throw new AccessRefusal('no-tenant');
  await audit(desk, { who, act: 'tenant.revealed', subject: TENANT, after: { result: 'done' } });
  return tenant;
}

async function waysOf(desk: AccessDesk): Promise<SignInWays> {
  const { local, providers } = desk.config().server.signIn;
  const shown = providers.map(({ name, title = name }) => ({ name, title }));
  return { local, providers: shown, setup: await needsSetup(desk) };
}

function openDesk(parts: AccessParts): AccessDesk {
  if (!isSafeOrigin(parts.origin))
    throw new TypeError(
      `${parts.origin}: browsers are talked to over https, or without it on this machine only`,
    );
  const { store, secrets, context } = parts;
  let index: ReturnType<AccessDesk['index']> | undefined;
  const indexed = () => {
    index ??= openBlindIndex(secrets, 'access').catch((error: unknown) => {
      index = undefined;
      throw error;
    });
    return index;
  };
  const { clock, log } = context;
  const requestsPerMinute = (): number => parts.config().server.requestsPerMinute;
  return {
    ...parts,
    index: indexed,
    limits: createLimits({ store, clock, log, index: indexed, requestsPerMinute }),
    passwords: createPasswords(),
    cookies: createCookies(parts.origin),
  };
}

export function createAccess(parts: AccessParts): Access {
  const desk = openDesk(parts);
  return {
    authenticate: (caller, how) => authenticate(desk, caller, how),
    requireOwnPage(caller) {
      requireOwnSite(caller, desk.origin);
      requireJson(caller);
    },
    async session(caller) {
      const found = await findSession(desk, caller);
      return found && { principal: found.principal, csrf: found.csrf, endsAt: found.endsAt };
    },
    ways: () => waysOf(desk),
    signIn: (caller, of) => signInLocally(desk, caller, of),
    provider: createProviderSignIn(desk),
    signOut: (caller, of) => endSession(desk, caller, of),
    changePassword: (caller, of) => changePassword(desk, caller, of),
    setPassword: (caller, of) => setPassword(desk, caller, of),
    setUp: (caller, of) => setUpFirst(desk, caller, of),
    inviteFirst: () => inviteFirst(desk),
    users: () => listUsers(desk),
    addUser: (who, of) => addUser(desk, who, of),
    changeUser: (who, of) => changeUser(desk, who, of),
    signOutUser: (who, id) => signOutUser(desk, who, id),
    invite: (who, id) => invite(desk, who, id),
    tokens: (ownerId) => listTokens(desk, ownerId),
    mintToken: (by, of) => mintToken(desk, by, of),
    revokeToken: (by, id) => revokeToken(desk, by, id),
    revealTenant: (who) => revealTenant(desk, who),
    prune: () => desk.store.pruneAccess(desk.context.clock.now() - 86_400_000),
  };
}
