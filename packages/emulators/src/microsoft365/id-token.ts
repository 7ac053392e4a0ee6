import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { signingKey } from './access-token.ts';
import { DIRECTORY_ROLES, MEMBER_WID } from './directory-roles.ts';
import type { AppRegistration, User, World } from './world.ts';

const LIFETIME_SECONDS = 3600;

export interface IdTokenRequest {
  readonly app: AppRegistration;
  readonly user: User;
  readonly nonce: string | undefined;
  readonly origin: string;
  /** Path of the token request, for scripted forgeries. */
  readonly path: string;
}

/**
 * What the named fault `id-token` does to the next one: `claims` replace its own; `signature`: by a key that is not
 * published (`foreign`), of other claims (`broken`), or `none` at all; `header` replaces parts of the header.
 */
export interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly signature?: 'foreign' | 'broken' | 'none';
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let strange: KeyObject | undefined;
const foreignKey = (): KeyObject => {
  strange ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return strange;
};

const claimsOf = (world: World, { app, user, nonce, origin }: IdTokenRequest): Record<string, unknown> => {
  const now = Math.floor(world.clock.now() / 1000);
  const roles = [...user.roles].map((role) => DIRECTORY_ROLES[role]);
  return {
    aud: app.clientId,
    iss: `${origin}/${user.tenantId}/v2.0`,
    iat: now,
    nbf: now,
    exp: now + LIFETIME_SECONDS,
    name: user.displayName,
    ...(nonce === undefined ? {} : { nonce }),
    oid: user.id,
    preferred_username: user.userPrincipalName,
    sub: `${user.id.slice(0, 8)}-${app.clientId.slice(0, 8)}`,
    tid: user.tenantId,
    uti: world.random.hex(22),
    ver: '2.0',
    ...(app.groupMembershipClaims === 'directory-role' ? { wids: [...roles, MEMBER_WID] } : {}),
  };
};

/** A version 2.0 ID token, RS256 under the published key. `wids` only where the registration asks for it. */
export function issueIdToken(world: World, request: IdTokenRequest): string {
  const forged = (world.faults.takeNamed('id-token', request.path)?.data ?? {}) as Forgery;
  const { privateKey, kid } = signingKey();
  const own = claimsOf(world, request);
  const claims = { ...own, ...forged.claims };
  const none = forged.signature === 'none' ? { alg: 'none' } : {};
  const header = encode({ typ: 'JWT', alg: 'RS256', kid, ...none, ...forged.header });
  const input = `${header}.${encode(claims)}`;
  if (forged.signature === 'none') return `${input}.`;
  const signed = forged.signature === 'broken' ? `${header}.${encode(own)}` : input;
  const key = forged.signature === 'foreign' ? foreignKey() : privateKey;
  return `${input}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}
