import { type AccessToken, AdapterError, type TokenProvider, type TokenRequest } from '@tidelock/core';
import type { TokenFault, TokensFixture } from '../src/index.ts';

/** What a faulty provider does otherwise than the contract asks. */
export interface TokenFaults {
  readonly fixedLifetime?: boolean;
  readonly perCall?: boolean;
  readonly oneForAll?: boolean;
  readonly servesExpired?: boolean;
  readonly renewAlways?: boolean;
  readonly acceptsEmpty?: boolean;
  readonly forgetsNothing?: boolean;
  readonly leaks?: boolean;
}

const SECRET = 'planted-assertion';
const KIND = { '401': 'auth', '429': 'rate_limited', '500': 'unavailable', timeout: 'unavailable' } as const;

interface Endpoint {
  now: number;
  requests: number;
  seconds: number;
  fault: TokenFault | null;
}

async function ask(endpoint: Endpoint, faults: TokenFaults): Promise<AccessToken> {
  endpoint.requests += 1;
  const serial = endpoint.requests;
  await Promise.resolve();
  const { fault } = endpoint;
  const operation = 'token.acquire';
  if (fault === 'empty') {
    if (!faults.acceptsEmpty) throw new AdapterError('protocol', 'an empty token', { operation });
  } else if (fault !== null) {
    throw new AdapterError(KIND[fault], faults.leaks ? `refused ${SECRET}` : 'refused', { operation });
  }
  const seconds = faults.fixedLifetime ? 3600 : endpoint.seconds;
  return {
    token: fault === 'empty' ? '' : `token-${serial}`,
    expiresAt: endpoint.now + seconds * 1000,
  };
}

/** The smallest provider that keeps the contract. */
export function createSmallTokens(faults: TokenFaults = {}): TokensFixture {
  const endpoint: Endpoint = { now: 1_767_225_600_000, requests: 0, seconds: 3600, fault: null };
  const held = new Map<string, AccessToken>();
  const running = new Map<string, Promise<AccessToken>>();
  const keyOf = (request: TokenRequest) => (faults.oneForAll ? 'all' : request.tenant);
  const renew = (key: string): Promise<AccessToken> => {
    const shared = running.get(key);
    if (shared && !faults.perCall) return shared;
    const work = ask(endpoint, faults)
      .then((token) => {
        held.set(key, token);
        return token;
      })
      .finally(() => running.delete(key));
    running.set(key, work);
    return work;
  };
  const provider: TokenProvider = {
    async getToken(request) {
      const token = held.get(keyOf(request));
      if (token === undefined || faults.renewAlways) return renew(keyOf(request));
      if (token.expiresAt - endpoint.now > 300_000) return token;
      if (token.expiresAt <= endpoint.now && !faults.servesExpired) return renew(keyOf(request));
      return renew(keyOf(request)).catch(() => token);
    },
    renewToken: (request) => renew(keyOf(request)),
    forget: (tenant) => {
      if (!faults.forgetsNothing) held.delete(faults.oneForAll ? 'all' : tenant);
    },
    close: async () => held.clear(),
  };
  return {
    provider,
    clock: {
      now: () => endpoint.now,
      advance: (ms) => {
        endpoint.now += ms;
      },
    },
    endpoint: {
      requests: () => endpoint.requests,
      lifetime: (seconds) => {
        endpoint.seconds = seconds;
      },
      fail: (fault) => {
        endpoint.fault = fault;
      },
      clear: () => {
        endpoint.fault = null;
      },
    },
    one: { tenant: 'one', scope: 'scope' },
    two: { tenant: 'two', scope: 'scope' },
    leaks: { secrets: [SECRET], logged: () => '' },
    dispose: () => {},
  };
}
