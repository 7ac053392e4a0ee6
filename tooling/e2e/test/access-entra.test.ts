import { readFile, writeFile } from 'node:fs/promises';
import { createBrowser as createPerson } from '@tidelock/emulators';
import { openAccess } from '@tidelock/host';
import { expect, test, vi } from 'vitest';
import type { Browser } from '../src/access/browser.ts';
import { serveAccess } from '../src/access/serve.ts';
import { begin, comeBack, whoIs } from '../src/access/world.ts';
import { createConsentStage, type Login, PASSWORD, TENANTS } from '../src/consent/world.ts';
import { KEY_NAME, sharedKeyFolder } from '../src/key-folder.ts';

vi.setConfig({ testTimeout: 120_000 });

const APP = '6e5d4c3b-1111-4222-8333-444455556666';
const ORIGIN = 'http://localhost';
const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

/** The emulated Entra, an app that people sign in with, and Tidelock's way in over it. */
async function openWorld(tenants: readonly string[]) {
  const stage = await createConsentStage();
  const { admin, entra, configPath, stack } = stage;
  const redirectUris = [`${ORIGIN}/auth/return`];
  admin.registerApp({ clientId: APP, tenantId: TENANTS.victim, displayName: 'Sign-in', redirectUris });
  admin.addCertificate(APP, (await sharedKeyFolder(Date.now() - 86_400_000)).pem);
  const roles = [
    { role: 'setup', claim: 'wids', values: [GLOBAL_ADMINISTRATOR] },
    { role: 'viewer', everyone: true },
  ];
  const issuer = `${entra}/${TENANTS.victim}/v2.0`;
  const corp = { name: 'corp', issuer, clientId: APP, clientKey: KEY_NAME, tenants, roles };
  const config = JSON.parse(await readFile(configPath, 'utf8')) as object;
  await writeFile(configPath, JSON.stringify({ ...config, server: { signIn: { providers: [corp] } } }));
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const at = { configPath, resolveFrom: import.meta.url, env: {}, overrides: { log } };
  const opened = await openAccess({ ...at, origin: ORIGIN });
  stack.use(opened);
  const served = await serveAccess(opened.access, ORIGIN);
  stack.use(served);
  return { ...served, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Signs in at the directory's own page, and comes back with what it sent. */
async function signIn(browser: Browser, login: Login): Promise<number> {
  const person = createPerson((url, init) => fetch(url, init));
  person.stopAt((url) => url.href.startsWith(`${ORIGIN}/auth/return`));
  await person.open(await begin(browser));
  await person.submit({ act: 'sign-in', login, password: PASSWORD });
  return (await comeBack(browser, person.page.url.href)).status;
}

test('people of the emulated Entra sign in, the app proves itself by its certificate, and roles come from the directory', async () => {
  await using world = await openWorld([TENANTS.victim]);
  const [gus, eve] = [world.browser(), world.browser()];
  expect([await signIn(gus, 'gus@victim.example'), await signIn(eve, 'eve@victim.example')]).toEqual([
    303, 303,
  ]);
  expect([await whoIs(gus), await whoIs(eve)]).toEqual([
    expect.stringMatching(/^.+ \(corp\) as setup$/),
    expect.stringMatching(/^.+ \(corp\) as viewer$/),
  ]);
});

test('a tenant of Entra that is not listed does not come in', async () => {
  await using world = await openWorld([TENANTS.mallory]);
  const gus = world.browser();
  expect([await signIn(gus, 'gus@victim.example'), await whoIs(gus)]).toEqual([403, 'nobody']);
});
