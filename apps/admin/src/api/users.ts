import { answer, api, type Schemas } from './client.ts';
import type { Role } from './session.ts';

export type User = Schemas['User'];
export type Token = Schemas['ApiToken'];
export type Invitation = Schemas['Invitation'];

export const readUsers = async (): Promise<readonly User[]> => (await answer(api.GET('/api/v1/users'))).users;
export const readTokens = async (): Promise<readonly Token[]> =>
  (await answer(api.GET('/api/v1/tokens'))).tokens;

export interface NewUser {
  readonly name: string;
  readonly role: Role;
}

/** The link, with which its owner chooses a password, works once. */
export const addUser = (body: NewUser): Promise<{ readonly invitation: Invitation }> =>
  answer(api.POST('/api/v1/users', { body }));

export const inviteAgain = (id: string): Promise<Invitation> =>
  answer(api.POST('/api/v1/users/{id}/link', { params: { path: { id } } }));

export interface UserChange {
  readonly role?: Role | null;
  readonly disabled?: boolean;
}

export const changeUser = (id: string, body: UserChange): Promise<unknown> =>
  answer(api.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body }));

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly days: number;
}

/** The token is shown once. */
export const addToken = (body: NewToken): Promise<{ readonly token: string }> =>
  answer(api.POST('/api/v1/tokens', { body }));

export const revokeToken = (id: string): Promise<unknown> =>
  answer(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }));
