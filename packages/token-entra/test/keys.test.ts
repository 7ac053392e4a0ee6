import { AdapterError } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createPair } from './key-pairs.ts';
import { answer, CLIENT_ID, createTestWorld, decodeAssertion, failureOf, pairs } from './world.ts';

describe('keys', () => {
  it('an unregistered certificate says so', async () => {
    const { get, keys } = createTestWorld();
    keys.put('newest', pairs.older());
    expect(await failureOf(get())).toMatchObject({
      kind: 'auth',
      code: 'AADSTS700027',
      status: 401,
      remedy: expect.stringContaining('Upload the certificate'),
    });
  });

  it('an expired certificate says so, from the reason in the answer', async () => {
    const { get, keys, register } = createTestWorld();
    keys.put('newest', pairs.expired());
    register(pairs.expired());
    const error = await failureOf(get());
    expect(error).toMatchObject({ kind: 'auth', code: 'AADSTS700027' });
    expect(error.remedy).toMatch(/has expired/);
  });

  it('rotation: the newest is tried first, the older one once, and the answer is remembered for a while', async () => {
    const { get, renew, keys, register, seen, clock, tenants } = createTestWorld({
      keys: ['next', 'newest'],
    });
    keys.put('next', pairs.older());
    await get();
    expect(seen.map((entry) => decodeAssertion(entry).header['x5t#S256'])).toHaveLength(2);
    await get(tenants[1]);
    expect(seen).toHaveLength(3);
    register(pairs.older());
    await clock.advance(31 * 60_000);
    await renew();
    expect(seen).toHaveLength(4);
    const thumbprint = Buffer.from(pairs.older().certificate.sha256, 'hex').toString('base64url');
    expect(decodeAssertion(seen[3]).header['x5t#S256']).toBe(thumbprint);
  });

  it('rotation: with the old certificate removed, the new one alone is used', async () => {
    const { get, keys, seen } = createTestWorld({ keys: ['newest', 'gone'] });
    keys.put('gone', pairs.older());
    await get();
    expect(seen).toHaveLength(1);
  });

  it('rotation: two refused keys make two requests, not more, and the newest one’s failure is told', async () => {
    const { get, keys, emulator, tenants, seen } = createTestWorld({ keys: ['newest', 'b', 'c'] });
    keys.put('b', pairs.older());
    keys.put('c', pairs.older());
    emulator.admin.entra.fail(tenants[0], 7000214, { times: 1 });
    emulator.admin.entra.fail(tenants[0], 700027, { times: 5 });
    expect(await failureOf(get())).toMatchObject({ code: 'AADSTS7000214' });
    expect(seen).toHaveLength(2);
  });

  it('a certificate past its end is tried last', async () => {
    const { get, keys, seen } = createTestWorld({ keys: ['outdated', 'newest'] });
    keys.put('outdated', pairs.expired());
    await get();
    expect(seen).toHaveLength(1);
  });

  it('a key that is not there does not stop one that is', async () => {
    const { get, seen } = createTestWorld({ keys: ['missing', 'newest'] });
    await get();
    expect(seen).toHaveLength(1);
    const alone = createTestWorld({ keys: ['missing'] });
    expect(await failureOf(alone.get())).toMatchObject({ kind: 'auth', code: 'key-missing' });
    expect(alone.seen).toEqual([]);
  });

  it('a key that comes later is found, and forget reads a replaced certificate at once', async () => {
    const { get, keys, provider, tenants, clock, seen } = createTestWorld({ keys: ['late'] });
    expect(await failureOf(get())).toMatchObject({ code: 'key-missing' });
    keys.put('late', pairs.older());
    await clock.advance(1000);
    expect(await failureOf(get())).toMatchObject({ code: 'AADSTS700027' });
    keys.put('late', pairs.newest());
    provider.forget(tenants[0]);
    expect((await get()).token).not.toBe('');
    expect(seen).toHaveLength(2);
  });

  it('a key that Entra would refuse is not used', async () => {
    const { get, keys, seen } = createTestWorld();
    const now = Date.UTC(2026, 0, 1);
    keys.put('newest', createPair('short', { notBefore: now - 1000, notAfter: now + 1000 }, 1024));
    expect(await failureOf(get())).toMatchObject({ kind: 'auth', code: 'key-type' });
    expect(seen).toEqual([]);
  });

  it('a certificate of another key is noticed before anything is sent', async () => {
    const { get, keys, seen } = createTestWorld();
    keys.put('newest', { ...pairs.newest(), certificate: pairs.older().certificate });
    expect(await failureOf(get())).toMatchObject({ kind: 'auth', code: 'certificate-mismatch' });
    expect(seen).toEqual([]);
  });

  it('a key store that is down is not a refused certificate', async () => {
    const { get, keys, seen } = createTestWorld();
    keys.onSign = () =>
      Promise.reject(
        new AdapterError('unavailable', 'vault down', { operation: 'sign', retryAfterMs: 7000 }),
      );
    expect(await failureOf(get())).toMatchObject({
      kind: 'unavailable',
      code: 'key-store',
      retryAfterMs: 7000,
    });
    keys.onSign = () => Promise.reject(new TypeError('fetch failed'));
    const other = createTestWorld();
    other.keys.onSign = keys.onSign;
    expect(await failureOf(other.get())).toMatchObject({ kind: 'unavailable', code: 'key-store' });
    expect(seen).toEqual([]);
  });
});

