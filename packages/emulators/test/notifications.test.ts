import { createNotificationCheck, hasSlice } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { createMismatch } from './example-shape.ts';
import { example } from './graph-example.ts';
import { startMs } from './microsoft365-fixture.ts';
import { createPushTest, good, HOOK, HOUR, type PushTest } from './push-fixture.ts';

const MINUTE = 60_000;
const types = (world: PushTest) => world.items().map(({ changeType }) => changeType);
const lifecycle = (world: PushTest) => world.items().flatMap(({ lifecycleEvent }) => lifecycleEvent ?? []);

async function subscribed(push: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  const world = await createPushTest(push);
  const { body } = await world.subscribe(more);
  world.arrivals.length = 0;
  const { admin } = world.emulator;
  const add = (givenName: string) => admin.createContact(world.ann, { givenName });
  const settle = async (ms = 0) => {
    world.clock.advance(ms);
    await new Promise((resume) => setImmediate(resume));
    await admin.pushIdle();
  };
  /** Requests are under way that nobody answers. */
  const settleLate = async (ms: number) => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resume) => setImmediate(resume));
    await settle(ms);
  };
  return { ...world, id: body.id as string, add, settle, settleLate };
}

describe('notifications', () => {
  it('tell what happened to which item, with the secret, and nothing of its content', async () => {
    const world = await subscribed();
    const { id, immutableId } = world.add('Ada');
    await world.settle();
    const [item] = world.items();
    expect(item).toMatchObject({
      ...{ subscriptionId: world.id, changeType: 'created', clientState: 'secret', tenantId: world.tenantId },
      resourceData: { '@odata.type': '#Microsoft.Graph.Contact', id: immutableId },
    });
    expect(String(item?.resource).toLowerCase()).toBe(
      `users/${world.ann}/contacts/${immutableId}`.toLowerCase(),
    );
    expect(JSON.stringify(world.items())).not.toContain('Ada');
    world.emulator.admin.updateContact(world.ann, id, { givenName: 'Eva' });
    world.emulator.admin.deleteContact(world.ann, id);
    await world.settle();
    expect(types(world).sort()).toEqual(['created', 'deleted', 'updated']);
  });

  it('are about the mailbox and the kind that was subscribed to', async () => {
    const world = await subscribed();
    world.emulator.admin.createContact(world.ben, { givenName: 'Ben' });
    const time = { dateTime: '2026-12-01T10:00', timeZone: 'UTC' };
    world.emulator.admin.createEvent(world.ann, { subject: 'x', start: time, end: time });
    await world.settle();
    expect(world.items()).toEqual([]);
    await world.subscribe({ resource: `users/${world.ann}/events`, clientState: 'other' });
    world.emulator.admin.createEvent(world.ann, { subject: 'y', start: time, end: time });
    await world.settle();
    expect(world.items()).toMatchObject([{ changeType: 'created', clientState: 'other' }]);
  });

  it('of a create come twice now and then, and of many changes in few requests', async () => {
    const world = await subscribed({ echo: 1, batch: 40 });
    for (let n = 0; n < 60; n += 1) world.add(`C${n}`);
    await world.settle();
    expect(types(world).filter((type) => type === 'created')).toHaveLength(60);
    expect(types(world).filter((type) => type === 'updated')).toHaveLength(60);
    expect(world.arrivals).toHaveLength(3);
  });

  it('are lost, doubled, late and out of order as told to, the same way for the same seed', async () => {
    const run = async () => {
      const world = await subscribed({
        lose: 0.3,
        duplicate: 0.3,
        late: { share: 0.5, maxMs: MINUTE },
        batch: 1,
      });
      const ids = Array.from({ length: 100 }, (_, n) => world.add(`C${n}`).immutableId);
      await world.settle();
      const early = world.items().length;
      await world.settle(MINUTE);
      const told = world.items().map(({ resourceData }) => (resourceData as { id: string }).id);
      return { ids, early, told, lost: world.emulator.oracle.lostNotifications() };
    };
    const { ids, early, told, lost } = await run();
    expect(lost).toBeGreaterThan(10);
    expect(new Set(told).size).toBe(100 - lost);
    expect(told.length).toBeGreaterThan(new Set(told).size);
    expect(early).toBeLessThan(told.length);
    expect([...new Set(told)]).not.toEqual(ids.filter((id) => told.includes(id)));
    expect((await run()).told).toEqual(told);
  });

  it('are repeated until they are taken, with longer and longer pauses, and given up after four hours', async () => {
    const world = await subscribed();
    let tries = 0;
    world.answer(() => new Response(null, { status: tries++ < 3 ? 503 : 202 }));
    world.add('Ada');
    await world.settle();
    for (const [pause, sum] of [
      [5_000, 2],
      [10_000, 3],
      [20_000, 4],
    ] as const) {
      await world.settle(pause - 1);
      expect(tries).toBe(sum - 1);
      await world.settle(1);
      expect(tries).toBe(sum);
    }
    await world.settle(HOUR);
    expect(tries).toBe(4);
    world.answer(() => new Response(null, { status: 500 }));
    world.add('Eva');
    for (let step = 0; step < 60; step += 1) await world.settle(5 * MINUTE);
    expect(world.emulator.oracle.lostNotifications()).toBe(1);
    world.answer(good);
    world.add('Ida');
    await world.settle();
    expect(lifecycle(world)).toEqual(['missed']);
  });

  it('are late where a tenth of the answers took over three seconds', async () => {
    const world = await subscribed({ judgedFrom: 10, batch: 1, retryMs: HOUR });
    for (let n = 0; n < 8; n += 1) world.add(`C${n}`);
    await world.settle();
    world.answer(() => new Promise(() => undefined));
    world.add('A');
    world.add('B');
    await world.settleLate(3_000);
    world.answer(good);
    world.add('Late');
    await world.settle(10 * MINUTE - 1);
    expect(world.items()).toHaveLength(10);
    await world.settle(1);
    expect(world.items()).toHaveLength(11);
  });

  it('are lost where many answers took over ten seconds, and the app is told afterwards', async () => {
    const world = await subscribed({ judgedFrom: 1, retryMs: 1_000 });
    world.answer(() => new Promise(() => undefined));
    world.add('A');
    await world.settleLate(3_000);
    world.clock.advance(1_000);
    await world.settleLate(10_000);
    world.answer(good);
    world.add('Lost');
    expect(world.emulator.oracle.lostNotifications()).toBe(1);
    await world.settle(20 * MINUTE);
    expect(lifecycle(world)).toEqual(['missed']);
    const told = world.items().length;
    world.add('Told');
    await world.settle(10 * MINUTE);
    expect(world.items().slice(told)).toMatchObject([{ changeType: 'created' }]);
  });
});

