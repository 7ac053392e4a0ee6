import { describe, expect, it } from 'vitest';
import { answer, createTestWorld, failureOf, START } from './world.ts';

const HOUR = 3_600_000;

describe('a token', () => {
  it('is asked for once by 50 parallel cold calls, and then served from memory', async () => {
    const { get, seen, keys } = createTestWorld();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    await get();
    expect([seen.length, seen[0]?.method, keys.signatures]).toEqual([1, 'POST', 1]);
    expect(tokens[0]?.expiresAt).toBe(START + 3_599_000);
  });

  it('is renewed behind the caller’s back once between half and four fifths of its life', async () => {
    const { get, seen, clock } = createTestWorld();
    const first = await get();
    await clock.advance(HOUR * 0.49);
    expect(await get()).toEqual(first);
    expect(seen).toHaveLength(1);
    await clock.advance(HOUR * 0.32);
    expect(await get()).toEqual(first);
    await clock.advance(0);
    expect(seen).toHaveLength(2);
    expect((await get()).expiresAt).toBeGreaterThan(first.expiresAt);
  });

  it('is never served past its end: at 3,538 s it is, from 3,540 s on a new one is fetched first', async () => {
    const { get, seen, clock, control } = createTestWorld();
    const first = await get();
    control.intercept = answer(503, {});
    await clock.advance(3_538_000);
    expect(await get()).toEqual(first);
    await clock.advance(2000);
    expect(await failureOf(get())).toMatchObject({ kind: 'unavailable' });
    control.intercept = undefined;
    await clock.advance(10_000);
    const second = await get();
    expect(second.expiresAt).toBe(clock.now() + 3_599_000);
    expect(seen.length).toBeLessThanOrEqual(4);
  });

  it('keeps being served through a 20 minute outage, with few requests', async () => {
    const { get, clock, control, seen } = createTestWorld();
    const first = await get();
    await clock.advance(HOUR / 2);
    control.intercept = answer(503, { error: 'temporarily_unavailable' });
    for (let minute = 0; minute < 20; minute += 1) {
      expect(await get()).toEqual(first);
      await clock.advance(60_000);
    }
    expect(seen.length).toBeLessThan(15);
    control.intercept = undefined;
    await clock.advance(300_000);
    await get();
    await clock.advance(0);
    expect((await get()).token).not.toBe(first.token);
  });

  it('over 24 hours: one request per tenant and hour at most twice, none with an expired token', async () => {
    const { get, clock, seen, emulator } = createTestWorld();
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      const { token, expiresAt } = await get();
      expect(expiresAt).toBeGreaterThan(clock.now());
      expect(token).not.toBe('');
      await clock.advance(60_000);
    }
    expect(seen.length).toBeGreaterThanOrEqual(24);
    expect(seen.length).toBeLessThanOrEqual(48);
    expect(emulator.clock.now()).toBe(START + 24 * HOUR);
  });

  it.each([
    [2, 'shorter than any margin'],
    [299, 'that MSAL would count as expired'],
  ])('with a life of %i s, %s, is served and renewed', async (seconds) => {
    const { get, clock, emulator, tenants, seen } = createTestWorld();
    emulator.admin.entra.setTokens(tenants[0], { expiresIn: seconds });
    const first = await get();
    expect(await get()).toEqual(first);
    expect(seen).toHaveLength(1);
    await clock.advance(seconds * 1000);
    expect((await get()).expiresAt).toBe(clock.now() + seconds * 1000);
  });

  it('is renewed when the service wants it, by refresh_in', async () => {
    const { get, clock, emulator, tenants, seen } = createTestWorld();
    emulator.admin.entra.setTokens(tenants[0], { expiresIn: 86_400, refreshIn: 7200 });
    await get();
    await clock.advance(7_201_000);
    await get();
    await clock.advance(0);
    expect(seen).toHaveLength(2);
  });

  it('that was asked for before an abort goes to the others', async () => {
    const { provider, ask, seen, keys, clock } = createTestWorld();
    keys.onSign = () => clock.sleep(100);
    const controller = new AbortController();
    const impatient = failureOf(provider.getToken({ ...ask(), signal: controller.signal }));
    const patient = provider.getToken(ask());
    controller.abort();
    expect(await impatient).toMatchObject({ kind: 'unavailable', code: 'aborted' });
    await clock.advance(100);
    expect((await patient).token).not.toBe('');
    expect(seen).toHaveLength(1);
    expect(await failureOf(provider.getToken({ ...ask(), signal: controller.signal }))).toMatchObject({
      code: 'aborted',
    });
  });

  it('is kept per tenant, forgotten per tenant, and gone after close', async () => {
    const { get, provider, tenants, seen } = createTestWorld();
    const [one, two] = tenants;
    const other = await get(two);
    const before = await get(one);
    provider.forget(one.toUpperCase());
    expect((await get(one)).token).not.toBe(before.token);
    expect(await get(two)).toEqual(other);
    expect(seen).toHaveLength(3);
    await provider.close();
    await provider.close();
    expect(await failureOf(get(two))).toMatchObject({ kind: 'unavailable', code: 'aborted' });
  });

  it('close ends what is under way', async () => {
    const { get, provider, control, clock, logged } = createTestWorld();
    control.intercept = () => new Promise(() => {});
    const waiting = failureOf(get());
    await clock.advance(10);
    await provider.close();
    expect(await waiting).toMatchObject({ kind: 'unavailable', code: 'aborted' });
    expect([clock.sleepers, logged]).toEqual([0, []]);
  });
});

