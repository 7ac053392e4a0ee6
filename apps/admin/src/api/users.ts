import { act, get } from './client.ts';
import type { Role } from './session.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly via: 'local' | 'oidc';
  readonly lastSeenAt: number | null;
  readonly disabled: boolean;
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly owner: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

export const readUsers = async (): Promise<readonly User[]> =>
  (await get<{ readonly users: readonly User[] }>('/users')).users;
export const readTokens = async (): Promise<readonly Token[]> =>
  (await get<{ readonly tokens: readonly Token[] }>('/tokens')).tokens;

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly role: Role;
}
export const addUser = (user: NewUser): Promise<unknown> => act('POST', '/users', user);

export interface UserChange {
  readonly role?: Role;
  readonly disabled?: boolean;
}
export const changeUser = (id: string, change: UserChange): Promise<unknown> =>
  act('PATCH', `/users/${encodeURIComponent(id)}`, change);

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly days: number;
}
/** The token is shown once. */
export const addToken = (token: NewToken): Promise<{ readonly token: string }> =>
  act('POST', '/tokens', token);
export const revokeToken = (id: string): Promise<unknown> =>
  act('DELETE', `/tokens/${encodeURIComponent(id)}`);
