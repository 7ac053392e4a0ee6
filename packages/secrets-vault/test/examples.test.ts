import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isAdapterError } from '@tidelock/core';
import { SHARED } from '@tidelock-tooling/openapi';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Certified, createCertificates } from '../src/certificate.ts';
import { createVaultClient, type VaultCall, type VaultClient } from '../src/client.ts';
import { createVaultSecrets } from '../src/index.ts';
import { createTransitKeys } from '../src/keys-transit.ts';
import { createVaultSigner } from '../src/signer.ts';
import { createContext, createHurriedClock, toOptions } from './context.ts';
import { type ScriptedServer, startScripted } from './scripted-server.ts';

const FOLDER = `${SHARED}reference/examples/vault/`;
const present = existsSync(FOLDER);

interface Example {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Record<string, unknown> | null;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}
const readExample = (name: string): Example => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));
const names = (present ? readdirSync(FOLDER) : [])
  .filter((name) => name.endsWith('.json') && !name.endsWith('.check.json'))
  .map((name) => name.replace('.json', ''))
  .sort();

/** What the caller gets for an example that is no plain success: nothing, a version that was deleted, or a code. */
const OUTCOMES: Readonly<Record<string, string>> = {
  'approle-login-refused': 'BAD_REQUEST',
  'health-standby': 'THROTTLED',
  'health-uninitialized': 'UNAVAILABLE',
  'jwt-login-refused': 'BAD_REQUEST',
  'kv2-cas-mismatch': 'CONFLICT',
  'kv2-list-empty': 'nothing',
  'kv2-read-deleted': 'deleted',
  'kv2-read-missing': 'nothing',
  'permission-denied': 'DENIED',
  'rate-limited': 'THROTTLED',
  sealed: 'SEALED',
  'standby-redirect': 'UNAVAILABLE',
  'transit-datakey-unknown-key': 'BAD_REQUEST',
  'transit-decrypt-too-old': 'BAD_REQUEST',
  'transit-export-refused': 'BAD_REQUEST',
  'transit-sign-bad-base64': 'BAD_REQUEST',
  'transit-sign-unknown-key': 'BAD_REQUEST',
  'unwrap-used-token': 'BAD_REQUEST',
};

let server: ScriptedServer;
const hurried = createHurriedClock();
const context = createContext({ clock: hurried });

function clientOf(token = 'test-token'): VaultClient {
  const session = { token: async () => token, refused: () => false };
  return createVaultClient({ addresses: [server.address], timeoutMs: 2000 }, context, () => session);
}

function callOf({ request }: Example): VaultCall {
  const url = new URL(request.path, 'http://x');
  return {
    operation: 'example',
    method: request.method as VaultCall['method'],
    path: decodeURIComponent(url.pathname.slice('/v1/'.length)),
    query: Object.fromEntries(url.searchParams),
    body: request.body ?? undefined,
  };
}

