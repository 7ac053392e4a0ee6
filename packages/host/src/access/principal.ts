import { ACCESS_ROLES, type AccessRole, type ApiTokenRow, type UserRow } from '@tidelock/core';

/** Who asks. The name stands in the audit trail beside everything that they do. */
export interface Principal {
  /** Of the user; of the owner, where a token asks. */
  readonly id: string;
  readonly name: string;
  readonly role: AccessRole;
  readonly via: 'session' | 'token';
}

/** Whether a role reaches as far as another one. */
export const reaches = (role: AccessRole, wanted: AccessRole): boolean =>
  ACCESS_ROLES.indexOf(role) >= ACCESS_ROLES.indexOf(wanted);

const lower = (one: AccessRole, other: AccessRole): AccessRole => (reaches(one, other) ? other : one);

/** Names of people come from elsewhere: a line break in one must not make a second line anywhere. */
export const plainName = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200) || 'nameless';

/** A person of a provider may call themselves as somebody else is called here: the provider's name stands beside it. */
export const titleOf = ({ name, via }: Pick<UserRow, 'name' | 'via'>): string =>
  via === 'local' ? name : `${name} (${via})`;

/** Null: known, and allowed to do nothing. */
export function principalOfSession(user: UserRow): Principal | null {
  const { id, role, disabledAt } = user;
  return role === null || disabledAt !== null ? null : { id, name: titleOf(user), role, via: 'session' };
}

/** What a token may do goes down with what its owner may do. */
export function principalOfToken(token: ApiTokenRow, owner: UserRow): Principal | null {
  const { id, role, disabledAt } = owner;
  if (role === null || disabledAt !== null) return null;
  return { id, name: `${titleOf(owner)}, token ${token.name}`, role: lower(token.role, role), via: 'token' };
}