describe('lifecycle events', () => {
  it('go to their own address, with the secret', async () => {
    const world = await subscribed();
    const { admin } = world.emulator;
    admin.missNotifications(world.id);
    await world.settle();
    expect(world.arrivals.map(({ url }) => url)).toEqual([`${HOOK}/lifecycle`]);
    expect(world.items()).toEqual([
      {
        ...{
          subscriptionId: world.id,
          lifecycleEvent: 'missed',
          clientState: 'secret',
          tenantId: world.tenantId,
        },
        subscriptionExpirationDateTime: '2026-11-25T09:00:00.0000000Z',
      },
    ]);
    admin.removeSubscription(world.id);
    await world.settle();
    expect(lifecycle(world)).toEqual(['missed', 'subscriptionRemoved']);
    expect((await world.graph('GET', `/subscriptions/${world.id}`)).status).toBe(404);
  });

  it.each([
    ['a renewal', 'PATCH', '', { expirationDateTime: new Date(startMs + 30 * HOUR).toISOString() }],
    ['a new authorisation', 'POST', '/reauthorize', undefined],
  ] as const)('that ask for authorisation stop everything until %s', async (...[, method, action, body]) => {
    const world = await subscribed();
    world.emulator.admin.challengeSubscription(world.id);
    world.add('Lost');
    await world.settle();
    expect(lifecycle(world)).toEqual(['reauthorizationRequired']);
    expect(types(world)).toEqual([undefined]);
    await world.graph(method, `/subscriptions/${world.id}${action}`, body === undefined ? {} : { body });
    world.add('Told');
    await world.settle();
    expect(types(world)).toEqual([undefined, 'created']);
  });

  it('ask for authorisation by themselves before the end, where that is switched on', async () => {
    const world = await subscribed({ challengeBeforeMs: HOUR });
    await world.settle(46 * HOUR);
    expect(lifecycle(world)).toEqual([]);
    await world.settle(HOUR);
    expect(lifecycle(world)).toEqual(['reauthorizationRequired']);
  });

  it.skipIf(!hasSlice)(
    'and notifications have the members of the shared examples [skipped: ../shared is absent]',
    async () => {
      const world = await subscribed();
      const shape = createMismatch(new Set());
      world.add('Ada');
      await world.settle();
      const [changed] = world.items();
      world.emulator.admin.missNotifications(world.id);
      await world.settle();
      const asked = (id: string) =>
        (example(id).request.body as { value: Record<string, unknown>[] }).value[0] ?? {};
      const place = { path: '', extras: false };
      expect(
        shape(
          asked('notification-event-and-contact-mixed'),
          { ...changed, id: undefined },
          { ...place, extras: true },
        ),
      ).toEqual([]);
      expect(shape(asked('notification-created'), changed, place)).toEqual([]);
      expect(shape(asked('lifecycle-missed'), world.items().at(-1), place)).toEqual([]);
    },
  );

  it.skipIf(!hasSlice)(
    'and notifications keep to the OpenAPI document [skipped: ../shared is absent]',
    async () => {
      const world = await subscribed();
      const check = createNotificationCheck();
      const { id } = world.add('Ada');
      world.emulator.admin.updateContact(world.ann, id, { givenName: 'Eva' });
      world.emulator.admin.deleteContact(world.ann, id);
      world.emulator.admin.missNotifications(world.id);
      world.emulator.admin.challengeSubscription(world.id);
      world.emulator.admin.removeSubscription(world.id);
      await world.settle();
      expect(world.items()).toHaveLength(6);
      expect(check({ value: world.items() })).toEqual([]);
      expect(check({ value: [{ ...world.items()[0], subscriptionId: 7 }] })).not.toEqual([]);
    },
  );
});
