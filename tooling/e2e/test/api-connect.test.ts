import { createServer as createListener } from 'node:net';
import { createBrowser } from '@tidelock/emulators';
import { createConfigEditor, createWorkroom, openLivePlatform } from '@tidelock/host';
import { type Access, createServer, type Principal } from '@tidelock/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createConsentStage, type Login, PASSWORD } from '../src/consent/world.ts';
import { type Body, silent } from '../src/server-world.ts';

vi.setConfig({ testTimeout: 60_000 });

const SID = 'a'.repeat(43);

/** A browser that is signed in has the cookie, a program a header. */
const access: Access = {
  async authenticate({ headers }): Promise<Principal | null> {
    const isBrowser = headers.cookie?.includes(`tidelock-sid=${SID}`) === true;
    if (isBrowser) return { id: 'sara', name: 'Sara Setup', role: 'setup', via: 'session' };
    return headers['x-test-role'] === 'setup'
      ? { id: 'robot', name: 'Robot', role: 'setup', via: 'token' }
      : null;
  },
  routes() {},
};

async function freePort(): Promise<number> {
  const listener = createListener();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

async function open() {
  const stage = await createConsentStage();
  const live = await openLivePlatform({
    ...{ configPath: stage.configPath, resolveFrom: import.meta.url, env: {}, overrides: { log: silent } },
  });
  const work = createWorkroom(live);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const { clock } = live.foundation.context;
  const app = await createServer({
    ...{ live, work, editor: createConfigEditor(live), access, clock, log: silent, origin, page: null },
    readiness: () => [],
  });
  await app.listen({ host: '127.0.0.1', port });
  return { stage, live, work, app, origin };
}

let world: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  world = await open();
});
afterAll(async () => {
  await world.work.close();
  await world.app.close();
  await world.live.close();
  await world.stage[Symbol.asyncDispose]();
});

async function ask(path: string, method = 'GET', body?: unknown): Promise<{ status: number; body: Body }> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(`${world.origin}${path}`, {
    ...{ method, headers: { 'x-test-role': 'setup', ...type }, redirect: 'manual', ...json },
  });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

function signedIn() {
  const browser = createBrowser((url, init) => fetch(url, init));
  browser.cookies.set('localhost', new Map([['tidelock-sid', SID]]));
  return browser;
}

async function consent(login: Login): Promise<string> {
  const browser = signedIn();
  await browser.open(`${world.origin}/connect`);
  await browser.submit({});
  await browser.submit({ act: 'sign-in', login, password: PASSWORD });
  if (browser.page.text.includes('value="accept"')) await browser.submit({ act: 'accept' });
  for (let turn = 0; turn < 100 && browser.page.text.includes('Almost there'); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await browser.open(`${world.origin}/connect`);
  }
  return browser.page.text;
}

describe('a server before anything is connected', () => {
  it('runs, says what is missing, and refuses what needs a connection with what to do', async () => {
    const { body } = await ask('/api/v1/connections');
    expect(body).toMatchObject({ connected: false, mailbox: { connectUrl: '/connect', refused: null } });
    expect(body.problems[0].reason).toContain('no secret "tenant-id"');
    expect((await ask('/api/v1/status')).body).toMatchObject({
      connected: false,
      lanes: [],
      wantsPerson: true,
    });
    const refused = await ask('/api/v1/mailboxes');
    expect(refused).toMatchObject({ status: 409, body: { code: 'not-connected' } });
    expect((await ask('/api/v1/plans', 'POST', {})).status).toBe(409);
    expect((await ask('/api/v1/keys')).body.items[0]).toMatchObject({ signs: 'first', stage: 'ok' });
  });

  it('its consent page is for browsers that are signed in, and for no program', async () => {
    expect((await ask('/connect')).status).toBe(401);
    const stranger = await fetch(`${world.origin}/connect`);
    expect(stranger.status).toBe(401);
    const form = await fetch(`${world.origin}/connect/start`, {
      ...{ method: 'POST', body: 'token=x', redirect: 'manual' },
      headers: { cookie: `tidelock-sid=${SID}`, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.status).toBe(403);
  });

  it('an employee gets no further, and nothing is stored', async () => {
    expect(await consent('eve@victim.example')).toContain('no administrator');
    expect((await ask('/api/v1/connections')).body.connected).toBe(false);
  });

  it('an administrator consents, and the same process goes on connected', async () => {
    expect(await consent('gus@victim.example')).toContain('onnected');
    for (let turn = 0; turn < 100 && world.live.trouble !== null; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await ask('/api/v1/connections')).body).toMatchObject({ connected: true, problems: [] });
    const acts = (await ask('/api/v1/audit')).body.items;
    expect(acts.find(({ act }: Body) => act === 'tenant.connected')?.who).toBe('Sara Setup');
    // The page that said so showed the id of the tenant.
    expect(acts.find(({ act }: Body) => act === 'tenant.revealed')?.who).toBe('Sara Setup');
    expect((await ask('/api/v1/keys/check', 'POST')).body).toMatchObject({
      connected: true,
      keys: [{ state: 'accepted' }],
    });
  });

  it('lets go of it again, when somebody says so in a word', async () => {
    expect((await ask('/api/v1/connections/disconnect', 'POST', {})).status).toBe(400);
    const gone = await ask('/api/v1/connections/disconnect', 'POST', { confirm: 'disconnect' });
    expect(gone.body).toMatchObject({ disconnected: true, subscriptions: { left: 0 } });
    expect(gone.body.erased.dataKeys).toBeGreaterThan(0);
    expect(await world.live.foundation.state.tenants.dataKeys('default')).toEqual([]);
    expect((await ask('/api/v1/connections')).body).toMatchObject({
      ...{ connected: false, mailbox: { state: 'disconnected', disconnected: { by: 'Robot' } } },
    });
    const again = await ask('/api/v1/connections/disconnect', 'POST', { confirm: 'disconnect' });
    expect(again.status).toBe(409);
    const acts = (await ask('/api/v1/audit')).body.items;
    expect(acts[0]).toMatchObject({ who: 'Robot', act: 'tenant.disconnected' });
  });

  it('connects it again in the same process, and what is sealed from then on opens', async () => {
    expect(await consent('gus@victim.example')).toContain('onnected');
    for (let turn = 0; turn < 100 && world.live.trouble !== null; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await ask('/api/v1/connections')).body).toMatchObject({
      ...{ connected: true, mailbox: { state: 'connected', disconnected: null } },
    });
    const { tenants } = world.live.foundation.state;
    const sealer = await world.live.foundation.sealer();
    const place = { table: 'link', column: 'shown', row: 'r' } as const;
    const [key] = await tenants.dataKeys('default');
    const sealed = Buffer.from(sealer.seal(place, 'x'), 'base64');
    // The id of the key that sealed it: the one that is there, and no key that was destroyed.
    expect(sealed.toString('hex', 1, 17)).toBe(key?.id.replaceAll('-', ''));
  });
});
