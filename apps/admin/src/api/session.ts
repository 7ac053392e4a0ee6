import { answer, api, type Schemas, setCsrf } from './client.ts';

export type Role = Schemas['Role'];
export const ROLES = ['viewer', 'operator', 'setup'] as const satisfies readonly Role[];

export type Principal = Schemas['Principal'];

export interface Session {
  /** Null: nobody is signed in. */
  readonly signedIn: Schemas['SignedIn'] | null;
  /** How to sign in here. */
  readonly ways: {
    readonly local: boolean;
    readonly providers: readonly { readonly name: string; readonly title: string }[];
    /** Nobody can set anything up yet; the printed link does. */
    readonly setup: boolean;
  };
}

export async function readSession(): Promise<Session> {
  const session: Session = await answer(api.GET('/api/v1/session'));
  setCsrf(session.signedIn?.csrf ?? null);
  return session;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export const signIn = (body: Credentials): Promise<unknown> => answer(api.POST('/api/v1/session', { body }));

/** Sends the browser to a sign-in service. `ticket`: from a printed link, for the first one here. */
export async function goToProvider(provider: string, ticket: string | null): Promise<void> {
  const body = ticket === null ? { provider } : { provider, ticket };
  const { url } = await answer(api.POST('/api/v1/session/provider', { body }));
  location.assign(url);
}

export async function signOut(): Promise<void> {
  await answer(api.POST('/api/v1/session/logout', { body: {} }));
  setCsrf(null);
}

/** The first account, by the ticket of the link that the server printed. */
export const setUp = (ticket: string, account: Credentials): Promise<unknown> =>
  answer(api.POST('/api/v1/setup', { body: { ticket, ...account } }));

/** A password by the ticket of a link that somebody handed over. */
export const choosePassword = (ticket: string, password: string): Promise<unknown> =>
  answer(api.POST('/api/v1/session/password-link', { body: { ticket, password } }));

export const mayActAs = (role: Role, wanted: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(wanted);
