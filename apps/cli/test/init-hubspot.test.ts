import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHubSpot, createSystemClock, type HubSpot } from '@tidelock/emulators';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT, runIn } from './fake-sides.ts';

let folder: string;
let hubspot: HubSpot;
let served: Awaited<ReturnType<HubSpot['listen']>>;
let token: string;
let flags: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-init-'));
  hubspot = createHubSpot({ clock: createSystemClock(), seed: 1 });
  ({ token } = hubspot.admin.createPrivateApp({ name: 'Tidelock' }));
  served = await hubspot.listen({ tls: false });
  flags = `init --crm hubspot --crm-url ${served.origin} --tenant 7f1b0c7e-0c1f-4d2f-9a55-2f6a6f1f9d10 --client-id 0a3ad1e5-7f0c-4c7e-8a52-5d8c2a3f4b6c --mailbox ann@contoso.example`;
});
afterEach(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
});

const made = (): boolean => hubspot.log.count({ method: 'POST', path: /properties\/contacts/ }) === 1;

test('init with HubSpot asks for the token, hides it, and creates the property after a yes', async () => {
  const result = await runIn(folder, flags, { answers: [token, 'y'] });
  expect(result.code).toBe(EXIT.ok);
  expect(result.err).toContain('Private Apps');
  expect(result.out).toContain('created  HubSpot contacts');
  expect(result.out).not.toContain('In Salesforce Setup');
  expect(made()).toBe(true);
  const config = await readFile(join(folder, 'tidelock.yaml'), 'utf8');
  expect(config).toContain('@tidelock/crm-hubspot');
  expect(`${config}${result.out}${result.err}`).not.toContain(token);
});

test.each([['n'], ['']])('"%s" creates nothing', async (no) => {
  const result = await runIn(folder, flags, { answers: [token, no] });
  expect(result.code).toBe(EXIT.ok);
  expect(result.out).toContain('Then: tidelock doctor');
  expect(made()).toBe(false);
});

test('without a person, init takes the token from standard input and creates nothing unasked', async () => {
  const result = await runIn(folder, `${flags} --json`, { input: `${token}\n` });
  expect(result.json()).toMatchObject({ exitCode: 0, prepared: false, certificates: { crm: null } });
  expect(made()).toBe(false);
});

test('--yes creates it at once; a missing right or a wrong token is said, and the set-up stays', async () => {
  expect((await runIn(folder, `${flags} --yes --json`, { input: token })).json()).toMatchObject({
    prepared: true,
  });
  expect(made()).toBe(true);
  const other = await mkdtemp(join(tmpdir(), 'tidelock-init-'));
  try {
    const wrong = await runIn(other, `${flags} --yes`, { input: 'pat-wrong' });
    expect(wrong.code).toBe(EXIT.ok);
    expect(wrong.out).toContain('Check the access token of the private app');
  } finally {
    await rm(other, { recursive: true, force: true });
  }
});

test('no token is said, with the way to give one; an unknown CRM names those there are', async () => {
  const none = await runIn(folder, flags, { input: '' });
  expect(none.code).toBe(EXIT.input);
  expect(none.err).toContain('access token');
  const unknown = await runIn(folder, 'init --crm paper');
  expect(unknown.err).toContain('One of: salesforce, hubspot.');
});
