import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Body, createServerWorld, NAMES, type ServerWorld } from '../src/server-world.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: ServerWorld;
beforeAll(async () => {
  world = await createServerWorld({ stateFile: 'tidelock.db' });
});
afterAll(async () => world[Symbol.asyncDispose]());

const file = () => readFileSync(world.stage.configPath, 'utf8');
const setup = (body: unknown) => ({ body, role: 'setup' as const });

describe('settings', () => {
  it('are written one by one, and what is not named stays', async () => {
    const { body: before } = await world.get('/settings');
    expect(before.settings.sync.region).toBe('US');
    const sync = { region: 'DE', brake: { least: 25 } };
    const saved = await world.send('PUT', '/settings', setup({ sync, version: before.version }));
    expect(saved.body.changed).toBe(true);
    const { body } = await world.get('/settings');
    expect(body.settings.sync).toMatchObject({
      region: 'DE',
      brake: { least: 25, share: 0.05 },
      recoveryHoldSeconds: 0,
    });
    world.clock.advance(1_000);
    await world.send('PUT', '/settings', setup({ unset: ['sync.region'] }));
    expect((await world.get('/settings')).body.settings.sync.region).toBe('US');
  });

  it('that cannot be are refused with the reason, and the file is as it was', async () => {
    const before = file();
    const wrong = await world.send(
      'PUT',
      '/settings',
      setup({ alarm: { lagMinutes: 0 }, sync: { regoin: 'DE' } }),
    );
    expect(wrong.status).toBe(422);
    expect(wrong.body.problems.map(({ remedy }: Body) => remedy)).toContain('Did you mean "region"?');
    expect(file()).toBe(before);
    expect((await world.send('PUT', '/settings', setup({ unset: ['state'] }))).status).toBe(400);
    expect((await world.send('PUT', '/settings', { body: {} })).status).toBe(403);
  });

  it('go back to an earlier version, which is kept', async () => {
    const { body } = await world.get('/settings/versions', 'setup');
    expect(body.items).toHaveLength(2);
    const oldest = body.items.at(-1).id;
    const restored = await world.send('POST', '/settings/restore', setup({ id: oldest }));
    expect(restored.body.changed).toBe(true);
    expect((await world.get('/settings')).body.settings.sync.brake.least).toBe(10);
    expect((await world.send('POST', '/settings/restore', setup({ id: '../x' }))).status).toBe(404);
    expect((await world.get('/settings/file', 'operator')).status).toBe(403);
    const shown = (await world.get('/settings/file', 'setup')).body.text;
    expect(shown).toBe(file().replace(world.stage.tenantId, '(hidden: see Connections)'));
    expect(file()).toContain(world.stage.tenantId);
    const schema = (await world.get('/settings/schema')).body;
    expect(Object.keys(schema.properties)).toContain('profiles');
  });
});

describe('keys', () => {
  it('count down, and their certificates are there for portals', async () => {
    const { body } = await world.get('/keys');
    expect(body.items).toMatchObject([
      { keyName: 'tidelock', signs: 'first', stage: 'ok', sha256: expect.any(String) },
    ]);
    const pem = await world.get('/keys/tidelock/certificate');
    expect(pem.text).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect((await world.get('/keys/nobody/certificate')).status).toBe(404);
  });

  it('data keys are wrapped anew', async () => {
    const { status, body } = await world.send('POST', '/keys/rewrap', setup({ rotate: true }));
    expect([status, typeof body.report]).toEqual([200, 'object']);
    expect((await world.job('/sync')).state).toBe('done');
  });

  it('rotate without a new consent: both are in use until the new one is registered', async () => {
    expect((await world.send('POST', '/keys/rotate', { body: {} })).status).toBe(403);
    const { body } = await world.send('POST', '/keys/rotate', setup({ bits: 2048 }));
    expect(body).toMatchObject({ names: ['tidelock-2', 'tidelock'], written: true, key: { signs: 'first' } });
    expect(body.next[0]).toContain('Upload');
    const check = (await world.send('POST', '/keys/check')).body;
    expect(check.keys.map(({ state }: Body) => state)).toEqual(['refused', 'accepted']);
    expect((await world.job('/sync')).state).toBe('done');
    const shared = await world.send('POST', '/keys/tidelock/retire', setup(undefined));
    expect(shared).toMatchObject({
      status: 409,
      body: { detail: 'tidelock signs elsewhere too: crm.options.auth.key.' },
    });
    const crm = '/connections/crm/crm';
    const { options } = (await world.get(crm, 'setup')).body;
    const moved = { ...options, auth: { ...options.auth, key: 'tidelock-2' } };
    expect((await world.send('PUT', crm, setup({ options: moved, anyway: true }))).status).toBe(200);
    const early = await world.send('POST', '/keys/tidelock/retire', setup(undefined));
    expect(early).toMatchObject({
      status: 409,
      body: { detail: 'No other key is accepted by the directory.' },
    });
    const clientId = '6a1f0a3e-52a4-4a3c-9a55-0d8f5f6b7c11';
    const pem = await world.get('/keys/tidelock-2/certificate');
    world.stage.graph.admin.addCertificate(clientId, pem.text);
    const retired = await world.send('POST', '/keys/tidelock/retire', { role: 'setup' });
    expect(retired.status).toBe(200);
    expect(retired.body).toEqual({ names: ['tidelock-2'], written: true });
    const acts = (await world.acts())
      .filter(({ act }) => act.startsWith('key.'))
      .map(({ who, act }) => [who, act]);
    expect(acts).toEqual([
      [NAMES.setup, 'key.removed'],
      [NAMES.setup, 'key.created'],
    ]);
  });
});
