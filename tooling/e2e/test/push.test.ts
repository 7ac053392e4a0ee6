import { openConnections, readStanding } from '@tidelock/host';
import { describe, expect, it } from 'vitest';
import { createPushWorld, type PushWorld } from '../src/push-world.ts';

/** So seldom that nothing in a test is found by it. */
const NEVER = 3_600;

const live = (world: PushWorld): number => world.push().status().subscriptions.live;

/** Everything read once, and subscribed to. */
async function settled(world: PushWorld, subscriptions: number): Promise<void> {
  await world.runner().complete();
  await world.until('subscribed', () => live(world) === subscriptions);
  await world.until('every lane had its turn', async () =>
    (await world.live().now().status()).every(({ lastOkAt, hints }) => lastOkAt !== null && hints === 0),
  );
}

const surnames = (world: PushWorld): string[] =>
  world.stage.crm
    .records()
    .map(({ values }) => values.lastName ?? '')
    .sort();

const add = (world: PushWorld, surname: string, name?: string): void =>
  void world.graph.admin.createContact(world.mailboxId(name), { givenName: 'A', surname });

const post = (world: PushWorld, path: string, body: unknown) =>
  fetch(`${world.origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** The address that the service was given, and the last notification that it sent there. */
function sent(world: PushWorld) {
  const deliveries = world.graph.oracle.deliveries();
  const change = deliveries.findLast(({ kind }) => kind === 'changes');
  return { path: new URL(deliveries[0]?.url ?? '').pathname, item: change?.items[0] ?? {} };
}

describe('what mailboxes push', () => {
  it('reaches the CRM at once, though nobody polls, and a restart makes no new subscription', async () => {
    await using world = await createPushWorld({
      pace: { poll: NEVER },
      mailboxes: ['ann', 'ben'],
      stateFile: 'state.db',
    });
    await settled(world, 2);
    add(world, 'First', 'ann');
    await world.until('the contact is in the CRM', () => surnames(world).includes('First'));
    const ids = world.graph.oracle.subscriptions().map(({ id }) => id);
    await world.restart();
    await settled(world, 2);
    expect(world.graph.oracle.subscriptions().map(({ id }) => id)).toEqual(ids);
    add(world, 'Second', 'ben');
    await world.until('the next one too', () => surnames(world).includes('Second'));
    expect(world.push().status()).toMatchObject({ off: null, problems: new Map() });
    const checks = (await world.live().now().doctor()).filter(({ name }) => name === 'push');
    expect(checks.map(({ status, text }) => [status, text])).toEqual([
      ['ok', '2 of 2 mailboxes and calendars push their changes'],
    ]);
    const numbers = await (await fetch(`${world.origin}/metrics`)).text();
    expect(numbers).toContain('tidelock_push_subscriptions{state="live"} 2');
    expect(numbers).toMatch(/tidelock_push_taken_total\{reason="changed"\} [1-9]/);
  });

  it('goes on after the service removed a subscription, and after it asked for a new authorisation', async () => {
    await using world = await createPushWorld({ pace: { poll: NEVER } });
    await settled(world, 1);
    const [first] = world.graph.oracle.subscriptions();
    world.graph.admin.removeSubscription(first?.id ?? '');
    add(world, 'Unseen');
    await world.until('another one', () => {
      const [one] = world.graph.oracle.subscriptions();
      return one !== undefined && one.id !== first?.id;
    });
    await world.until('what happened meanwhile is found', () => surnames(world).includes('Unseen'));
    const [second] = world.graph.oracle.subscriptions();
    world.graph.admin.challengeSubscription(second?.id ?? '');
    await world.until('authorised', () => world.graph.oracle.subscriptions()[0]?.isChallenged === false);
    add(world, 'Later');
    await world.until('it delivers again', () => surnames(world).includes('Later'));
    expect(world.graph.oracle.subscriptions()[0]?.id).toBe(second?.id);
  });

  it('that something was missed is reason enough to look', async () => {
    await using world = await createPushWorld({ pace: { poll: NEVER }, delivery: { lose: 1 } });
    await settled(world, 1);
    add(world, 'Lost');
    await world.until('lost', () => world.graph.oracle.lostNotifications() > 0);
    world.graph.admin.missNotifications(world.graph.oracle.subscriptions()[0]?.id ?? '');
    await world.until('found', () => surnames(world).includes('Lost'));
  });

  it.each([
    ['all of it is lost', { lose: 1 }],
    [
      'much of it is lost, doubled, late and out of order',
      { lose: 0.4, duplicate: 0.4, late: { share: 0.5, maxMs: 1_500 } },
    ],
  ])('arrives by the poll where %s', async (_, delivery) => {
    await using world = await createPushWorld({
      pace: { poll: 1 },
      mailboxes: ['ann', 'ben'],
      delivery,
      records: 'own',
    });
    await settled(world, 2);
    const wanted = Array.from({ length: 30 }, (_each, n) => `P${String(n).padStart(2, '0')}`);
    for (const [n, surname] of wanted.entries()) add(world, surname, n % 2 === 0 ? 'ann' : 'ben');
    await world.until('all of them', () => surnames(world).length >= wanted.length, 60);
    await world.graph.admin.pushIdle();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(surnames(world)).toEqual(wanted);
  });

  it('is polled as well where pushing is switched off, and what there was is taken back', async () => {
    await using world = await createPushWorld({ pace: { poll: 1 }, stateFile: 'state.db' });
    await settled(world, 1);
    const config = { ...world.stage.config, schedule: { mailbox: { floorSeconds: 1, ceilingSeconds: 1 } } };
    world.stage.writeConfig({ ...config, push: { mailbox: false, origin: world.origin } });
    await world.restart();
    await world.until('taken back', () => world.graph.oracle.subscriptions().length === 0);
    add(world, 'Polled');
    await world.until('found by the poll', () => surnames(world).includes('Polled'));
    expect(world.push().status().off).toBe('switched-off');
  });
});

describe('the hooks, over sockets', () => {
  it('judge items one by one (R4), repeat no text without a creation (R5), and take 256 KB (R6)', async () => {
    await using world = await createPushWorld({ pace: { poll: NEVER } });
    await settled(world, 1);
    add(world, 'First');
    await world.until('the contact is in the CRM', () => surnames(world).includes('First'));
    const { path, item } = sent(world);
    const items = [
      { ...item, clientState: 'wrong' },
      { ...item, tenantId: '11111111-2222-4333-8444-555555555555' },
      { ...item, subscriptionId: '11111111-2222-4333-8444-555555555555' },
    ];
    const before = world.push().status().taken.get('changed') ?? 0;
    expect((await post(world, path, { value: [item, ...items] })).status).toBe(202);
    expect(world.push().status().taken.get('changed')).toBe(before + 1);
    const audit = () => world.live().now().administration.audit({ limit: 50 });
    const refused = async () => (await audit()).filter(({ act }) => act === 'push.refused');
    await world.until('three in the trail', async () => (await refused()).length === 3);
    expect((await refused()).map(({ after }) => after).reverse()).toEqual([
      { reason: 'forged' },
      { reason: 'foreign' },
      { reason: 'unknown' },
    ]);
    expect(JSON.stringify(await refused())).not.toContain(String(item.clientState));

    const script = await post(world, `${path}?validationToken=${encodeURIComponent('<script>')}`, '');
    expect([script.status, await script.text()]).toEqual([404, 'not found']);
    expect((await post(world, path, `{"value":[${' '.repeat(300 * 1024)}]}`)).status).toBe(413);
    expect((await post(world, path, '{')).status).toBe(400);
    expect((await post(world, path.replace(/.$/, 'x'), { value: [item] })).status).toBe(404);
    expect((await fetch(`${world.origin}${path}`)).status).toBe(404);
    const huge = 'x'.repeat(4 * 1024 * 1024);
    const guess = post(world, '/hooks/mailbox/guess', huge);
    // Answered before the body was read, or cut off while it was sent.
    expect(
      await guess.then(
        ({ status }) => status,
        () => 'cut off',
      ),
    ).not.toBe(413);
  });

  it('answer the handshake of a creation as plain text that no browser takes for a page', async () => {
    const seen: { type: string | null; nosniff: string | null; policy: string | null }[] = [];
    const send = async (request: Request): Promise<Response> => {
      const answer = await fetch(request);
      const header = (name: string) => answer.headers.get(name);
      if (request.url.includes('validationToken='))
        seen.push({
          type: header('content-type'),
          nosniff: header('x-content-type-options'),
          policy: header('content-security-policy'),
        });
      return answer;
    };
    await using world = await createPushWorld({ pace: { poll: NEVER }, graph: { send } });
    await world.until('subscribed', () => live(world) === 1);
    const plain = {
      type: 'text/plain; charset=utf-8',
      nosniff: 'nosniff',
      policy: "default-src 'none'; sandbox",
    };
    expect(seen).toEqual([plain, plain]);
  });
});

describe('what HubSpot pushes', () => {
  it('reaches the mailbox before a search shows it, and nothing happens where the signature is not good', async () => {
    await using world = await createPushWorld({
      pace: { poll: NEVER },
      vendor: 'hubspot',
      stateFile: 'state.db',
    });
    const { hubspot } = world.stage;
    const hooks = hubspot.admin.createPrivateApp({ name: 'Hooks' });
    const { crm } = world.stage.config;
    const schedule = {
      crm: { floorSeconds: NEVER, ceilingSeconds: NEVER },
      mailbox: { floorSeconds: NEVER, ceilingSeconds: NEVER },
    };
    world.stage.writeConfig({
      ...{ ...world.stage.config, schedule, push: { origin: world.origin } },
      crm: { ...crm, options: { ...(crm.options as object), webhookSecret: hooks.clientSecret } },
    });
    await world.restart();
    await settled(world, 1);
    const targetUrl = world.push().crmAddresses().get('crm') ?? '';
    expect(new URL(targetUrl).origin).toBe(world.origin);
    const told = (await world.live().now().doctor()).filter(({ name }) => name === 'push');
    expect(told.map(({ text }) => text)).toContain(`crm may push to ${targetUrl}`);
    for (const eventType of ['contact.creation', 'contact.deletion'])
      hubspot.admin.subscribe({ appId: hooks.appId, targetUrl, eventType });
    // No search shows it for as long as this test runs: it is read because the push names it.
    hubspot.admin.settings.searchLagMs = 3_600_000;
    hubspot.admin.createContact({ lastname: 'Pushed', email: 'pushed@example.com' });
    await hubspot.webhooks.deliver();
    const there = () => world.graph.oracle.contacts(world.mailboxId()).map(({ surname }) => surname);
    await world.until('the contact is in the mailbox', () => there().includes('Pushed'));

    const refused = await post(world, new URL(targetUrl).pathname, [{ subscriptionId: 1 }]);
    expect(refused.status).toBe(400);
    expect((await post(world, '/hooks/crm/crm/guess', [{ subscriptionId: 1 }])).status).toBe(404);
    expect(
      (await post(world, new URL(targetUrl).pathname.replace('/crm/crm/', '/crm/other/'), [])).status,
    ).toBe(404);
    expect(world.push().status().refused.get('unsigned')).toBe(1);
  });
});

describe('an organisation that is let go', () => {
  it('has its subscriptions taken back and its keys destroyed, and nobody works for it any more', async () => {
    await using world = await createPushWorld({ pace: { poll: NEVER } });
    const { secrets } = world.live().foundation;
    await secrets.store.put('tenant-id', new TextEncoder().encode(world.stage.tenantId));
    const { mailbox } = world.stage.config as { mailbox: { options: object } };
    const still = { floorSeconds: NEVER, ceilingSeconds: NEVER };
    world.stage.writeConfig({
      ...{ ...world.stage.config, schedule: { crm: still, mailbox: still }, push: { origin: world.origin } },
      mailbox: { ...mailbox, options: { ...mailbox.options, tenant: { secret: 'tenant-id' } } },
    });
    await world.restart();
    await settled(world, 1);
    expect(world.graph.oracle.subscriptions()).toHaveLength(1);
    add(world, 'Remembered');
    await world.until('it is remembered', () => surnames(world).includes('Remembered'));
    const live = world.live();
    const connections = await openConnections(live.options, {
      ...{ ground: live.foundation, onReleased: () => live.reconnect() },
    });
    const report = await connections.disconnect({ who: 'Ann' });
    await connections.close();
    expect(report).toMatchObject({ disconnected: true, subscriptions: { ended: 1, left: 0 } });
    expect(report.erased?.dataKeys).toBeGreaterThan(0);
    expect(world.graph.oracle.subscriptions()).toEqual([]);
    expect(live.trouble).toMatchObject({ problems: [{ reason: expect.stringContaining('"tenant-id"') }] });
    const { tenants, sync, push } = live.foundation.state;
    expect([await tenants.dataKeys('default'), await push?.subscriptions('default')]).toEqual([[], []]);
    for (const { id } of await sync.lanes())
      expect(await sync.links(id, { by: 'page', after: '', limit: 10 })).toEqual([]);
    expect(await readStanding(tenants)).toMatchObject({ state: 'disconnected', left: { who: 'Ann' } });
  });
});
