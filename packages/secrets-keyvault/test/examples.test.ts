import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isAdapterError } from '@tidelock/core';
import { SHARED } from '@tidelock-tooling/openapi';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVaultClients } from '../src/client.ts';
import { KeyVaultOptionsSchema } from '../src/index.ts';
import { createVaultSigner } from '../src/signer.ts';
import { CLIENT, startVault, type TestVault } from './vault.ts';

const FOLDER = `${SHARED}reference/examples/keyvault/`;
const present = existsSync(FOLDER);
const read = (name: string) => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));

/** What the caller gets for the recorded answer; the requests below send exactly the recorded method and path. */
const OUTCOMES: readonly (readonly [name: string, outcome: string])[] = [
  ['secret-get-latest', 'EXAMPLE-p1'],
  ['secret-get-version', 'EXAMPLE-p0'],
  ['secret-not-found', 'nothing'],
  ['forbidden-rbac', 'DENIED'],
  ['throttled', 'THROTTLED'],
];

describe.skipIf(!present)('examples of the API, replayed [skipped: ../shared is not here]', () => {
  let test: TestVault;
  beforeEach(async () => {
    test = await startVault();
    await test.open().store.get('warm-up');
  });
  afterEach(() => test.close());

  function script(name: string, match: { method: string; path: RegExp }, skip = 0): void {
    const { status, body, headers = {} } = read(name).response;
    const { 'content-type': _, ...rest } = headers;
    test.vault.faults.inject({
      match,
      skip,
      times: 99,
      fault: { kind: 'status', status, body, headers: rest },
    });
  }

  it.each(OUTCOMES)('%s becomes %s', async (name, outcome) => {
    const { request } = read(name);
    const version = /\/([0-9a-f]{32})\?/.exec(request.path)?.[1];
    const { store } = test.open();
    await store.get('warm-up');
    script(name, { method: 'GET', path: /tidelock--crm-password/ });
    const found = await store.get('crm-password', version).then(
      (secret) => (secret === null ? 'nothing' : new TextDecoder().decode(secret.value)),
      (error: unknown) => {
        if (!isAdapterError(error)) throw error;
        expect(`${error.message}${error.remedy}`).not.toMatch(/appid|Caller|go\.microsoft/);
        return error.code;
      },
    );
    expect(found).toBe(outcome);
    const sent = test.vault.log.entries.at(-1);
    expect(sent?.method).toBe(request.method);
    const place = (path: string) => path.replace(/\?.*/, '');
    const expected = place(request.path).replace(/\/secrets\/[^/]+/, '/secrets/tidelock--crm-password');
    expect(place(sent?.path ?? '')).toBe(expected);
  });

  it('secret-set is sent as recorded', async () => {
    script('secret-set', { method: 'PUT', path: /./ });
    const version = await test.open().store.put('crm-password', new TextEncoder().encode('EXAMPLE-p1'));
    expect(version).toBe('6a1d4a1c5b0f4a0f9f6a0a5c0d1e2f30');
    const sent = test.vault.log.entries.find(({ method }) => method === 'PUT');
    expect(JSON.parse(String(sent?.requestBody))).toMatchObject({
      value: read('secret-set').request.body.value,
    });
  });

  it('a name that is deleted and cannot be reused yet is recovered first', async () => {
    const { status, body } = read('secret-conflict-deleted').response;
    const { store } = test.open();
    await store.put('crm-password', new TextEncoder().encode('before'));
    test.vault.admin.settings.purgeProtection = true;
    await store.remove('crm-password');
    test.vault.faults.inject({ match: { method: 'PUT' }, fault: { kind: 'status', status, body } });
    await store.put('crm-password', new TextEncoder().encode('after'));
    expect(test.vault.log.count({ method: 'POST', path: /recover/ })).toBe(1);
  });

  it.each([
    [
      'key-unwrap-bad',
      'invalid',
      (t: TestVault) => t.open().wrapper.unwrap(new Uint8Array(400).fill(1), 'x'),
    ],
    [
      'key-sign-not-permitted',
      'forbidden',
      (t: TestVault) => t.open().keys.create('one', { commonName: 'c', bits: 2048 }),
    ],
  ] as const)('%s is %s', async (name, kind, work) => {
    script(name, { method: 'POST', path: name === 'key-unwrap-bad' ? /unwrapkey/ : /\/sign\?/ });
    await expect(work(test)).rejects.toMatchObject({ kind });
  });

  it('key-sign-ps256: what is sent is what was recorded, and the signature makes a JWT that verifies', async () => {
    const check = read('key-sign-ps256.check');
    const example = read('key-sign-ps256');
    const { vaultUrl } = test.vault;
    const keyId = `${vaultUrl}/keys/entra-app/6a1d4a1c5b0f4a0f9f6a0a5c0d1e2f30`;
    const clientCertificate = { tenantId: test.vault.tenantId, clientId: CLIENT, certificateFile: 'app.pem' };
    const options = KeyVaultOptionsSchema.parse({ vaultUrl, credential: { clientCertificate } });
    // The first request of a client is the one that is challenged.
    script('key-get', { method: 'GET', path: /keys\/entra-app/ }, 1);
    script('key-sign-ps256', { method: 'POST', path: /\/sign/ });
    const { publicKey, raw } = new X509Certificate(check.certificate_pem);
    const signer = createVaultSigner(createVaultClients(options, test.context), 'app', {
      keyId,
      der: new Uint8Array(raw),
    });
    const digest = new Uint8Array(Buffer.from(check.digest_sha256_hex, 'hex'));
    const signature = Buffer.from(await signer.sign('PS256', digest)).toString('base64url');
    const sent = test.vault.log.entries.find(({ method, status }) => method === 'POST' && status === 200);
    expect(JSON.parse(String(sent?.requestBody))).toEqual(example.request.body);
    expect(sent?.path.replace(/\?.*/, '')).toBe(example.request.path.replace(/\?.*/, ''));
    const currentDate = new Date(1_790_000_100_000);
    await jwtVerify(`${check.signing_input}.${signature}`, publicKey, { algorithms: ['PS256'], currentDate });
    await expect(signer.sign('PS256', new Uint8Array(32))).rejects.toMatchObject({ kind: 'protocol' });
  });
});
