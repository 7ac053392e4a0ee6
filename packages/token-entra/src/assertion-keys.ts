import type { Clock, KeyStore } from '@tidelock/core';
import { type Credential, toCredential } from './assertion.ts';
import type { Attempt } from './client.ts';
import { createFailure, type Failure, failureFromSigner } from './errors.ts';
import { NEXT_KEY } from './errors-aadsts.ts';

const CREDENTIAL_MS = 5 * 60_000;
/** How long an older key that worked is tried first, before the newest gets another chance. */
const FALLBACK_MS = 30 * 60_000;
const MOST_REQUESTS = 2;

export interface KeyRing {
  /**
   * Tries the keys, newest first, until one is accepted: at most two token requests. Certificates that have expired
   * come last. Answers the grant, or the failure that is worth telling.
   */
  use<G>(request: (credential: Credential) => Promise<Attempt<G>>): Promise<Attempt<G>>;
  /** Reads certificates anew: one may have been replaced. */
  forget(): void;
}

interface KeyRingOptions {
  readonly clock: Clock;
  readonly keys: KeyStore;
  /** Newest first. */
  readonly names: readonly string[];
}

function createCredentials({ clock, keys }: KeyRingOptions) {
  const known = new Map<string, { readonly until: number; readonly credential: Promise<Credential> }>();
  return {
    clear: () => known.clear(),
    get(name: string): Promise<Credential> {
      const present = known.get(name);
      if (present && present.until > clock.mono()) return present.credential;
      const credential = keys.signer(name).then(toCredential);
      known.set(name, { until: clock.mono() + CREDENTIAL_MS, credential });
      credential.catch(() => known.delete(name));
      return credential;
    },
  };
}

/** Where one renewal stands. */
interface Round {
  readonly queue: string[];
  readonly deferred: Set<string>;
  requests: number;
  first: Failure | null;
}

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { clock, names } = options;
  const credentials = createCredentials(options);
  let fallback: { readonly name: string; readonly until: number } | null = null;

  const order = (): string[] => {
    if (!fallback || fallback.until <= clock.mono()) return [...names];
    const { name } = fallback;
    return [name, ...names.filter((other) => other !== name)];
  };

  const remember = (name: string): void => {
    if (name === names[0]) fallback = null;
    else if (fallback?.name !== name || fallback.until <= clock.mono()) {
      fallback = { name, until: clock.mono() + FALLBACK_MS };
    }
  };

  /** `null`: the certificate is out of date and something else may be tried first. */
  const tryKey = async <G>(
    round: Round,
    name: string,
    request: (credential: Credential) => Promise<Attempt<G>>,
  ): Promise<Attempt<G> | null> => {
    let credential: Credential;
    try {
      credential = await credentials.get(name);
    } catch (error) {
      return { failure: failureFromSigner(error) };
    }
    const { notBefore, notAfter } = credential.certificate;
    const outdated = notAfter <= clock.now() || notBefore > clock.now();
    if (outdated && round.queue.length > 0 && !round.deferred.has(name)) return null;
    return request(credential);
  };

  /** The attempt to answer with, or `null` to go on with the next key. */
  const judge = <G>(round: Round, name: string, attempt: Attempt<G>): Attempt<G> | null => {
    if (!attempt.failure) {
      remember(name);
      return attempt;
    }
    const { failure } = attempt;
    if (failure.error.status !== undefined) round.requests += 1;
    if (failure.id === 'clock' && round.requests < MOST_REQUESTS) {
      round.queue.unshift(name);
      return null;
    }
    if (!NEXT_KEY.has(failure.id)) return attempt;
    round.first ??= failure;
    return round.requests < MOST_REQUESTS ? null : { failure: round.first };
  };

  return {
    forget: () => credentials.clear(),
    async use(request) {
      const round: Round = { queue: order(), deferred: new Set(), requests: 0, first: null };
      for (let name = round.queue.shift(); name !== undefined; name = round.queue.shift()) {
        const attempt = await tryKey(round, name, request);
        if (attempt === null) {
          round.deferred.add(name);
          round.queue.push(name);
          continue;
        }
        const answer = judge(round, name, attempt);
        if (answer) return answer;
      }
      const missing = { code: 'key-missing', message: 'no key is named' };
      return { failure: round.first ?? createFailure('key-missing', missing) };
    },
  };
}
