import { LogLevel } from '@azure/msal-node';
import { describe, expect, it } from 'vitest';
import { toLoggerOptions } from '../src/client-log.ts';
import {
  answer,
  CLIENT_ID,
  createTestWorld,
  decodeAssertion,
  failureOf,
  pairs,
  SCOPE,
  START,
} from './world.ts';

describe('traps of section 0', () => {
  it('0.1 a hit signs nothing', async () => {
    const { get, keys } = createTestWorld();
    for (let call = 0; call < 200; call += 1) await get();
    expect(keys.signatures).toBe(1);
  });

  it('0.2 parallel cold calls make one POST and no discovery', async () => {
    const { get, seen } = createTestWorld();
    await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(seen.map(({ method, url }) => `${method} ${url.pathname.split('/').slice(2).join('/')}`)).toEqual([
      'POST oauth2/v2.0/token',
    ]);
  });

  it('0.3 renewal does not hold up the caller', async () => {
    const { get, clock, control, seen } = createTestWorld();
    const first = await get();
    control.intercept = () => new Promise(() => {});
    await clock.advance(3_000_000);
    const before = clock.mono();
    expect(await get()).toEqual(first);
    await clock.advance(0);
    expect(await get()).toEqual(first);
    await clock.advance(0);
    expect([clock.mono() - before, seen.length]).toEqual([0, 2]);
  });

  it.each([
    ['a network failure', () => Promise.reject(new TypeError('fetch failed'))],
    ['a 503', answer(503, { error: 'temporarily_unavailable' })],
    ['a 429', answer(429, { error: 'temporarily_unavailable' }, { 'retry-after': '3600' })],
  ])('0.4 %s during renewal leaves the valid token in use', async (_, intercept) => {
    const { get, clock, control } = createTestWorld();
    const first = await get();
    control.intercept = intercept;
    for (const step of [3_000_000, 0, 60_000, 400_000]) {
      await clock.advance(step);
      expect(await get()).toEqual(first);
    }
  });

  it('0.4 a Retry-After is kept while the old token is served', async () => {
    const { get, clock, control, seen } = createTestWorld();
    await get();
    await clock.advance(3_000_000);
    control.intercept = answer(429, {}, { 'retry-after': '300' });
    for (let second = 0; second < 290; second += 1) {
      await get();
      await clock.advance(1000);
    }
    expect(seen).toHaveLength(2);
    await clock.advance(20_000);
    await get();
    await clock.advance(0);
    expect(seen).toHaveLength(3);
  });

  const token = { access_token: 'x', expires_in: 3599 };
  const page = '<html>Please sign in to the guest network</html>';
  const failed = { kind: 'unavailable', code: 'http' };
  const unread = { kind: 'unavailable', code: 'not-json' };
  const empty = { kind: 'protocol', code: 'empty-token' };
  it.each([
    { what: '500 {}', intercept: answer(500, {}), expected: failed },
    { what: '502 with a page', intercept: answer(502, '<html>Bad Gateway</html>'), expected: unread },
    { what: '200 without token', intercept: answer(200, { expires_in: 3599 }), expected: empty },
    { what: '200, token empty', intercept: answer(200, { ...token, access_token: '' }), expected: empty },
    { what: '200 without life', intercept: answer(200, { access_token: 'x' }), expected: empty },
    { what: '200, life of 0', intercept: answer(200, { ...token, expires_in: 0 }), expected: empty },
    { what: '200, life null', intercept: answer(200, { ...token, expires_in: null }), expected: empty },
    { what: '200 with a page', intercept: answer(200, page), expected: { ...empty, code: 'not-json' } },
  ])('0.5 $what is a failure, and is not asked again at once', async ({ intercept, expected }) => {
    const { get, control, seen, clock } = createTestWorld();
    control.intercept = intercept;
    expect(await failureOf(get())).toMatchObject(expected);
    const again = await failureOf(get());
    expect(again).toMatchObject(expected);
    expect(again.retryAfterMs).toBeGreaterThan(0);
    expect(seen).toHaveLength(1);
    control.intercept = undefined;
    await clock.advance(1000);
    expect((await get()).token).not.toBe('');
  });

  it('0.6 tenants share nothing: a hit costs the same with a thousand of them', async () => {
    const { provider, control, keys, seen } = createTestWorld();
    control.intercept = (entry) => answer(200, { access_token: entry.url.pathname, expires_in: 3599 })();
    const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    for (let index = 0; index < 1000; index += 1)
      await provider.getToken({ tenant: idOf(index), scope: SCOPE });
    for (let index = 0; index < 1000; index += 1) {
      const { token } = await provider.getToken({ tenant: idOf(index), scope: SCOPE });
      expect(token).toContain(idOf(index));
    }
    expect([keys.signatures, seen.length]).toEqual([1000, 1000]);
  });

  it('0.7 a silent token endpoint ends after ten seconds', async () => {
    const { get, clock, control } = createTestWorld();
    control.intercept = () => new Promise(() => {});
    const outcome = failureOf(get());
    await clock.advance(9999);
    expect(clock.sleepers).toBeGreaterThan(0);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ kind: 'unavailable', code: 'timeout' });
    expect(clock.sleepers).toBe(0);
  });

  it('0.7 a silent signer ends too', async () => {
    const { get, clock, keys } = createTestWorld();
    keys.onSign = () => new Promise(() => {});
    const outcome = failureOf(get());
    await clock.advance(60_000);
    expect(await outcome).toMatchObject({ kind: 'unavailable', code: 'timeout' });
  });

  it('0.7 waiting for a turn ends too, and a silent signer gives its place back', async () => {
    const { get, clock, keys, tenants, control, seen } = createTestWorld({ tuning: { concurrency: 1 } });
    keys.onSign = () => new Promise(() => {});
    control.intercept = () => new Promise(() => {});
    const first = failureOf(get(tenants[0]));
    const second = failureOf(get(tenants[1]));
    await clock.advance(60_000);
    expect(await first).toMatchObject({ code: 'timeout' });
    keys.onSign = async () => {};
    await clock.advance(60_000);
    expect(await second).toMatchObject({ code: 'timeout' });
    expect([seen.length, clock.sleepers]).toEqual([0, 0]);
    control.intercept = undefined;
    await clock.advance(1000);
    expect((await get(tenants[0])).token).not.toBe('');
  });

  it('0.8 a 307 carries the assertion nowhere', async () => {
    const { get, control, seen } = createTestWorld();
    control.intercept = answer(307, '', { location: 'https://evil.example/token' });
    expect(await failureOf(get())).toMatchObject({ kind: 'protocol', code: 'redirect' });
    expect(seen.map(({ url }) => url.host)).toEqual(['login.microsoftonline.com']);
  });

  it('0.9 neither log nor error holds tenant, token, assertion or address', async () => {
    const { get, emulator, tenants, seen, logged, clock, control } = createTestWorld();
    const { token } = await get(tenants[1]);
    for (const code of [700016, 700027, 90002, 53003, 90033]) {
      emulator.admin.entra.fail(tenants[0], code);
      const error = await failureOf(get());
      logged.push(`${error.message} ${error.remedy} ${JSON.stringify(error)} ${String(error.cause)}`);
      await clock.advance(25 * 3_600_000);
    }
    control.intercept = () => Promise.reject(new TypeError(`connect ${seen[0]?.url}`));
    logged.push(String((await failureOf(get())).message));
    const text = logged.join('\n').toLowerCase();
    expect(logged.filter((line) => line.startsWith('warn token.renewal-failed'))).toHaveLength(6);
    const assertion = seen[0]?.form.get('client_assertion') ?? 'none';
    for (const secret of [...tenants, 'one.example', token, assertion, 'login.microsoftonline.com/']) {
      expect(text).not.toContain(secret.toLowerCase());
    }
  });

  it('0.9 of MSAL’s own log only warnings get through, redacted, and nothing marked as personal', () => {
    const { context, logged, tenants } = createTestWorld();
    const { logLevel, piiLoggingEnabled, loggerCallback } = toLoggerOptions(context.log);
    expect([logLevel, piiLoggingEnabled]).toEqual([LogLevel.Warning, false]);
    loggerCallback?.(LogLevel.Warning, `authority https://login.example/${tenants[0]} is odd`, false);
    loggerCallback?.(LogLevel.Warning, 'jane', true);
    expect(logged).toEqual(['warn token.msal {"level":1,"text":"authority [url] is odd"}']);
  });

  it('0.10 only the scope asked for is asked for: no offline_access, no openid, no secret', async () => {
    const { get, seen } = createTestWorld();
    await get();
    const form = seen[0]?.form;
    expect(form?.get('scope')).toBe(SCOPE);
    expect(form?.get('grant_type')).toBe('client_credentials');
    expect([...(form?.keys() ?? [])]).not.toEqual(expect.arrayContaining(['client_secret']));
    expect(form?.toString()).not.toMatch(/offline_access|openid|cp1/);
  });

  it('0.11 a token is no proof of whose the tenant is: the answer says nothing but the token and its end', async () => {
    const { get } = createTestWorld();
    expect(Object.keys(await get()).sort()).toEqual(['expiresAt', 'token']);
  });

  it('0.12 a thumbprint with colons is read, a wrong one stops everything', async () => {
    const { get, keys, seen } = createTestWorld();
    const pair = pairs.newest();
    const colons = (pair.certificate.sha256.match(/../g) ?? []).join(':').toUpperCase();
    keys.put('newest', { ...pair, certificate: { ...pair.certificate, sha256: colons } });
    await get();
    const sent = decodeAssertion(seen[0]).header['x5t#S256'];
    expect(Buffer.from(String(sent), 'base64url').toString('hex')).toBe(pair.certificate.sha256);
    const other = createTestWorld();
    other.keys.put('newest', { ...pair, certificate: { ...pair.certificate, sha256: 'ab:cd' } });
    expect(await failureOf(other.get())).toMatchObject({ kind: 'auth', code: 'certificate-mismatch' });
    expect(other.seen).toEqual([]);
  });

  it('0.13 an assertion is never dated ahead, lives five minutes and is never used twice', async () => {
    const { get, renew, seen, clock, tenants } = createTestWorld();
    await clock.advance(700);
    await get();
    await renew();
    const [first, second] = [decodeAssertion(seen[0]), decodeAssertion(seen[1])];
    expect(first.header).toMatchObject({ alg: 'PS256', typ: 'JWT' });
    expect(first.claims).toMatchObject({
      aud: `https://login.microsoftonline.com/${tenants[0]}/oauth2/v2.0/token`,
      iss: CLIENT_ID,
      sub: CLIENT_ID,
      nbf: START / 1000,
      iat: START / 1000,
      exp: START / 1000 + 300,
    });
    expect(first.claims.jti).not.toBe(second.claims.jti);
  });
});
