import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAdapterError } from '@tidelock/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeyVaultOptionsSchema } from '../src/index.ts';
import { CLIENT, createAppPem, startVault, type TestVault } from './vault.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
let test: TestVault;

beforeEach(async () => {
  test = await startVault();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await test.close();
});

async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isAdapterError(error)) throw new Error(`no AdapterError but ${String(error)}`);
  expect(`${error.message}${error.remedy}${error.stack}`).not.toMatch(/canary|Caller|appid=/);
  return error;
}

const throttled = (headers: Record<string, string> = {}) =>
  ({
    kind: 'status',
    status: 429,
    body: { error: { code: 'Throttled', message: 'canary' } },
    headers,
  }) as const;

it('a throttled vault is waited for although it does not say how long', async () => {
  const { store } = test.open();
  await store.put('a', bytes('x'));
  test.vault.faults.inject({ match: { path: /secrets\/tidelock--a/ }, times: 3, fault: throttled() });
  expect((await store.get('a'))?.value).toEqual(bytes('x'));
  expect(test.waits).toHaveLength(3);
  expect(test.waits[0]).toBeLessThanOrEqual(1000);
  expect(test.waits[2]).toBeGreaterThanOrEqual(2000);
  test.vault.faults.inject({ times: 99, fault: throttled({ 'retry-after': '99' }) });
  expect(await failure(store.get('a'))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 99_000 });
});

it('the limit of the vault itself is kept to', async () => {
  test.vault.admin.settings.requestsPerTenSeconds = 3;
  const { store } = test.open();
  await store.put('a', bytes('x'));
  await store.get('a');
  expect((await failure(store.get('a'))).code).toBe('THROTTLED');
});

it('a refusal names neither the caller nor what the service wrote about it', async () => {
  const { store } = test.open();
  const body = {
    error: { code: 'Forbidden', message: 'Caller: appid=canary', innererror: { code: 'ForbiddenByRbac' } },
  };
  await store.get('a');
  test.vault.faults.inject({ times: 9, fault: { kind: 'status', status: 403, body } });
  const error = await failure(store.get('a'));
  expect(error).toMatchObject({ kind: 'forbidden', code: 'DENIED', status: 403 });
  expect(error.message).toContain('ForbiddenByRbac');
  expect(error.requestId).toMatch(/-/);
});

it('a 404 that does not speak of the secret is no empty store', async () => {
  const { store } = test.open();
  await store.get('a');
  test.vault.faults.inject({
    times: 9,
    fault: { kind: 'status', status: 404, body: { error: { code: 'NotFound', message: 'x' } } },
  });
  expect((await failure(store.get('a'))).kind).toBe('protocol');
});

it('a write whose answer was lost is not sent again, a read is', async () => {
  const { store } = test.open();
  await store.get('a');
  const puts = () => test.vault.log.count({ method: 'PUT', path: /tidelock--a/ });
  test.vault.faults.inject({ match: { method: 'PUT' }, fault: { kind: 'lost', applied: true } });
  expect((await failure(store.put('a', bytes('x')))).kind).toBe('unavailable');
  expect(puts()).toBe(1);
  test.vault.faults.inject({ match: { method: 'GET' }, fault: { kind: 'lost', applied: true } });
  expect((await store.get('a'))?.value).toEqual(bytes('x'));
});

it('nothing secret is sent before there is a token, also when many calls come at once', async () => {
  const { store } = test.open();
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => store.put(name, bytes(`canary-${name}`))));
  const bare = test.vault.log.entries.filter(
    ({ requestHeaders }) => requestHeaders.authorization === undefined,
  );
  expect(bare.length).toBeGreaterThan(0);
  expect(bare.map(({ requestBody }) => requestBody ?? '').join('')).not.toContain('canary');
  expect(test.vault.oracle.secrets().size).toBe(4);
});

it('a removed secret is gone for good; under purge protection its name comes back without what it held', async () => {
  const { store } = test.open();
  const one = await store.put('a', bytes('one'));
  await store.remove('a');
  expect(test.vault.oracle.secrets().size).toBe(0);
  test.vault.admin.settings.purgeProtection = true;
  const two = await store.put('a', bytes('two'));
  await store.remove('a');
  expect(test.vault.oracle.deleted()).toEqual(['tidelock--a']);
  expect(await store.get('a')).toBeNull();
  expect(await store.list()).toEqual([]);
  const three = await store.put('a', bytes('three'));
  expect((await store.get('a'))?.value).toEqual(bytes('three'));
  for (const old of [one, two]) expect(await store.get('a', old)).toBeNull();
  expect((await store.get('a', three))?.value).toEqual(bytes('three'));
});

it('deleting and recovering take their time, and are waited for', async () => {
  test.vault.admin.settings.transitionMs = 30;
  test.vault.admin.settings.purgeProtection = true;
  const { store } = test.open();
  await store.put('a', bytes('one'));
  await store.remove('a');
  await store.put('a', bytes('two'));
  expect((await store.get('a'))?.value).toEqual(bytes('two'));
  expect(test.waits.length).toBeGreaterThan(0);
});

it('text and bytes come back as they were, up to what the vault holds', async () => {
  const { store } = test.open();
  const every = Uint8Array.from({ length: 18_700 }, (_, index) => (index * 7) % 256);
  for (const value of [every, bytes('\ufeffwith a mark'), bytes('=c2VjcmV0'), bytes('x'.repeat(25_000))]) {
    await store.put('a', value);
    expect((await store.get('a'))?.value).toEqual(value);
  }
  const random = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 7 + 128) % 256);
  expect((await failure(store.put('a', random))).code).toBe('TOO_LARGE');
});

