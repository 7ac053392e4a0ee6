import type { AdapterContext } from '@tidelock/core';
import { createSingleFlight } from '@tidelock/kit';
import type { Session, VaultClient } from './client.ts';
import type { Granted } from './client-login.ts';
import { createFailure } from './errors.ts';
import { AuthSchema, parseAnswer } from './wire.ts';

/** Part of its life after which a token is renewed, less up to a tenth so that processes do not come all at once. */
const RENEW_AT = 2 / 3;
/** A renewed token with less than this part of its first life is near its end for good. */
const FADING = 1 / 3;
/** A token that cannot be revoked ends by itself; nobody waits for that. */
const PATIENCE_MS = 2000;

export interface LiveSession extends Session {
  close(): Promise<void>;
}

export interface SessionParts {
  readonly login: () => Promise<Granted>;
  readonly client: VaultClient;
  readonly context: Pick<AdapterContext, 'clock' | 'random' | 'log'>;
}

interface Present {
  readonly token: string;
  readonly first: Granted;
  /** On the monotonic clock. */
  endsAt: number;
}

/** One token at a time: renewed while it lives, fetched anew when it ended or was refused, revoked at the end. */
export function createSession({ login, client, context }: SessionParts): LiveSession {
  const { clock, random, log } = context;
  const flight = createSingleFlight<'login', Present>();
  const stop = new AbortController();
  let present: Present | null = null;

  async function renew(held: Present): Promise<number> {
    const call = { operation: 'secrets.renew', method: 'POST', path: 'auth/token/renew-self' } as const;
    const answer = await client.call({ ...call, body: {}, token: held.token });
    const lease = parseAnswer(AuthSchema, answer.body, 'secrets.renew').auth.lease_duration * 1000;
    held.endsAt = clock.mono() + lease;
    return lease;
  }

  /** Sleeps towards two thirds of what is left, renews, and so on until the token is replaced or cannot grow. */
  async function keepAlive(held: Present): Promise<void> {
    let lease = held.first.leaseMs;
    while (held === present) {
      await clock.sleep(lease * RENEW_AT * (0.9 + random.next() / 10), stop.signal);
      if (held !== present) return;
      lease = await renew(held);
      if (lease >= held.first.leaseMs * FADING) continue;
      log.warn('secrets.token.fading', { leaseSeconds: Math.round(lease / 1000) });
      // Close to its longest life: the next call logs in again; a configured token has to be replaced by people.
      if (held.first.own) present = null;
      return;
    }
  }

  async function begin(): Promise<Present> {
    const first = await login();
    const held: Present = { token: first.token, first, endsAt: clock.mono() + first.leaseMs };
    present = held;
    if (first.renewable && Number.isFinite(first.leaseMs))
      void keepAlive(held).catch(() => {
        if (!stop.signal.aborted) log.warn('secrets.token.not-renewed');
      });
    return held;
  }

  return {
    async token() {
      if (stop.signal.aborted)
        throw createFailure('CLOSED', { operation: 'secrets', text: 'the secret store is closed' });
      if (present !== null && clock.mono() < present.endsAt) return present.token;
      return (await flight.run('login', begin)).token;
    },
    refused(token) {
      if (present?.token === token) present = null;
      return !stop.signal.aborted;
    },
    async close() {
      if (stop.signal.aborted) return;
      stop.abort();
      const held = present;
      present = null;
      if (held === null || !held.first.own) return;
      const call = { operation: 'secrets.close', method: 'POST', path: 'auth/token/revoke-self' } as const;
      const patience = new AbortController();
      await Promise.race([
        client.call({ ...call, token: held.token }).catch(() => undefined),
        clock.sleep(PATIENCE_MS, patience.signal).catch(() => undefined),
      ]);
      patience.abort();
    },
  };
}
