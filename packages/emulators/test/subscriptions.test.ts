import { createExchangeCheck, hasSlice } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { expectLike } from './graph-example.ts';
import { startMs } from './microsoft365-fixture.ts';
import { createPushTest, HOOK, HOUR } from './push-fixture.ts';

const at = (ms: number): string => new Date(ms).toISOString();

describe('a subscription', () => {
  it('is made after both addresses have answered their handshake, and only then', async () => {
    const world = await createPushTest();
    const made = await world.subscribe();
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ resource: `users/${world.ann}/contacts`, clientState: 'secret' });
    expect(world.arrivals.map(({ url }) => url.split('?')[0])).toEqual([HOOK, `${HOOK}/lifecycle`]);
    for (const { type, token, items } of world.arrivals) {
      expect(type).toBe('text/plain; charset=utf-8');
      expect(token).toMatch(/^Validation: Testing client application reachability/);
      expect(items).toEqual([]);
    }
    expect(world.emulator.oracle.subscriptions()).toMatchObject([{ userId: world.ann, kind: 'contact' }]);
  });

  it.each([
    ['another status', () => new Response('x', { status: 201 })],
    ['another text', () => new Response('x', { headers: { 'content-type': 'text/plain' } })],
    ['HTML', (token: string) => new Response(token, { headers: { 'content-type': 'text/html' } })],
    [
      'the token as it stood in the address',
      (token: string) =>
        new Response(encodeURIComponent(token), { headers: { 'content-type': 'text/plain' } }),
    ],
    ['nothing', () => Promise.reject(new Error('connection refused'))],
  ])('is not made where the handshake is answered with %s', async (_, answer) => {
    const world = await createPushTest();
    world.answer(({ token }) => answer(token ?? ''));
    const { status, body } = await world.subscribe();
    expect([status, body.error.code]).toEqual([400, 'InvalidRequest']);
    expect(world.emulator.oracle.subscriptions()).toEqual([]);
  });

  it('is not made where nobody answers within ten seconds', async () => {
    const world = await createPushTest();
    world.answer(() => new Promise(() => undefined));
    const asked = world.subscribe();
    while (world.arrivals.length === 0) await new Promise((resume) => setImmediate(resume));
    world.clock.advance(10_000);
    expect((await asked).status).toBe(400);
  });

  it('keeps the parameters of its address', async () => {
    const world = await createPushTest();
    await world.subscribe({ notificationUrl: `${HOOK}?a=1` });
    expect(world.arrivals[0]?.url).toMatch(/\?a=1&validationToken=Validation/);
  });

  it('lives between 45 minutes and seven days', async () => {
    const world = await createPushTest();
    const short = await world.subscribe({ expirationDateTime: at(startMs + 60_000) });
    expect(Date.parse(short.body.expirationDateTime)).toBe(startMs + 45 * 60_000);
    const events = { resource: `/users/${world.ann}/events` };
    const longest = await world.subscribe({ ...events, expirationDateTime: at(startMs + 10_080 * 60_000) });
    expect(longest.status).toBe(201);
    for (const ms of [startMs + 10_081 * 60_000, startMs - 1]) {
      const refused = await world.subscribe({
        resource: `users/${world.ben}/events`,
        expirationDateTime: at(ms),
      });
      expect([refused.status, refused.body.error.code]).toEqual([400, 'InvalidRequest']);
    }
    world.clock.advance(45 * 60_000);
    expect((await world.graph('GET', `/subscriptions/${short.body.id}`)).status).toBe(404);
    expect(world.emulator.oracle.subscriptions().map(({ id }) => id)).toEqual([longest.body.id]);
  });

  it('exists once for an app, a resource and the kinds of change, whatever their order', async () => {
    const world = await createPushTest();
    const first = await world.subscribe();
    const again = await world.subscribe({ changeType: 'deleted,created,updated' });
    expect([again.status, again.body.error.message]).toEqual([
      409,
      `Subscription Id ${first.body.id} already exists for the requested combination`,
    ]);
    expect((await world.subscribe({ changeType: 'created' })).status).toBe(201);
    await world.graph('DELETE', `/subscriptions/${first.body.id}`);
    expect((await world.subscribe()).status).toBe(201);
  });

  it.each([
    ['an address that is not https', { notificationUrl: 'http://app.example/hook' }],
    ['a resource without changes', { resource: 'users/x/contactFolders' }],
    ['an unknown kind of change', { changeType: 'created,renamed' }],
    ['a long secret', { clientState: 'x'.repeat(129) }],
    ['resource data', { includeResourceData: true }],
  ])('is refused for %s', async (_, more) => {
    const world = await createPushTest();
    const { status, body } = await world.subscribe(more);
    expect([status, body.error.code]).toEqual([400, 'InvalidRequest']);
  });

  it('needs the right to read the mailbox, and a mailbox', async () => {
    const world = await createPushTest();
    const { admin } = world.emulator;
    const none = admin.addUser(world.tenantId, {
      ...{ mail: 'none@contoso.example', displayName: 'None', mailbox: 'none' as const },
    }).id;
    admin.setScope(world.tenantId, world.clientId, [world.ann, none]);
    const of = async (user: string) =>
      (await world.subscribe({ resource: `users/${user}/contacts` })).body.error?.code;
    expect(await of(world.ann)).toBe(undefined);
    expect(await of(world.ben)).toBe('ErrorAccessDenied');
    expect(await of(none)).toBe('MailboxNotEnabledForRESTAPI');
    expect(await of('nobody')).toBe('ErrorInvalidUser');
  });

  it('is refused for now with a status that says for good, and when a mailbox has a thousand', async () => {
    const world = await createPushTest({ mostOfMailbox: 1 });
    world.emulator.faults.inject({ fault: { kind: 'named', name: 'subscription-unavailable' } });
    const busy = await world.subscribe();
    expect([busy.status, busy.body.error.code]).toEqual([403, 'ExtensionError']);
    expect(busy.body.error.message).toContain('Status Code: ServiceUnavailable');
    expect((await world.subscribe()).status).toBe(201);
    const full = await world.subscribe({ changeType: 'created' });
    expect([full.status, full.body.error.code]).toEqual([403, 'ExtensionError']);
  });

  it('is renewed, moved to another address that answers, and nothing else of it changes', async () => {
    const world = await createPushTest();
    const { id } = (await world.subscribe()).body;
    const patch = (body: unknown) => world.graph('PATCH', `/subscriptions/${id}`, { body });
    const renewed = await patch({ expirationDateTime: at(startMs + 100 * HOUR) });
    expect([renewed.status, Date.parse(renewed.body.expirationDateTime)]).toEqual([
      200,
      startMs + 100 * HOUR,
    ]);
    const handshakes = world.arrivals.length;
    expect((await patch({ notificationUrl: 'https://app.example/other' })).status).toBe(200);
    expect(world.arrivals.slice(handshakes).map(({ url }) => url.split('?')[0])).toEqual([
      'https://app.example/other',
    ]);
    expect((await patch({ lifecycleNotificationUrl: HOOK })).status).toBe(400);
    expect((await patch({ expirationDateTime: at(startMs + 11_000 * 60_000) })).status).toBe(400);
  });

  it('belongs to its app: the list is its own, page by page, and shows no secret', async () => {
    const world = await createPushTest();
    const { admin } = world.emulator;
    const own: string[] = [];
    for (let n = 0; n < 101; n += 1) {
      const { id } = admin.addUser(world.tenantId, { mail: `u${n}@contoso.example`, displayName: `U${n}` });
      own.push((await world.subscribe({ resource: `users/${id}/contacts` })).body.id);
    }
    const first = await world.graph('GET', '/subscriptions');
    const second = await world.graph('GET', first.body['@odata.nextLink']);
    const rows = [...first.body.value, ...second.body.value];
    expect(rows.map(({ id }) => id)).toEqual(own);
    expect(rows.every(({ clientState }) => clientState === null)).toBe(true);
    expect(second.body['@odata.nextLink']).toBe(undefined);
  });

  it.skipIf(!hasSlice)('has the shapes of the shared examples [skipped: ../shared is absent]', async () => {
    const world = await createPushTest();
    const created = await world.subscribe();
    expectLike('subscription-create-outlook-full', created, ['notificationContentType']);
    const path = `/subscriptions/${created.body.id}`;
    const without = ['notificationContentType', '@odata.context'];
    expectLike('subscription-list', await world.graph('GET', '/subscriptions'), without);
    const body = { expirationDateTime: at(startMs + HOUR * 50) };
    expectLike('subscription-renew', await world.graph('PATCH', path, { body }), without);
    expectLike('subscription-reauthorize', await world.graph('POST', `${path}/reauthorize`));
    const twin = await world.subscribe();
    expect([twin.status, twin.body.error.code]).toEqual([409, 'Conflict']);
    expectLike('subscription-delete', await world.graph('DELETE', path));
    world.answer(() => new Response('no'));
    expectLike('error-400-subscription-validation', await world.subscribe());
  });

  it.skipIf(!hasSlice)('keeps to the OpenAPI document [skipped: ../shared is absent]', async () => {
    const world = await createPushTest();
    const check = createExchangeCheck();
    const { id } = (await world.subscribe()).body;
    await world.subscribe();
    await world.graph('GET', `/subscriptions/${id}`);
    await world.graph('GET', '/subscriptions');
    await world.graph('PATCH', `/subscriptions/${id}`, { body: { expirationDateTime: at(startMs + HOUR) } });
    await world.graph('POST', `/subscriptions/${id}/reauthorize`);
    await world.graph('DELETE', `/subscriptions/${id}`);
    await world.graph('DELETE', `/subscriptions/${id}`);
    expect(world.emulator.log.entries.flatMap((exchange) => check(exchange))).toEqual([]);
    expect(world.emulator.log.entries).toHaveLength(8);
  });
});