it('more than a page of names is listed, other names of the vault are not', async () => {
  const { store } = test.open();
  const names = Array.from({ length: 30 }, (_, index) => `many/${String(index).padStart(2, '0')}`);
  for (const name of names) await store.put(name, bytes('x'));
  await test.open({ prefix: 'other' }).store.put('elsewhere', bytes('x'));
  expect(await store.list()).toEqual(names);
});

it('the longest name that fits works, and a longer one is refused before it is sent', async () => {
  const { store } = test.open();
  const name = `${'a'.repeat(58)}/${'b'.repeat(57)}`;
  await store.put(name, bytes('x'));
  expect(await store.list()).toEqual([name]);
  expect((await failure(store.put(`${name}b`, bytes('x')))).code).toBe('BAD_NAME');
});

it('compare-and-set is refused, not ignored', async () => {
  const { store } = test.open();
  expect((await failure(store.put('a', bytes('x'), { expected: null }))).kind).toBe('unsupported');
  expect(test.vault.oracle.secrets().size).toBe(0);
});

it('machine, workload and certificate each get in; a foreign certificate does not', async () => {
  vi.stubEnv('IDENTITY_ENDPOINT', 'http://169.254.130.1/msi/token');
  vi.stubEnv('IDENTITY_HEADER', 'header-of-tests');
  test.vault.admin.assignMachine(CLIENT, 'header-of-tests');
  expect(await test.open({ credential: { managedIdentity: { clientId: CLIENT } } }).store.list()).toEqual([]);
  const { tenantId } = test.vault;
  writeFileSync(path.join(test.context.dataDir, 'projected'), 'assertion-of-the-platform');
  test.vault.admin.federate('33333333-3333-4333-8333-333333333333', 'assertion-of-the-platform');
  const workloadIdentity = {
    tenantId,
    clientId: '33333333-3333-4333-8333-333333333333',
    tokenFile: 'projected',
  };
  expect(await test.open({ credential: { workloadIdentity } }).store.list()).toEqual([]);
  writeFileSync(path.join(test.context.dataDir, 'foreign.pem'), (await createAppPem()).pem, { mode: 0o600 });
  const clientCertificate = { tenantId, clientId: CLIENT, certificateFile: 'foreign.pem' };
  const error = await failure(test.open({ credential: { clientCertificate } }).store.list());
  expect(error).toMatchObject({ kind: 'auth', code: 'LOGIN_REFUSED' });
});

it('a token that was revoked is replaced, an identity that was refused is an auth error', async () => {
  const { store } = test.open();
  await store.put('a', bytes('x'));
  test.vault.faults.inject({
    times: 99,
    fault: { kind: 'status', status: 401, body: { error: { code: 'Unauthorized' } } },
  });
  expect((await failure(store.get('a'))).kind).toBe('auth');
});

it('a host that is no vault is refused by the configuration', () => {
  const accepts = (vaultUrl: string) =>
    KeyVaultOptionsSchema.safeParse({ vaultUrl, credential: { managedIdentity: {} } }).success;
  expect(
    ['https://a.vault.azure.net', 'https://a.vault.usgovcloudapi.net/', 'https://a.vault.azure.cn'].every(
      accepts,
    ),
  ).toBe(true);
  for (const bad of [
    'http://a.vault.azure.net',
    'https://vault.example',
    'https://a.vault.azure.net.evil.example',
    'https://a.vault.azure.net:8443',
    'https://u:p@a.vault.azure.net',
    'https://a.vault.azure.net/secrets',
  ])
    expect(accepts(bad), bad).toBe(false);
});

it('a challenge that points at another resource is not followed', async () => {
  const headers = {
    'www-authenticate':
      'Bearer authorization="https://login.microsoftonline.com/x", resource="https://evil.example"',
  };
  test.vault.faults.inject({ times: 99, fault: { kind: 'status', status: 401, body: {}, headers } });
  await failure(test.open().store.get('a'));
  expect(
    test.vault.log.entries.every(({ requestHeaders }) => requestHeaders.authorization === undefined),
  ).toBe(true);
});

it('key pairs: a version without a certificate is left alone for a minute, a taken name is a conflict', async () => {
  const { keys } = test.open();
  test.vault.faults.inject({
    match: { method: 'PATCH' },
    fault: { kind: 'status', status: 400, body: { error: { code: 'BadParameter' } } },
  });
  expect((await failure(keys.create('one', { commonName: 'c', bits: 2048 }))).kind).toBe('invalid');
  expect(await keys.list()).toEqual([]);
  expect((await failure(keys.create('one', { commonName: 'c', bits: 2048 }))).code).toBe('CONFLICT');
  expect((await failure(keys.signer('one'))).kind).toBe('not_found');
});

it('the signer never asks for a key that could be read out, and signs by version', async () => {
  const { keys } = test.open();
  await keys.create('one', { commonName: 'c', bits: 2048 });
  const signer = await keys.signer('one');
  await signer.sign('PS256', new Uint8Array(32).fill(1));
  const paths = test.vault.log.entries.map(({ path }) => path);
  expect(paths.some((each) => /^\/keys\/tidelock--one\/[0-9a-f]{32}\/sign/.test(each))).toBe(true);
  expect(test.vault.log.entries.map(({ responseBody }) => JSON.stringify(responseBody)).join('')).not.toMatch(
    /"(?:d|p|q|dp|dq|qi)":/,
  );
});
