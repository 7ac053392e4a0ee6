import { act, get, setCsrf } from './client.ts';

export const ROLES = ['viewer', 'operator', 'setup'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface Session {
  /** Null: nobody is signed in. */
  readonly principal: Principal | null;
  readonly csrf: string | null;
  /** How to sign in here. */
  readonly ways: { readonly local: boolean; readonly oidc: { readonly label: string } | null };
  /** Nobody has been here yet: the link that the server printed lets the first one in. */
  readonly setupOpen: boolean;
}

export async function readSession(): Promise<Session> {
  const session = await get<Session>('/session');
  setCsrf(session.csrf);
  return session;
}

export async function signIn(name: string, password: string): Promise<void> {
  await act('POST', '/session', { name, password });
}

export async function signOut(): Promise<void> {
  await act('POST', '/session/logout');
  setCsrf(null);
}

export interface FirstAccount {
  /** From the link that the server printed. */
  readonly token: string;
  readonly name: string;
  readonly password: string;
}

export async function setUp(account: FirstAccount): Promise<void> {
  await act('POST', '/setup', account);
}

export const OIDC_START = '/auth/oidc/start';

export const mayActAs = (role: Role, wanted: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(wanted);
