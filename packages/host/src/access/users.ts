import type { AccessRole, UserChange, UserRow } from '@tidelock/core';
import { addLocal, type Invitation, invite } from './invitations.ts';
import { type AccessDesk, audit } from './parts.ts';
import { titleOf } from './principal.ts';
import { AccessRefusal } from './refusal.ts';

/** What may be shown of a user. */
export interface UserInfo extends Omit<UserRow, 'identity' | 'passwordHash'> {
  readonly hasPassword: boolean;
}

export interface UserAsked {
  readonly role?: AccessRole | null | undefined;
  readonly disabled?: boolean | undefined;
}

const toInfo = ({ identity: _, passwordHash, ...row }: UserRow): UserInfo => ({
  ...row,
  hasPassword: passwordHash !== null,
});

const isKeeper = ({ role, disabledAt }: Pick<UserRow, 'role' | 'disabledAt'>): boolean =>
  role === 'setup' && disabledAt === null;

async function userOf({ store }: AccessDesk, id: string): Promise<UserRow> {
  const user = await store.user(id);
  if (user === null) throw new AccessRefusal('no-user');
  return user;
}

/** In the order of names. */
export async function listUsers({ store }: AccessDesk): Promise<readonly UserInfo[]> {
  const rows = await store.users();
  return rows.map(toInfo).sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** A local account and the link with which its owner chooses a password. Throws `taken`. */
export async function addUser(
  desk: AccessDesk,
  who: string,
  of: { readonly name: string; readonly role: AccessRole },
): Promise<{ readonly user: UserInfo; readonly invitation: Invitation }> {
  const user = await addLocal(desk, { ...of, passwordHash: null });
  const after = { result: 'done', role: of.role, by: 'person' };
  await audit(desk, { who, act: 'user.added', subject: titleOf(user), after });
  return { user: toInfo(user), invitation: await invite(desk, who, user.id) };
}

function changeOf(user: UserRow, { role, disabled }: UserAsked, now: number): UserChange {
  const isOther = disabled !== undefined && disabled !== (user.disabledAt !== null);
  return {
    ...(role === undefined || role === user.role ? {} : { role, roleBy: 'person' as const }),
    ...(isOther ? { disabledAt: disabled ? now : null } : {}),
  };
}

/** Every session of that person ends with it: what they may do is asked anew at the next sign-in. Throws `no-user`, `last-setup`. */
export async function changeUser(
  desk: AccessDesk,
  who: string,
  of: UserAsked & { readonly id: string },
): Promise<UserInfo> {
  const user = await userOf(desk, of.id);
  const change = changeOf(user, of, desk.context.clock.now());
  if (Object.keys(change).length === 0) return toInfo(user);
  const next: UserRow = { ...user, ...change };
  const others = (await desk.store.users()).filter(({ id }) => id !== user.id);
  if (isKeeper(user) && !isKeeper(next) && !others.some(isKeeper)) throw new AccessRefusal('last-setup');
  await desk.store.changeUser(user.id, change, { endSessions: true });
  const shown = ({ role, disabledAt }: UserRow) => ({ role, disabled: disabledAt !== null });
  const act = change.role === undefined ? 'user.changed' : 'user.role-changed';
  const after = { result: 'done', ...shown(next) };
  await audit(desk, { who, act, subject: titleOf(user), before: shown(user), after });
  return toInfo(next);
}

/** Throws `no-user`. */
export async function signOutUser(desk: AccessDesk, who: string, id: string): Promise<number> {
  const user = await userOf(desk, id);
  const ended = await desk.store.endSessions(id);
  const after = { result: 'done', ended };
  await audit(desk, { who, act: 'session.all-closed', subject: titleOf(user), after });
  return ended;
}
