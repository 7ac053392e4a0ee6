import type { Caller } from './caller.ts';
import { requireStrong } from './invitations.ts';
import { type AccessDesk, audit, localIdentity } from './parts.ts';
import { titleOf } from './principal.ts';
import { AccessRefusal } from './refusal.ts';
import { findSession, type NewSession, openSession } from './sessions.ts';

/** A name that nobody has may be a password, typed into the wrong field: it is not written down. */
const UNKNOWN = 'unknown';

/**
 * Name and password. Whoever is not there, disabled, or of a provider gets the same answer after the same time as somebody
 * with a wrong password. Throws `too-many` before anything is looked at, `wrong-credentials`, `no-role` and `local-off`.
 */
export async function signInLocally(
  desk: AccessDesk,
  caller: Caller,
  of: { readonly name: string; readonly password: string },
): Promise<NewSession> {
  if (!desk.config().server.signIn.local) throw new AccessRefusal('local-off');
  await desk.limits.signIn({ address: caller.address, name: of.name.trim().normalize('NFC') });
  const user = await desk.store.userByIdentity(await localIdentity(desk, of.name));
  const usable = user !== null && user.disabledAt === null ? user.passwordHash : null;
  const isRight = await desk.passwords.verify(of.password, usable);
  if (user === null || usable === null || !isRight) {
    const who = user === null ? UNKNOWN : titleOf(user);
    const after = { result: 'wrong-credentials', by: 'password', address: caller.address };
    await audit(desk, { who, act: 'session.refused', subject: who, after });
    throw new AccessRefusal('wrong-credentials');
  }
  await desk.limits.forget(of.name.trim().normalize('NFC'));
  return openSession(desk, caller, { user, by: 'password' });
}

/** One's own password anew. Every session of that person ends, and one with a new secret begins. */
export async function changePassword(
  desk: AccessDesk,
  caller: Caller,
  of: { readonly present: string; readonly next: string },
): Promise<NewSession> {
  const found = await findSession(desk, caller);
  if (found === null) throw new AccessRefusal('signed-out');
  const { user } = found;
  if (user.via !== 'local') throw new AccessRefusal('not-local');
  await desk.limits.signIn({ address: caller.address, name: user.name });
  if (!(await desk.passwords.verify(of.present, user.passwordHash)))
    throw new AccessRefusal('wrong-credentials');
  requireStrong(of.next, user.name);
  await desk.limits.forget(user.name);
  const passwordHash = await desk.passwords.hash(of.next);
  await desk.store.changeUser(user.id, { passwordHash }, { endSessions: true });
  await audit(desk, {
    who: titleOf(user),
    act: 'user.password-set',
    subject: titleOf(user),
    after: { result: 'done' },
  });
  return openSession(desk, caller, { user: { ...user, passwordHash }, by: 'password' });
}
