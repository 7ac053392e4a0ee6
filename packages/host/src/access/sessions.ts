import type { UserRow } from '@tidelock/core';
import { hashOf } from '../consent/attempts.ts';
import type { Caller } from './caller.ts';
import { csrfTokenOf, isSafe } from './own-request.ts';
import { type AccessDesk, audit, newSecret } from './parts.ts';
import { type Principal, principalOfSession, titleOf } from './principal.ts';
import { AccessRefusal } from './refusal.ts';

export const IDLE_MS = 30 * 60_000;
export const LIFE_MS = 12 * 3_600_000;
/** A request within that time of the one before does not write. */
const SEEN_MS = 60_000;

export interface SignedIn {
  readonly principal: Principal;
  /** To be sent with each unsafe request, in the header `x-tidelock-csrf`. */
  readonly csrf: string;
  /** Milliseconds since the epoch: however busy it is. */
  readonly endsAt: number;
}

export interface NewSession extends SignedIn {
  /** `set-cookie` lines. */
  readonly cookies: readonly string[];
}

export interface FoundSession extends SignedIn {
  readonly secret: string;
  readonly user: UserRow;
}

/** Sent by a page with what it asks for by itself while nobody is there. */
export const BACKGROUND_HEADER = 'x-tidelock-background';

/**
 * The session of a request; null = none. Counts as a sign of life, unless the request reads and says that nobody asked for it:
 * a page that looks after itself would keep somebody signed in who has left.
 */
export async function findSession(desk: AccessDesk, caller: Caller): Promise<FoundSession | null> {
  const secret = desk.cookies.read(caller.header('cookie'), 'session');
  if (secret === null) return null;
  const now = desk.context.clock.now();
  const hash = hashOf(secret);
  const found = await desk.store.session(hash, { now, idleMs: IDLE_MS });
  const principal = found && principalOfSession(found.user);
  if (found === null || principal === null) return null;
  const isBackground = isSafe(caller.method) && caller.header(BACKGROUND_HEADER) !== undefined;
  if (!isBackground && now - found.session.seenAt >= SEEN_MS) await desk.store.seeSession(hash, now);
  return { secret, user: found.user, principal, csrf: csrfTokenOf(secret), endsAt: found.session.endsAt };
}

/**
 * A session with a new secret, whatever the browser held before: what somebody planted there is worth nothing, and a session
 * that it had ends. Throws `no-role` and `disabled`.
 */
export async function openSession(
  desk: AccessDesk,
  caller: Caller,
  of: { readonly user: UserRow; readonly by: string },
): Promise<NewSession> {
  const { user, by } = of;
  const principal = principalOfSession(user);
  if (principal === null) throw new AccessRefusal(user.disabledAt === null ? 'no-role' : 'disabled');
  const now = desk.context.clock.now();
  const before = desk.cookies.read(caller.header('cookie'), 'session');
  if (before !== null) await desk.store.endSession(hashOf(before));
  const secret = newSecret();
  const endsAt = now + LIFE_MS;
  await desk.store.changeUser(user.id, { signedInAt: now }, { endSessions: false });
  const row = { hash: hashOf(secret), userId: user.id, startedAt: now, seenAt: now, endsAt };
  if (!(await desk.store.openSession(row))) throw new AccessRefusal('disabled');
  const after = { result: 'done', by, role: principal.role, address: caller.address };
  await audit(desk, { who: principal.name, act: 'session.opened', subject: titleOf(user), after });
  const cookies = [desk.cookies.write('session', secret), desk.cookies.clear('visit')];
  return { principal, csrf: csrfTokenOf(secret), endsAt, cookies };
}

/** Ends the session of a request, or all of that person. Answers with `set-cookie` lines. */
export async function endSession(
  desk: AccessDesk,
  caller: Caller,
  of: { readonly everywhere: boolean },
): Promise<readonly string[]> {
  const found = await findSession(desk, caller);
  if (found === null) throw new AccessRefusal('signed-out');
  const { id } = found.user;
  const ended = of.everywhere
    ? await desk.store.endSessions(id)
    : Number(await desk.store.endSession(hashOf(found.secret)));
  const who = found.principal.name;
  const after = { result: 'done', ended, address: caller.address };
  await audit(desk, {
    who,
    act: of.everywhere ? 'session.all-closed' : 'session.closed',
    subject: who,
    after,
  });
  return [desk.cookies.clear('session')];
}