async function outcomeOf(
  call: Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<string> {
  try {
    const { status, body } = await call;
    if (status === 404) return body === null ? 'nothing' : 'deleted';
    return 'ok';
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    expect(`${error.message} ${error.remedy}`).not.toMatch(
      /EXAMPLE|secret\/data|policy \(too old\)|sync-user/,
    );
    return String(error.code);
  }
}

describe.skipIf(!present)('examples of the API, replayed [skipped: ../shared is not here]', () => {
  beforeAll(async () => {
    server = await startScripted();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });

  it.each(names)('%s goes out as recorded and comes back as the table says', async (name) => {
    const example = readExample(name);
    server.script(example.response);
    expect(await outcomeOf(clientOf().call(callOf(example)))).toBe(OUTCOMES[name] ?? 'ok');
    const [first] = server.seen;
    expect(first).toMatchObject({
      ...{ method: example.request.method, path: example.request.path, body: example.request.body },
      headers: { authorization: 'Bearer test-token', 'x-vault-request': 'true' },
    });
    expect(first?.headers).not.toHaveProperty('x-vault-token');
    // What was refused before it was done is tried again, what changes something and may have been done is not.
    const again = ['THROTTLED', 'SEALED', 'UNAVAILABLE'].includes(OUTCOMES[name] ?? '');
    expect(server.seen.length > 1).toBe(again && name !== 'standby-redirect');
  });

  it('the signer asks for the recorded signature, and what it gives out is a JWT that verifies', async () => {
    const example = readExample('transit-sign-ps256-prehashed');
    const check = JSON.parse(readFileSync(`${FOLDER}transit-sign-ps256-prehashed.check.json`, 'utf8'));
    server.script(example.response);
    const options = { mount: 'transit', keyPrefix: 'entra', wrapKey: 'db-kek' };
    const keys = createTransitKeys(clientOf(), options);
    const der = new Uint8Array(new X509Certificate(check.certificate_pem).raw);
    const signer = createVaultSigner(keys, 'app', { version: 1, der });
    const digest = new Uint8Array(Buffer.from(check.digest_sha256_hex, 'hex'));
    const signature = Buffer.from(await signer.sign('PS256', digest)).toString('base64url');
    expect(server.seen[0]?.body).toEqual(example.request.body);
    expect(server.seen[0]?.path).toBe('/v1/transit/sign/entra--app/sha2-256');
    const { publicKey } = new X509Certificate(check.certificate_pem);
    const jwt = `${check.signing_input}.${signature}`;
    const verified = await jwtVerify(jwt, publicKey, {
      algorithms: ['PS256'],
      currentDate: new Date(1_790_000_100_000),
    });
    expect(verified.protectedHeader.alg).toBe('PS256');
    // A signature of another digest never leaves the signer.
    await expect(signer.sign('PS256', new Uint8Array(32))).rejects.toMatchObject({ kind: 'protocol' });
    await expect(signer.sign('RS256', digest)).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('the signer takes signatures in either alphabet', async () => {
    const example = readExample('transit-sign-jws-marshaling');
    const check = JSON.parse(readFileSync(`${FOLDER}transit-sign-ps256-prehashed.check.json`, 'utf8'));
    server.script(example.response);
    const keys = createTransitKeys(clientOf(), { mount: 'transit', keyPrefix: 'entra', wrapKey: 'db-kek' });
    const der = new Uint8Array(new X509Certificate(check.certificate_pem).raw);
    const digest = new Uint8Array(Buffer.from(check.digest_sha256_hex, 'hex'));
    const signer = createVaultSigner(keys, 'app', { version: 1, der });
    expect(await signer.sign('PS256', digest)).toHaveLength(384);
  });

  it('of a key with several versions the newest with a certificate is taken', async () => {
    const keys = createTransitKeys(clientOf(), { mount: 'transit', keyPrefix: 'entra', wrapKey: 'db-kek' });
    const check = JSON.parse(readFileSync(`${FOLDER}transit-sign-ps256-prehashed.check.json`, 'utf8'));
    const entry = (chain: string) => ({ public_key: '', certificate_chain: chain, creation_time: '' });
    const key = {
      imported_key: false,
      keys: { '1': entry(check.certificate_pem), '2': entry(check.certificate_pem), '3': entry('') },
    };
    const found: Certified | null = await createCertificates(clientOf(), keys, null).of('app', key);
    expect(found?.version).toBe(2);
  });

  it.each([
    [
      'approle-login',
      { appRole: { roleId: '59d6d1ca-0000-4000-8000-8be3bc5a0ba8', secretId: { env: 'S' } } },
      'EXAMPLE-secret-id',
    ],
    [
      'kubernetes-login',
      { jwt: { role: 'crm-sync', token: { env: 'S' }, mount: 'kubernetes' } },
      'EXAMPLE.projected.serviceaccounttoken',
    ],
    ['jwt-login', { jwt: { role: 'crm-sync', token: { env: 'S' } } }, 'EXAMPLE.oidc.token'],
  ] as const)('%s: the login is sent as recorded and its token is used', async (name, login, secret) => {
    const example = readExample(name);
    server.script(example.response, readExample('kv2-read-missing').response);
    const options = toOptions({ address: server.address, login });
    const secrets = createVaultSecrets(options, createContext({ clock: hurried, env: { S: secret } }));
    expect(await secrets.store.get('crm/password')).toBeNull();
    const [loginCall, readCall] = server.seen;
    expect(loginCall).toMatchObject({ path: example.request.path, body: example.request.body });
    expect(loginCall?.headers).not.toHaveProperty('authorization');
    expect(readCall?.headers.authorization).toBe('Bearer hvs.EXAMPLE-issued-token-not-real');
    server.script({ status: 204 });
    await secrets.close();
    expect(server.seen.at(-1)?.path).toBe('/v1/auth/token/revoke-self');
  });

  it.each(['approle-login-refused', 'jwt-login-refused'])(
    '%s is an auth error that repeats nothing',
    async (name) => {
      server.script(readExample(name).response);
      const login = { jwt: { role: 'crm-sync', token: { env: 'S' } } };
      const options = toOptions({ address: server.address, login });
      const secrets = createVaultSecrets(
        options,
        createContext({ clock: hurried, env: { S: 'EXAMPLE.bad' } }),
      );
      const error = await secrets.store.get('crm/password').catch((caught: unknown) => caught);
      expect(error).toMatchObject({ kind: 'auth', code: 'LOGIN_REFUSED' });
      expect(String(error)).not.toMatch(/EXAMPLE|signature/);
      expect(server.seen).toHaveLength(1);
    },
  );
});
