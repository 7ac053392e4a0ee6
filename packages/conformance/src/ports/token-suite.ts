import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { AccessToken, ConformanceSuite, TokenProvider, TokenRequest } from '@tidelock/core';
import type { Case, Disposable, MakeFixture, TestApi } from '../harness.ts';
import type { FaultKind } from '../record-store/fixture.ts';
import { thrown } from '../record-store/session.ts';
import { createSuite, testSuite } from '../suite.ts';

/** What the token endpoint can be made to do until `clear`. `empty`: 200 with an empty token. */
export type TokenFault = Exclude<FaultKind, '403'> | 'empty';

export interface TokensFixture extends Disposable {
  readonly provider: TokenProvider;
  /** The clock of provider and endpoint. Work that is due in the background has been done when it resolves. */
  readonly clock: { now(): number; advance(ms: number): Promise<void> | void };
  readonly endpoint: {
    /** Token requests that have arrived. */
    requests(): number;
    /** Lifetime in seconds of the next tokens; not the vendor's usual one. */
    lifetime(seconds: number): void;
    fail(fault: TokenFault): void;
    clear(): void;
  };
  /** Two requests for different tenants that the endpoint knows. */
  readonly one: TokenRequest;
  readonly two: TokenRequest;
  readonly leaks?: { readonly secrets: readonly string[]; logged(): string };
}

type TokenCase = Case<TokensFixture, unknown>;
const HOUR = 3_600_000;

function assertFresh(token: AccessToken, now: number): void {
  assert.ok(token.token.length > 0, 'an empty token');
  assert.ok(token.expiresAt > now, 'a token that has expired');
}

function refusal(
  number: string,
  fault: TokenFault,
  kind: 'auth' | 'rate_limited' | 'unavailable' | 'protocol',
): TokenCase {
  return {
    id: `token-0${number}`,
    title: `under ${fault} getToken throws ${kind}, and works again afterwards`,
    async run({ provider, endpoint, clock, one, leaks }) {
      endpoint.fail(fault);
      const error = await thrown(provider.getToken(one), kind);
      for (const secret of leaks?.secrets ?? []) {
        assert.ok(
          !inspect(error, { depth: 6, showHidden: true }).includes(secret),
          'the error holds a secret',
        );
        assert.ok(!leaks?.logged().includes(secret), 'the log holds a secret');
      }
      endpoint.clear();
      await clock.advance(120_000);
      assertFresh(await provider.getToken(one), clock.now());
    },
  };
}

export const tokenCases: readonly TokenCase[] = [
  {
    id: 'token-001',
    title: 'the expiry is the endpoint’s, whatever it is',
    async run({ provider, endpoint, clock, one }) {
      endpoint.lifetime(1234);
      const token = await provider.getToken(one);
      assert.ok(
        Math.abs(token.expiresAt - clock.now() - 1_234_000) <= 5000,
        'the lifetime was not taken from the answer',
      );
    },
  },
  {
    id: 'token-002',
    title: 'a token with time left is served without a request',
    async run({ provider, endpoint, clock, one }) {
      endpoint.lifetime(3600);
      const first = await provider.getToken(one);
      await clock.advance(HOUR / 4);
      assert.deepEqual(await provider.getToken(one), first);
      assert.equal(endpoint.requests(), 1);
    },
  },
  {
    id: 'token-003',
    title: 'concurrent calls share one request',
    async run({ provider, endpoint, one }) {
      const tokens = await Promise.all(Array.from({ length: 20 }, () => provider.getToken(one)));
      assert.equal(new Set(tokens.map((each) => each.token)).size, 1);
      assert.equal(endpoint.requests(), 1);
    },
  },
  {
    id: 'token-004',
    title: 'tenants do not share tokens',
    async run({ provider, endpoint, one, two }) {
      const [first, second] = await Promise.all([provider.getToken(one), provider.getToken(two)]);
      assert.notEqual(first.token, second.token);
      assert.equal(endpoint.requests(), 2);
    },
  },
  {
    id: 'token-005',
    title: 'a token is never served past its expiry',
    async run({ provider, endpoint, clock, one }) {
      endpoint.lifetime(3600);
      const first = await provider.getToken(one);
      await clock.advance(2 * HOUR);
      const second = await provider.getToken(one);
      assertFresh(second, clock.now());
      assert.notEqual(second.token, first.token);
    },
  },
  {
    id: 'token-006',
    title: 'while renewal fails, a token that is still valid is served; after its expiry the failure shows',
    async run({ provider, endpoint, clock, one }) {
      endpoint.lifetime(3600);
      const first = await provider.getToken(one);
      endpoint.fail('500');
      await clock.advance(HOUR - 120_000);
      const still = await provider.getToken(one);
      assert.equal(still.token, first.token);
      assertFresh(still, clock.now());
      await clock.advance(240_000);
      await thrown(provider.getToken(one), 'unavailable');
    },
  },
  {
    id: 'token-007',
    title: 'renewToken brings a new token, and getToken serves it from then on',
    async run({ provider, one }) {
      const first = await provider.getToken(one);
      const second = await provider.renewToken(one);
      assert.notEqual(second.token, first.token);
      assert.equal((await provider.getToken(one)).token, second.token);
    },
  },
  {
    id: 'token-008',
    title: 'forget drops one tenant only',
    async run({ provider, endpoint, one, two }) {
      const first = await provider.getToken(one);
      const other = await provider.getToken(two);
      provider.forget(one.tenant);
      assert.notEqual((await provider.getToken(one)).token, first.token);
      assert.equal((await provider.getToken(two)).token, other.token);
      assert.equal(endpoint.requests(), 3);
    },
  },
  {
    id: 'token-009',
    title: 'one aborted caller does not take the token from the others',
    async run({ provider, clock, one }) {
      const controller = new AbortController();
      const aborted = provider.getToken({ ...one, signal: controller.signal });
      const patient = provider.getToken(one);
      controller.abort(new Error('aborted by the suite'));
      await aborted.catch(() => undefined);
      assertFresh(await patient, clock.now());
    },
  },
  refusal('10', '401', 'auth'),
  refusal('11', '429', 'rate_limited'),
  refusal('12', '500', 'unavailable'),
  refusal('13', 'timeout', 'unavailable'),
  refusal('14', 'empty', 'protocol'),
  {
    id: 'token-015',
    title: 'closing twice is harmless',
    async run({ provider, one }) {
      await provider.getToken(one);
      await provider.close();
      await provider.close();
    },
  },
];

/** Contract `token@1`. */
export function tokenSuite(
  name: string,
  makeFixture: MakeFixture<TokensFixture>,
  waivers: Readonly<Record<string, string>> = {},
): ConformanceSuite {
  return createSuite({ name: `token: ${name}`, cases: tokenCases, makeFixture, waivers });
}

/** Registers `tokenSuite` with a test framework. */
// biome-ignore lint/complexity/useMaxParams: framework, name, fixture, waivers is the order of every suite function
export function testTokens(
  api: TestApi,
  name: string,
  makeFixture: MakeFixture<TokensFixture>,
  waivers: Readonly<Record<string, string>> = {},
): void {
  testSuite(api, tokenSuite(name, makeFixture, waivers));
}
