import { AdapterError, type ContextOf, isAdapterError } from '@tidelock/core';
import { createPacer, withDeadline } from '@tidelock/kit';
import { createKeyRing, type KeyRing } from './assertion-keys.ts';
import type { Held } from './cache.ts';
import { createTokenClient } from './client.ts';
import { type EntraOptions, toAuthority } from './config.ts';
import { failureFromUnknown, OPERATION } from './errors.ts';
import type { Wanted } from './provider-request.ts';
import type { Grant } from './wire.ts';

/** Numbers that no administrator should have to know; for tests and benchmarks. */
export interface EntraTuning {
  /** Of one token request. Default 10 s. */
  readonly timeoutMs?: number;
  /** Of one renewal with all its keys, signatures included. Default 60 s; its turn may take as long to come. */
  readonly renewalMs?: number;
  /** Renewals at once, all tenants together. Default 20. */
  readonly concurrency?: number;
  /** Tenants and scopes remembered at once. Default 50,000. */
  readonly maxEntries?: number;
}

const LONGEST_FLOOR_MS = 60_000;

export interface Renewer {
  /** One renewal, whoever waits for it. Rejects with AdapterErrors only. */
  renew(wanted: Wanted, claims: string | undefined): Promise<Held>;
  /** The same with one key only, named or not, past those that are configured. */
  renewWith(wanted: Wanted, key: string): Promise<Held>;
  readonly ring: KeyRing;
  forgetKeys(): void;
  /** Ends what is under way. */
  stop(): void;
}

/** Clocks' readings just before the request was sent: the token's lifetime cannot have begun earlier. */
interface Sent {
  readonly wall: number;
  readonly mono: number;
}

type Asked = Pick<Wanted, 'tenant' | 'scope'> & {
  readonly claims: string | undefined;
  readonly ring: KeyRing;
};

/** Renewal falls at 50 to 80 % of the lifetime, drawn anew each time, so that tenants do not renew in step. */
function toHeld(grant: Grant, sent: Sent, draw: number): Held {
  const { token, lifetimeMs, refreshMs = Number.POSITIVE_INFINITY } = grant;
  return {
    token: Object.freeze({ token, expiresAt: sent.wall + lifetimeMs }),
    endsMono: sent.mono + lifetimeMs,
    since: sent.wall,
    refreshMono: sent.mono + Math.min(lifetimeMs * (0.5 + draw * 0.3), refreshMs),
    floorMs: Math.min(LONGEST_FLOOR_MS, lifetimeMs / 10),
  };
}

export function aborted(): AdapterError {
  const details = { operation: OPERATION, code: 'aborted' };
  return new AdapterError('unavailable', 'the token is no longer wanted', details);
}

export function createRenewer(
  options: EntraOptions,
  context: ContextOf['token'],
  tuning: EntraTuning,
): Renewer {
  const { clock, random, secrets } = context;
  const { timeoutMs = 10_000, renewalMs = 60_000, concurrency = 20 } = tuning;
  const life = new AbortController();
  const pacer = createPacer({ clock, concurrency, tokens: Number.POSITIVE_INFINITY, perMs: 1000 });
  const ring = createKeyRing({ clock, keys: secrets.keys, names: options.keys });
  const authority = toAuthority(options);
  const request = createTokenClient({ clientId: options.clientId, authority, context, timeoutMs });

  const acquire = async (
    { tenant, scope, claims, ring: keys }: Asked,
    signal: AbortSignal,
  ): Promise<Held> => {
    let sent: Sent = { wall: clock.now(), mono: clock.mono() };
    const work = (inner: AbortSignal) =>
      keys.use((credential) => {
        sent = { wall: clock.now(), mono: clock.mono() };
        return request({ tenant, scope, claims, credential, signal: inner });
      });
    const attempt = await withDeadline(work, { clock, ms: renewalMs, operation: OPERATION, signal });
    if (attempt.failure) throw attempt.failure.error;
    return toHeld(attempt.grant, sent, random.next());
  };

  const renewAs = async (asked: Asked): Promise<Held> => {
    const queued = (signal: AbortSignal) => pacer.run(() => acquire(asked, signal), { signal });
    try {
      const limits = { clock, ms: 2 * renewalMs, operation: OPERATION, signal: life.signal };
      return await withDeadline(queued, limits);
    } catch (error) {
      throw isAdapterError(error) ? error : failureFromUnknown(error).error;
    }
  };

  return {
    ring,
    renew: (wanted, claims) => renewAs({ ...wanted, claims, ring }),
    renewWith: (wanted, key) =>
      renewAs({
        ...wanted,
        claims: undefined,
        ring: createKeyRing({ clock, keys: secrets.keys, names: [key] }),
      }),
    forgetKeys: () => ring.forget(),
    stop: () => life.abort(aborted()),
  };
}
