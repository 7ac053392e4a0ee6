import type { UserRow } from '@tidelock/core';
import { hashOf } from '../consent/attempts.ts';
import type { Caller } from './caller.ts';
import { type AccessDesk, audit, localIdentity, newSecret } from './parts.ts';
import { isWeak } from './passwords.ts';
import { plainName, titleOf } from './principal.ts';
import { AccessRefusal } from './refusal.ts';
import { type NewSession, openSession } from './sessions.ts';

const HOUR_MS = 3_600_000;
const SETUP_MS = HOUR_MS;
const PASSWORD_MS = 24 * HOUR_MS;
/** Whom tickets of the first start belong to. */
const INSTALLATION = 'installation';
const NOTHING = new Uint8Array(0);

/** A link that works once. What it carries stands behind `#`, which browsers send to nobody. */
export interface Invitation {
  readonly link: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** Whether nobody here could set anything up. */
export async function needsSetup({ store }: Pick<AccessDesk, 'store'>): Promise<boolean> {
  return !(await store.users()).some(({ role, disabledAt }) => role === 'setup' && disabledAt === null);
}

/** The link of the first start; null = somebody has the role already. Those that were printed before still work, for their hour. */
export async function inviteFirst(desk: AccessDesk): Promise<Invitation | null> {
  if (!(await needsSetup(desk))) return null;
  const secret = newSecret();
  const endsAt = desk.context.clock.now() + SETUP_MS;
  await desk.store.putTicket({
    kind: 'setup',
    hash: hashOf(secret),
    bound: INSTALLATION,
    value: NOTHING,
    endsAt,
  });
  return { link: `${desk.origin}/setup#${secret}`, endsAt };
}

/** A link with which a local account gets a password; an earlier one ends. Throws `no-user` and `not-local`. */
export async function invite(desk: AccessDesk, who: string, userId: string): Promise<Invitation> {
  const user = await desk.store.user(userId);
  if (user === null) throw new AccessRefusal('no-user');
  if (user.via !== 'local') throw new AccessRefusal('not-local');
  const secret = newSecret();
  const endsAt = desk.context.clock.now() + PASSWORD_MS;
  await desk.store.dropTickets('password', user.id);
  await desk.store.putTicket({
    kind: 'password',
    hash: hashOf(secret),
    bound: user.id,
    value: NOTHING,
    endsAt,
  });
  await audit(desk, { who, act: 'user.invited', subject: titleOf(user), after: { result: 'done' } });
  return { link: `${desk.origin}/password#${secret}`, endsAt };
}

/** Hands a ticket in: it is gone then, whatever follows. Throws `ticket`. */
async function redeem(desk: AccessDesk, kind: 'setup' | 'password', hash: string): Promise<string> {
  const ticket = await desk.store.takeTicket(kind, hash);
  if (ticket === null || ticket.endsAt <= desk.context.clock.now()) throw new AccessRefusal('ticket');
  return ticket.bound;
}

/** The link of the first start is used up, and every other one of its kind. Throws `ticket` and `setup-done`. */
export async function redeemFirst(desk: AccessDesk, hash: string): Promise<void> {
  await redeem(desk, 'setup', hash);
  if (!(await needsSetup(desk))) throw new AccessRefusal('setup-done');
  await desk.store.dropTickets('setup', INSTALLATION);
}

export function requireStrong(password: string, name: string): void {
  if (isWeak(password, name)) throw new AccessRefusal('weak-password');
}

/** A local account; without a hash it has no password yet. Throws `taken`. */
export async function addLocal(
  desk: AccessDesk,
  of: Pick<UserRow, 'name' | 'role' | 'passwordHash'>,
): Promise<UserRow> {
  const { context, store } = desk;
  const name = plainName(of.name);
  const identity = await localIdentity(desk, name);
  if ((await store.userByIdentity(identity)) !== null) throw new AccessRefusal('taken');
  const row: UserRow = {
    ...{ id: context.random.uuid(), identity, via: 'local', name, role: of.role, roleBy: 'person' },
    ...{ passwordHash: of.passwordHash, disabledAt: null, createdAt: context.clock.now(), signedInAt: null },
  };
  await store.addUser(row);
  return row;
}

/** The first account: whoever holds the printed link. Throws `ticket`, `setup-done`, `weak-password`, `taken`. */
export async function setUpFirst(
  desk: AccessDesk,
  caller: Caller,
  of: { readonly ticket: string; readonly name: string; readonly password: string },
): Promise<NewSession> {
  await desk.limits.guess(caller.address);
  const { name, password } = of;
  // Judged before the link is used up.
  requireStrong(password, name);
  await redeemFirst(desk, hashOf(of.ticket));
  const user = await addLocal(desk, {
    name,
    role: 'setup',
    passwordHash: await desk.passwords.hash(password),
  });
  const after = { result: 'done', role: 'setup', by: 'setup-link' };
  await audit(desk, { who: titleOf(user), act: 'user.added', subject: titleOf(user), after });
  return openSession(desk, caller, { user, by: 'setup-link' });
}

/** A password by a link. Ends every session of that person. Throws `ticket` and `weak-password`. */
export async function setPassword(
  desk: AccessDesk,
  caller: Caller,
  of: { readonly ticket: string; readonly password: string },
): Promise<NewSession> {
  await desk.limits.guess(caller.address);
  requireStrong(of.password, '');
  const id = await redeem(desk, 'password', hashOf(of.ticket));
  const passwordHash = await desk.passwords.hash(of.password);
  await desk.store.changeUser(id, { passwordHash }, { endSessions: true });
  const user = await desk.store.user(id);
  if (user === null) throw new AccessRefusal('ticket');
  await desk.limits.forget(user.name);
  await audit(desk, {
    who: titleOf(user),
    act: 'user.password-set',
    subject: titleOf(user),
    after: { result: 'done' },
  });
  return openSession(desk, caller, { user, by: 'password-link' });
}