describe('renewToken', () => {
  it('brings a new token at once, and many at the same time ask once', async () => {
    const { get, renew, seen } = createTestWorld();
    const first = await get();
    const renewed = await Promise.all([renew(), renew(), renew()]);
    expect(new Set(renewed.map(({ token }) => token)).size).toBe(1);
    expect(renewed[0]?.token).not.toBe(first.token);
    expect((await renew()).token).toBe(renewed[0]?.token);
    expect(seen).toHaveLength(2);
  });

  it('sends a claims challenge and refuses what is none', async () => {
    const { provider, ask, seen } = createTestWorld();
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
    await provider.renewToken({ ...ask(), claims });
    expect(JSON.parse(seen[0]?.form.get('claims') ?? 'null')).toMatchObject(JSON.parse(claims));
    expect(await failureOf(provider.renewToken({ ...ask(), claims: 'nonsense' }))).toMatchObject({
      kind: 'auth',
      code: 'claims',
    });
    expect(seen).toHaveLength(1);
  });

  it('reports a failure although the refused token is still valid, which getToken goes on serving', async () => {
    const { get, renew, control } = createTestWorld();
    const first = await get();
    control.intercept = answer(503, {});
    expect(await failureOf(renew())).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(await get()).toEqual(first);
  });
});

describe('limits', () => {
  it('never has more requests under way than allowed', async () => {
    const { get, addTenant, control, clock, seen } = createTestWorld({ tuning: { concurrency: 3 } });
    let open = 0;
    let most = 0;
    control.intercept = (_, init) => {
      open += 1;
      most = Math.max(most, open);
      return clock.sleep(50, init.signal ?? undefined).then(() => {
        open -= 1;
        return Response.json({ access_token: `t${seen.length}`, expires_in: 3599 });
      });
    };
    const wanted = Array.from({ length: 10 }, (_, index) => get(addTenant(`t${index}.example`)));
    await clock.advance(1000);
    expect((await Promise.all(wanted)).length).toBe(10);
    expect([most, seen.length]).toEqual([3, 10]);
  });

  it('remembers no more tenants than allowed and drops the oldest', async () => {
    const { get, addTenant, seen } = createTestWorld({ tuning: { maxEntries: 3 } });
    const ids = Array.from({ length: 4 }, (_, index) => addTenant(`t${index}.example`));
    for (const id of ids) await get(id);
    for (const id of ids.slice(1)) await get(id);
    expect(seen).toHaveLength(4);
    await get(ids[0]);
    expect(seen).toHaveLength(5);
  });

  it('does not drop what is being asked for', async () => {
    const { get, keys, clock, tenants, seen } = createTestWorld({ tuning: { maxEntries: 1 } });
    keys.onSign = () => clock.sleep(50);
    const waiting = [get(tenants[0]), get(tenants[1]), get(tenants[0])];
    await clock.advance(100);
    await Promise.all(waiting);
    expect(seen).toHaveLength(2);
  });

  it.each(['common', 'organizations', '', '..', 'a/b', 'x y.example', 'one.example/../two.example'])(
    'refuses %j as a tenant before anything is sent',
    async (tenant) => {
      const { get, seen } = createTestWorld();
      expect(await failureOf(get(tenant))).toMatchObject({ kind: 'auth', code: 'tenant' });
      expect(seen).toEqual([]);
    },
  );

  it.each([
    '',
    'openid profile',
    'https://graph.microsoft.com/Contacts.Read',
    'https://a/.default https://b/.default',
  ])('refuses %j as a scope before anything is sent', async (scope) => {
    const { provider, tenants, seen } = createTestWorld();
    expect(await failureOf(provider.getToken({ tenant: tenants[0], scope }))).toMatchObject({
      code: 'scope',
    });
    expect(seen).toEqual([]);
  });
});