describe('refusals of the tenant', () => {
  it('a missing service principal: connect again', async () => {
    const { get, emulator, tenants } = createTestWorld();
    emulator.admin.removeServicePrincipal(tenants[0], CLIENT_ID);
    expect(await failureOf(get())).toMatchObject({
      kind: 'auth',
      code: 'AADSTS7000229',
      remedy: expect.stringContaining('run Connect again'),
    });
  });

  it('a disabled application, a missing consent, an unknown tenant', async () => {
    const { get, emulator, tenants } = createTestWorld();
    emulator.admin.setServicePrincipalEnabled(tenants[0], CLIENT_ID, false);
    expect((await failureOf(get())).remedy).toMatch(/^Enable the enterprise application/);
    emulator.admin.entra.fail(tenants[1], 65001);
    const consent = await failureOf(get(tenants[1]));
    expect(consent).toMatchObject({ kind: 'auth', code: 'AADSTS65001' });
    expect(consent.remedy).toMatch(/grant the permissions/);
    const unknown = await failureOf(get('12345678-1234-4123-8123-123456789012'));
    expect(unknown).toMatchObject({ kind: 'auth', code: 'AADSTS90002' });
  });

  it('heals by itself once the cause is gone', async () => {
    const { get, emulator, tenants, clock } = createTestWorld();
    emulator.admin.entra.fail(tenants[0], 65001);
    await failureOf(get());
    await clock.advance(1000);
    expect((await get()).token).not.toBe('');
  });

  it('an assertion outside its time range: once more with a fresh one, then the clock is named', async () => {
    const { get, seen, emulator } = createTestWorld();
    emulator.admin.entra.fail('one.example', 700024, { times: 2 });
    const error = await failureOf(get());
    expect(error).toMatchObject({ kind: 'auth', code: 'AADSTS700024' });
    expect(seen).toHaveLength(2);
    const jti = seen.map((entry) => decodeAssertion(entry).claims.jti);
    expect(new Set(jti).size).toBe(2);
  });

  it('names how far the clock is off, by the service’s own Date', async () => {
    const { get, control } = createTestWorld();
    const body = { error: 'invalid_client', error_codes: [700024] };
    control.intercept = answer(401, body, { date: 'Thu, 01 Jan 2026 00:12:00 GMT' });
    expect((await failureOf(get())).remedy).toContain('12 min behind');
  });
});
