import { expect, test, vi } from 'vitest';
import { attacks } from '../src/consent/attacks.ts';
import { createActor, createConsentWorld } from '../src/consent/world.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Outcomes of attacks in which somebody honest ends up connected. */
const LEAVES_SOMEBODY = new Set(['bound-elsewhere', 'bound-meanwhile']);

test.each(attacks.map((attack) => [attack.id, attack.title, attack] as const))(
  '%s: %s is refused',
  async (id, _title, attack) => {
    await using world = await createConsentWorld(attack.options);
    expect(await attack.run(world)).toBe(attack.expected);
    if (!LEAVES_SOMEBODY.has(id)) expect(await world.connections.tenant()).toBeNull();
  },
);

test('every answer carries the headers that keep a page to itself, also a refusal', async () => {
  await using world = await createConsentWorld();
  await createActor(world, 'gus');
  const cookie = { cookie: 'sid=gus' };
  const answers = await Promise.all([
    fetch(`${world.origin}/connect`, { headers: cookie }),
    fetch(`${world.origin}/connect`),
    fetch(`${world.origin}/connect/style.css`),
    fetch(`${world.origin}/connect/return?state=x`, { headers: cookie }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 400]);
  for (const { headers } of answers) {
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  }
  expect(await answers[0]?.text()).not.toMatch(/<script|<input (?!type="hidden")/);
});

test('the app goes on when the administrator who connected it is gone', async () => {
  await using world = await createConsentWorld();
  const gus = await createActor(world, 'gus');
  await gus.connect('gus@victim.example');
  expect(await gus.outcome()).toBe(`CONNECTED ${world.tenants.victim}`);
  world.admin.removeUser('gus@victim.example');
  const pam = await createActor(world, 'pam');
  await pam.connect('pam@victim.example');
  expect(await pam.outcome()).toBe(`CONNECTED ${world.tenants.victim}`);
  const grants = world.microsoft365.log.entries
    .filter(({ path }) => path.endsWith('/oauth2/v2.0/token'))
    .map(({ requestBody }) => (requestBody as { grant_type?: string }).grant_type);
  expect(new Set(grants)).toEqual(new Set(['authorization_code', 'client_credentials']));
});
