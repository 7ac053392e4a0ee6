import { createHmac } from 'node:crypto';
import { isAdapterError, type UserRow } from '@tidelock/core';
import * as z from 'zod';
import { hashOf, isSame } from '../consent/attempts.ts';
import type { ProviderChoice } from './access-config.ts';
import type { Caller } from './caller.ts';
import { redeemFirst } from './invitations.ts';
import { type AccessDesk, audit, identityOf, newSecret } from './parts.ts';
import { plainName, titleOf } from './principal.ts';
import { type Attempt, createProvider, type Person, type Provider } from './provider.ts';
import { AccessRefusal } from './refusal.ts';
import { roleOf } from './role-rules.ts';
import { type NewSession, openSession } from './sessions.ts';

export const RETURN_PATH = '/auth/return';
const ATTEMPT_MS = 10 * 60_000;
/** Tabs of one browser in which a sign-in was begun and not ended. */
const MOST_OWN = 20;

export interface SignInStart {
  readonly url: string;
  /** `set-cookie` lines. */
  readonly cookies: readonly string[];
}

export interface ProviderSignIn {
  /** `ticket`: of the link of the first start; whoever comes back gets the role setup. */
  start(
    caller: Caller,
    of: { readonly provider: string; readonly ticket?: string | undefined },
  ): Promise<SignInStart>;
  /** `search`: what the address has behind its path. */
  end(caller: Caller, search: string): Promise<NewSession>;
}

const Kept = z.strictObject({ provider: z.string(), setup: z.string().nullable() });
type Kept = z.infer<typeof Kept>;

/** Made of what only this browser holds and of the state, so that the database knows neither. */
function attemptOf(visit: string, state: string): Attempt {
  const derive = (what: string): string =>
    createHmac('sha256', visit).update(`${what}\n${state}`).digest('base64url');
  return { state, nonce: derive('nonce'), verifier: derive('verifier') };
}

/** What a state stands for, once it is certain that it is this browser's. It is used up then, whatever follows. */
async function claim(desk: AccessDesk, visit: string | null, state: string | null): Promise<Kept> {
  const ticket = state === null ? null : await desk.store.takeTicket('sign-in', hashOf(state));
  if (ticket === null || visit === null) throw new AccessRefusal('state');
  if (ticket.endsAt <= desk.context.clock.now()) throw new AccessRefusal('state');
  if (!isSame(ticket.bound, hashOf(visit))) throw new AccessRefusal('state');
  return Kept.parse(JSON.parse(new TextDecoder().decode(ticket.value)));
}

async function addPerson(
  desk: AccessDesk,
  of: { identity: string; choice: ProviderChoice; person: Person },
): Promise<UserRow> {
  const { identity, choice, person } = of;
  const row: UserRow = {
    ...{ id: desk.context.random.uuid(), identity, via: choice.name, name: plainName(person.name) },
    ...{ role: roleOf(choice.roles, person), roleBy: 'rule', passwordHash: null, disabledAt: null },
    ...{ createdAt: desk.context.clock.now(), signedInAt: null },
  };
  try {
    await desk.store.addUser(row);
  } catch (error) {
    // The same person signs in twice at the same time.
    const other =
      isAdapterError(error) && error.kind === 'conflict' ? await desk.store.userByIdentity(identity) : null;
    if (other === null) throw error;
    return other;
  }
  const after = { result: 'done', role: row.role, by: choice.name };
  await audit(desk, { who: titleOf(row), act: 'user.added', subject: titleOf(row), after });
  return row;
}

/** The row of a person as it is from this sign-in on: rules give the role anew, where no person has. */
async function knownPerson(
  desk: AccessDesk,
  of: { user: UserRow; choice: ProviderChoice; person: Person },
): Promise<UserRow> {
  const { user, choice, person } = of;
  const name = plainName(person.name);
  const role = user.roleBy === 'rule' ? roleOf(choice.roles, person) : user.role;
  if (role !== user.role) {
    await desk.store.changeUser(user.id, { role }, { endSessions: true });
    const change = { before: { role: user.role }, after: { result: 'done', role, by: 'rule' } };
    await audit(desk, { who: titleOf(user), act: 'user.role-changed', subject: titleOf(user), ...change });
  }
  if (name !== user.name) await desk.store.changeUser(user.id, { name }, { endSessions: false });
  return { ...user, role, name };
}

