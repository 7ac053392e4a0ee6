import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Body, createServerWorld, NAMES, type ServerWorld } from '../src/server-world.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: ServerWorld;
let options: Body;
beforeAll(async () => {
  world = await createServerWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const file = () => readFileSync(world.stage.configPath, 'utf8');
const setup = (body: unknown) => ({ body, role: 'setup' as const });
const path = '/connections/crm/crm';

describe('a CRM connection', () => {
  it('is shown to setup alone, with what can be written there', async () => {
    expect((await world.get(path, 'operator')).status).toBe(403);
    const { body } = await world.get(path, 'setup');
    expect(body).toMatchObject({ name: 'crm', adapter: { name: '@tidelock/crm-salesforce' } });
    expect(Object.keys(body.schema.properties).length).toBeGreaterThan(3);
    options = body.options;
    const list = (await world.get('/connections')).body;
    expect(list).toMatchObject({ connected: true, crms: [{ name: 'crm', main: true }] });
    expect(list.crmAdapters.map(({ name }: Body) => name)).toEqual(['@tidelock/crm-salesforce']);
    expect((await world.get('/connections/crm/other', 'setup')).status).toBe(404);
  });

  it('is tried as it is', async () => {
    const { body } = await world.send('POST', `${path}/check`, setup({}));
    expect(body.checks.map(({ status }: Body) => status)).not.toContain('fail');
    expect(body.steps.length).toBeGreaterThan(0);
  });

  it('that does not work says why and what to do, and is not saved', async () => {
    const before = file();
    const wrong = { ...options, username: 'nobody@contoso.example' };
    const tried = await world.send('POST', `${path}/check`, setup({ options: wrong }));
    const failed = tried.body.checks.filter(({ status }: Body) => status === 'fail');
    expect(failed).toHaveLength(1);
    expect(failed[0].remedy).toBeTruthy();
    const saved = await world.send('PUT', path, setup({ options: wrong }));
    expect(saved).toMatchObject({ status: 422, body: { code: 'connection' } });
    const odd = await world.send('PUT', path, setup({ options: { ...options, colour: 'red' } }));
    expect(odd.body.problems[0].reason).toContain('colour');
    expect(file()).toBe(before);
  });

  it('is saved once it works, and opened anew while work goes on', async () => {
    const first = world.live().now();
    const saved = await world.send('PUT', path, setup({ options: { ...options, dailyShare: 0.5 } }));
    expect(saved).toMatchObject({ status: 200, body: { changed: true } });
    expect(world.live().now()).not.toBe(first);
    expect(file()).toContain('dailyShare: 0.5');
    expect((await world.job('/sync')).state).toBe('done');
    const changed = (await world.get('/audit?act=config', 'setup')).body.items[0];
    expect(changed).toMatchObject({ who: NAMES.setup, after: { 'crm.options.dailyShare': '(options)' } });
  });

  it('takes no address inside this network from the page, and no package that is not installed', async () => {
    const inside = { ...options, endpoint: { url: 'http://169.254.169.254', allow: true } };
    for (const method of ['PUT', 'POST'] as const) {
      const where = method === 'PUT' ? path : `${path}/check`;
      const refused = await world.send(method, where, setup({ options: inside }));
      expect(refused).toMatchObject({ status: 422, body: { code: 'target' } });
    }
    const foreign = await world.send('POST', `${path}/check`, setup({ adapter: 'left-pad', options: {} }));
    expect(foreign).toMatchObject({ status: 422, body: { code: 'adapter' } });
  });

  it('has its automatic steps done, under the name of whoever asked', async () => {
    const { body } = await world.send('POST', `${path}/check`, setup({}));
    const codes = body.steps.map(({ code }: Body) => code);
    const done = await world.send('POST', `${path}/provision`, setup({ codes }));
    expect(done.status).toBe(200);
    expect(done.body.steps.map(({ code }: Body) => code)).toEqual(codes);
    expect((await world.send('POST', `${path}/provision`, { body: { codes } })).status).toBe(403);
    const unknown = await world.send('POST', '/connections/crm/other/provision', setup({ codes }));
    expect(unknown.status).toBe(422);
  });
});

describe('a secret', () => {
  it('goes into the store and never comes back', async () => {
    const value = 'canary-secret-4711';
    const stored = await world.send('PUT', '/connections/secrets/crm-token', setup({ value }));
    expect(stored.body).toEqual({ stored: 'crm-token', connected: true, problems: [] });
    const [act] = await world.acts();
    expect(act).toMatchObject({ who: NAMES.setup, act: 'secret.put', subject: 'crm-token' });
    expect((await world.get('/audit.ndjson', 'setup')).text).not.toContain('canary');
    expect((await world.send('PUT', '/connections/secrets/crm-token', { body: { value } })).status).toBe(403);
    expect(
      (await world.send('PUT', '/connections/secrets/..', setup({ value }))).status,
    ).toBeGreaterThanOrEqual(400);
  });
});

describe('events', () => {
  it('have a mapping of their own once a profile gives them rules', async () => {
    const none = await world.send('PUT', '/mapping/default', setup({ kind: 'event', rows: [] }));
    expect(none).toMatchObject({ status: 422, body: { code: 'no-events' } });
    const profile = { contacts: { records: 'all' }, events: { notify: 'hold' } };
    expect((await world.send('PUT', '/profiles/calendars', setup({ profile }))).status).toBe(200);
    const addresses = [world.person().address];
    await world.send('POST', '/mailboxes/assign', setup({ addresses, profile: 'calendars' }));
    const { rows } = (await world.get('/mapping/calendars?kind=event')).body;
    expect(rows.map(({ field }: Body) => field)).toContain('subject');
    const catalogues = (await world.get('/mapping/fields?kind=event')).body;
    expect(catalogues.mailbox.map(({ type }: Body) => type)).toContain('time');
    const preview = await world.send('POST', '/mapping/calendars/preview', { body: { kind: 'event' } });
    expect(preview.body.problems).toEqual([]);
    const one = { ...rows.find(({ field }: Body) => field === 'subject'), direction: 'crm>mailbox' };
    const saved = await world.send('PUT', '/mapping/calendars', setup({ kind: 'event', rows: [one] }));
    expect(saved.status).toBe(200);
    expect(file()).toMatch(/events:[\s\S]*mappingExtra:[\s\S]*direction: crm>mailbox/);
  });
});

describe('narrowing the reach', () => {
  it('is told as commands, to setup alone', async () => {
    const { body } = await world.get('/reach/narrowing?group=Sales', 'setup');
    expect(body.steps.flatMap(({ commands }: Body) => commands).join('\n')).toContain('Sales');
    expect((await world.get('/reach/narrowing?group=Sales')).status).toBe(403);
    expect((await world.get('/jobs?kind=reach')).body.items).toEqual([]);
  });
});
