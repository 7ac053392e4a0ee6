import { version } from '@azure/msal-node';
import { describe, expect, it, vi } from 'vitest';
import { toCredential } from '../src/assertion.ts';
import { createTokenClient } from '../src/client.ts';
import { createEntraTokens, EntraOptionsSchema } from '../src/index.ts';
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

describe('traps of section 11', () => {
  it.each([[[700027]], [['700027']]])('11.1 error_codes %j is read as number and as text', async (codes) => {
    const { get, control } = createTestWorld();
    control.intercept = answer(401, { error: 'invalid_client', error_codes: codes });
    expect(await failureOf(get())).toMatchObject({ code: 'AADSTS700027' });
  });

  it('11.2 the end is counted from the sending of the request, on the injected clock', async () => {
    const { get, control, clock } = createTestWorld();
    control.intercept = async (_, init) => {
      await clock.sleep(8000, init.signal ?? undefined);
      return Response.json({ access_token: 'slow', expires_in: 3600 });
    };
    const slow = get();
    await clock.advance(8000);
    expect((await slow).expiresAt).toBe(START + 3_600_000);
  });

  it('11.2 a wall clock that is set back does not prolong a token, one set forward ends it', async () => {
    const { get, clock, seen } = createTestWorld();
    await get();
    clock.shiftWall(-7_200_000);
    const second = await get();
    expect([seen.length, second.expiresAt]).toEqual([2, clock.now() + 3_599_000]);
    clock.shiftWall(7_200_000);
    expect((await get()).expiresAt).toBe(clock.now() + 3_599_000);
    expect(seen).toHaveLength(3);
  });

  it('11.2 a wall clock that is a little slow does not prolong a token either', async () => {
    const { get, clock, seen } = createTestWorld();
    await get();
    clock.shiftWall(-50_000);
    await clock.advance(3_545_000);
    await get();
    expect(seen).toHaveLength(2);
  });

  it('11.3 no throttle memory but our own: after Retry-After the next call asks, before it none does', async () => {
    const { get, control, clock, seen } = createTestWorld();
    control.intercept = answer(429, { error: 'temporarily_unavailable' }, { 'retry-after': '20' });
    expect(await failureOf(get())).toMatchObject({ kind: 'rate_limited', retryAfterMs: 20_000 });
    control.intercept = undefined;
    await clock.advance(19_000);
    expect(await failureOf(get())).toMatchObject({ kind: 'rate_limited', retryAfterMs: 1000 });
    expect(seen).toHaveLength(1);
    await clock.advance(1000);
    expect((await get()).token).not.toBe('');
  });

  it('11.4 an outage longer than the token’s life shows as a failure, not as an old token', async () => {
    const { get, control, clock } = createTestWorld();
    const { expiresAt } = await get();
    control.intercept = answer(503, {});
    for (let minute = 0; minute < 90; minute += 1) {
      const served = await get().catch(() => null);
      if (served) expect(clock.now()).toBeLessThan(expiresAt);
      else expect(clock.now()).toBeGreaterThanOrEqual(expiresAt - 60_000);
      await clock.advance(60_000);
    }
  });

  it('11.5 a tenant in capitals is the same tenant', async () => {
    const { get, tenants, seen } = createTestWorld();
    expect(await get(tenants[0].toUpperCase())).toEqual(await get(tenants[0]));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.url.pathname).toBe(`/${tenants[0]}/oauth2/v2.0/token`);
  });

  it('11.6 the caller’s request object is not touched', async () => {
    const { provider, ask } = createTestWorld();
    const request = Object.freeze(ask());
    await provider.getToken(request);
    await provider.renewToken(request);
    expect(Object.keys(request).sort()).toEqual(['scope', 'tenant']);
  });

  it('11.7 no request tells of earlier errors', async () => {
    const { get, emulator, tenants, clock, seen } = createTestWorld();
    emulator.admin.entra.fail(tenants[0], 90033);
    await failureOf(get());
    await clock.advance(5000);
    await get();
    expect(seen.map(({ form }) => form.get('x-client-last-telemetry'))).toEqual(['5|0|||0,0', '5|0|||0,0']);
  });

  it('11.8 another authority needs the explicit switch, and the clouds post to their own hosts only', async () => {
    const base = { clientId: CLIENT_ID, keys: ['newest'] };
    const parse = (more: object) => EntraOptionsSchema.safeParse({ ...base, ...more }).success;
    const url = 'https://localhost:8443';
    expect(parse({ authority: { url } })).toBe(false);
    expect(parse({ authority: { url, allow: false } })).toBe(false);
    expect(parse({ authority: { url: 'http://localhost:8443', allow: true } })).toBe(false);
    expect(parse({ authority: { url: `${url}/tenant`, allow: true } })).toBe(false);
    expect(parse({ authority: { url: 'https://user@localhost', allow: true } })).toBe(false);
    const hosts: string[] = [];
    for (const cloud of ['global', 'usgov-l4', 'usgov-l5', 'china'] as const) {
      const world = createTestWorld({ cloud });
      await world.get();
      hosts.push(...world.seen.map((entry) => entry.url.host));
      expect(String(decodeAssertion(world.seen[0]).claims.aud)).toContain(world.seen[0]?.url.host);
    }
    expect(hosts).toEqual([
      'login.microsoftonline.com',
      'login.microsoftonline.us',
      'login.microsoftonline.us',
      'login.partner.microsoftonline.cn',
    ]);
    const { context, ask, seen } = createTestWorld();
    const options = EntraOptionsSchema.parse({ ...base, authority: { url, allow: true } });
    await createEntraTokens(options, context).getToken(ask());
    expect(seen.map((entry) => [entry.method, entry.url.host])).toEqual([['POST', 'localhost:8443']]);
  });

  it('11.8 a request to another host than the authority’s is refused before it is sent', async () => {
    const { context, seen, keys, tenants } = createTestWorld();
    const authority = {
      origin: 'https://login.microsoftonline.us',
      pages: 'https://login.microsoftonline.us',
      host: 'login.microsoftonline.com',
      known: [],
    };
    const call = createTokenClient({ clientId: CLIENT_ID, authority, context, timeoutMs: 1000 });
    const credential = await toCredential(await keys.signer('newest'));
    const { signal } = new AbortController();
    const { failure } = await call({ tenant: tenants[0], scope: SCOPE, credential, signal });
    expect(failure?.error).toMatchObject({ kind: 'unavailable', code: 'host' });
    expect(seen).toEqual([]);
  });

  it('11.8 a region in the environment sends nothing elsewhere', async () => {
    vi.stubEnv('MSAL_FORCE_REGION', 'westeurope');
    const { get, seen } = createTestWorld();
    await get();
    vi.unstubAllEnvs();
    expect(seen.map(({ url }) => url.host)).toEqual(['login.microsoftonline.com']);
  });

  it('11.9 the MSAL that is loaded is the one these traps were measured on', () => {
    expect(version).toMatch(/^7\./);
  });

  it('11.10 Retry-After on a 400 holds up that tenant and no other', async () => {
    const { get, control, tenants, seen } = createTestWorld();
    const refused = answer(400, { error: 'invalid_grant', error_codes: [53003] }, { 'retry-after': '900' });
    control.intercept = (entry) => (entry.url.pathname.includes(tenants[0]) ? refused() : undefined);
    expect(await failureOf(get())).toMatchObject({ kind: 'auth', retryAfterMs: 900_000 });
    expect((await get(tenants[1])).token).not.toBe('');
    expect(await failureOf(get())).toMatchObject({ kind: 'auth' });
    expect(seen).toHaveLength(2);
  });

  it('11.11 nothing is read out of a token: an opaque one and one without roles are served', async () => {
    const { get, emulator, tenants } = createTestWorld();
    emulator.admin.entra.setTokens(tenants[0], { opaque: true });
    emulator.admin.revoke(tenants[1], CLIENT_ID);
    expect((await get(tenants[0])).token).not.toContain('.');
    expect((await get(tenants[1])).token).not.toBe('');
  });

  it('11.12 7000229 is no certificate alarm, although its error is invalid_client', async () => {
    const { get, keys, emulator, tenants, seen } = createTestWorld({ keys: ['newest', 'older'] });
    keys.put('older', pairs.older());
    emulator.admin.removeServicePrincipal(tenants[0], CLIENT_ID);
    const error = await failureOf(get());
    expect(error).toMatchObject({ kind: 'auth', code: 'AADSTS7000229', status: 401 });
    expect(error.remedy).not.toMatch(/certificate/i);
    expect(seen).toHaveLength(1);
  });
});