async function giveSetup(desk: AccessDesk, user: UserRow, ticketHash: string): Promise<UserRow> {
  await redeemFirst(desk, ticketHash);
  await desk.store.changeUser(user.id, { role: 'setup', roleBy: 'person' }, { endSessions: true });
  const change = { before: { role: user.role }, after: { result: 'done', role: 'setup', by: 'setup-link' } };
  await audit(desk, { who: titleOf(user), act: 'user.role-changed', subject: titleOf(user), ...change });
  return { ...user, role: 'setup', roleBy: 'person' };
}

async function admit(
  desk: AccessDesk,
  caller: Caller,
  of: { choice: ProviderChoice; person: Person; setup: string | null },
): Promise<NewSession> {
  const { choice, person, setup } = of;
  const identity = await identityOf(desk, choice.name, person.called);
  const before = await desk.store.userByIdentity(identity);
  if (before !== null && before.disabledAt !== null) throw new AccessRefusal('disabled');
  const present =
    before === null
      ? await addPerson(desk, { identity, choice, person })
      : await knownPerson(desk, { user: before, choice, person });
  const user = setup === null ? present : await giveSetup(desk, present, setup);
  return openSession(desk, caller, { user, by: choice.name });
}

/** Providers by what the configuration says of them: a changed one is another one. */
function createProviders(desk: AccessDesk) {
  const made = new Map<string, Provider>();
  return (name: string): { readonly choice: ProviderChoice; readonly provider: Provider } => {
    const choice = desk.config().server.signIn.providers.find((one) => one.name === name);
    if (choice === undefined) throw new AccessRefusal('no-provider');
    const key = JSON.stringify(choice);
    const provider = made.get(key) ?? createProvider(desk, choice);
    made.set(key, provider);
    return { choice, provider };
  };
}

export function createProviderSignIn(desk: AccessDesk): ProviderSignIn {
  const { cookies, store, context, limits, origin } = desk;
  const providerOf = createProviders(desk);
  const redirectUri = `${origin}${RETURN_PATH}`;

  const refused = async (caller: Caller, by: string, error: unknown): Promise<void> => {
    if (!(error instanceof AccessRefusal)) return;
    // Who keeps failing is turned away before another row is written.
    await limits.guess(caller.address);
    const after = { result: error.code, by, address: caller.address };
    await audit(desk, { who: 'unknown', act: 'session.refused', subject: by, after });
  };

  const enter = async (caller: Caller, search: string, tell: (by: string) => void): Promise<NewSession> => {
    const visit = cookies.read(caller.header('cookie'), 'visit');
    const states = new URLSearchParams(search).getAll('state');
    const state = states.length === 1 ? (states[0] ?? null) : null;
    const kept = await claim(desk, visit, state);
    tell(kept.provider);
    const { choice, provider } = providerOf(kept.provider);
    const person = await provider.end(
      attemptOf(visit ?? '', state ?? ''),
      new URL(`${redirectUri}${search}`),
    );
    return admit(desk, caller, { choice, person, setup: kept.setup });
  };

  return {
    async start(caller, { provider: name, ticket }) {
      await limits.start(caller.address);
      const { provider } = providerOf(name);
      const visit = cookies.read(caller.header('cookie'), 'visit') ?? newSecret();
      const now = context.clock.now();
      const { own } = await store.countTickets('sign-in', { bound: hashOf(visit), now });
      if (own >= MOST_OWN) throw new AccessRefusal('too-many', { retryAfter: ATTEMPT_MS / 1000 });
      const state = newSecret();
      const kept: Kept = { provider: name, setup: ticket === undefined ? null : hashOf(ticket) };
      const url = await provider.start(attemptOf(visit, state), redirectUri);
      await store.putTicket({
        ...{ kind: 'sign-in', hash: hashOf(state), bound: hashOf(visit), endsAt: now + ATTEMPT_MS },
        value: new TextEncoder().encode(JSON.stringify(kept)),
      });
      return { url, cookies: [cookies.write('visit', visit)] };
    },
    async end(caller, search) {
      let by = 'provider';
      try {
        return await enter(caller, search, (name) => {
          by = name;
        });
      } catch (error) {
        await refused(caller, by, error);
        throw error;
      }
    },
  };
}
