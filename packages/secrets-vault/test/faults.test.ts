import { constants, generateKeyPairSync, privateEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import { isAdapterError } from '@tidelock/core';
import { encodePkcs1 } from '@tidelock/kit';
import { createSelfSigned } from '@tidelock/kit/certificate';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createVaultSecrets, type VaultOptionsInput, VaultOptionsSchema } from '../src/index.ts';
import { createContext, createHurriedClock, toOptions } from './context.ts';
import { type Scripted, type ScriptedServer, startScripted } from './scripted-server.ts';

let server: ScriptedServer;
let other: ScriptedServer;
let waits: number[];

beforeAll(async () => {
  server = await startScripted();
  other = await startScripted();
});
afterAll(() => Promise.all([server.close(), other.close()]));
beforeEach(() => {
  server.seen.length = 0;
  other.seen.length = 0;
  waits = [];
});

const LOOKUP: Scripted = { status: 200, body: { data: { ttl: 0, renewable: false } } };
const LIVE: Scripted = {
  status: 200,
  body: {
    data: { data: { value: 'canary-value' }, metadata: { version: 3, destroyed: false, deletion_time: '' } },
  },
};
const WRITTEN: Scripted = { status: 200, body: { data: { version: 4 } } };

function open(input: Partial<VaultOptionsInput> = {}, env: Record<string, string> = { T: 'canary-token' }) {
  const clock = createHurriedClock(waits);
  const context = createContext({ clock, env });
  const options = toOptions({
    address: server.address,
    login: { token: { env: 'T' } },
    timeoutMs: 400,
    ...input,
  });
  return { secrets: createVaultSecrets(options, context), context };
}

async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isAdapterError(error)) throw new Error(`no AdapterError but ${String(error)}`);
  expect(`${error.message}${error.remedy}${error.stack}`).not.toMatch(/canary/);
  return error;
}

it('a quota with Retry-After is waited for, one without by backing off', async () => {
  const limited = { status: 429, body: { errors: ['request path "x": rate limit quota exceeded'] } };
  server.script(LOOKUP, { ...limited, headers: { 'retry-after': '3' } }, limited, limited, LIVE);
  const { secrets } = open();
  expect((await secrets.store.get('a'))?.version).toBe('3');
  expect(waits[0]).toBeGreaterThanOrEqual(3000);
  expect(waits[1]).toBeLessThan(1000);
  expect(waits).toHaveLength(3);
});

it('a quota that asks for more than half a minute is handed on', async () => {
  const limited = { status: 429, headers: { 'retry-after': '120' }, body: { errors: [] } };
  server.script(LOOKUP, limited);
  const error = await failure(open().secrets.store.get('a'));
  expect(error).toMatchObject({ kind: 'rate_limited', code: 'THROTTLED', retryAfterMs: 120_000 });
});

it('a sealed store is waited for a while, then named with its remedy', async () => {
  const sealed = { status: 503, body: { errors: ['Vault is sealed'] } };
  server.script(LOOKUP, sealed, LIVE);
  expect((await open().secrets.store.get('a'))?.version).toBe('3');
  server.script(LOOKUP, sealed);
  expect(await failure(open().secrets.store.get('a'))).toMatchObject({
    ...{ kind: 'unavailable', code: 'SEALED', remedy: 'Unseal the secret store.' },
  });
});

it('a token that ended is replaced once, a missing right stays one', async () => {
  const denied = { status: 403, body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] } };
  server.script(LOOKUP, denied, LOOKUP, LIVE);
  expect((await open().secrets.store.get('a'))?.version).toBe('3');
  server.script(LOOKUP, denied, LOOKUP, denied);
  expect(await failure(open().secrets.store.get('a'))).toMatchObject({ kind: 'forbidden', code: 'DENIED' });
  server.script(LOOKUP, denied, denied);
  expect(await failure(open().secrets.store.get('a'))).toMatchObject({ kind: 'auth', code: 'LOGIN_REFUSED' });
});

it('a node that sends elsewhere is not followed; another configured node is asked', async () => {
  const away = { status: 307, headers: { location: `${other.address}/v1/secret/data/tidelock/a` } };
  server.script(LOOKUP, away);
  expect(await failure(open().secrets.store.get('a'))).toMatchObject({ kind: 'unavailable', status: 307 });
  expect(other.seen).toHaveLength(0);
  server.script(LOOKUP, away);
  other.script(LIVE);
  const { secrets } = open({ address: [server.address, other.address] });
  expect((await secrets.store.get('a'))?.version).toBe('3');
  expect(other.seen).toHaveLength(1);
  expect(waits).toEqual([]);
});

it('a node that is not there is passed over, for writes too', async () => {
  other.script(LOOKUP, { status: 404, body: { errors: [] } }, WRITTEN);
  const { secrets } = open({ address: ['http://127.0.0.1:9', other.address] });
  expect(await secrets.store.put('a', new Uint8Array([1]))).toBe('4');
});

it('a write whose answer was lost is not sent again', async () => {
  const cut = { status: 200, raw: (response: { destroy(): void }) => response.destroy() };
  server.script(LOOKUP, { status: 404, body: { errors: [] } }, cut);
  expect(await failure(open().secrets.store.put('a', new Uint8Array([1])))).toMatchObject({
    kind: 'unavailable',
  });
  expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

it.each<[string, Scripted, string]>([
  ['not JSON', { status: 200, raw: (response) => response.end('<html>canary</html>') }, 'PROTOCOL'],
  ['an answer of another form', { status: 200, body: { data: { canary: 1 } } }, 'PROTOCOL'],
  [
    'a gateway in between',
    {
      status: 502,
      raw: (response) => {
        response.statusCode = 502;
        response.end('<html>');
      },
    },
    'SERVER',
  ],
  [
    'half a body',
    {
      status: 200,
      raw: (response) => {
        response.writeHead(200, { 'content-length': '500' });
        response.write('{"data":');
        setTimeout(() => response.destroy(), 20);
      },
    },
    'network',
  ],
  [
    'a body that does not end',
    {
      status: 200,
      raw: (response) => {
        response.writeHead(200);
        response.write('{');
      },
    },
    'timeout',
  ],
  ['a route that is not there', { status: 404, body: { errors: ['no handler for route "x".'] } }, 'CONFIG'],
])('%s never looks like "not there"', async (_, answer, code) => {
  server.script(LOOKUP, answer);
  const error = await failure(open().secrets.store.get('a'));
  expect(error.code).toBe(code);
  expect(error.kind).not.toBe('not_found');
});

it('a server whose certificate nobody vouches for is refused', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = await createSelfSigned({
    ...{ options: { commonName: '127.0.0.1' }, publicKey, now: Date.now(), serial: randomBytes(16) },
    sign: async (digest) =>
      privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encodePkcs1(digest, 256)),
  });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const tls = createServer({ key, cert: new X509Certificate(der).toString() }, (_, response) =>
    response.end('{}'),
  );
  await new Promise<void>((done) => tls.listen(0, '127.0.0.1', done));
  const at = tls.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  try {
    const error = await failure(open({ address: `https://127.0.0.1:${port}` }).secrets.store.get('a'));
    expect(error.message).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY|INVALID_PURPOSE/);
  } finally {
    tls.closeAllConnections();
    tls.close();
  }
});

it('addresses without TLS are refused unless they are this machine, and so is everything that is not an address', () => {
  const accepts = (address: string) =>
    VaultOptionsSchema.safeParse({ address, login: { token: { env: 'T' } } }).success;
  expect(
    ['https://v.example:8200', 'http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1'].every(accepts),
  ).toBe(true);
  for (const bad of [
    'http://v.example:8200',
    'https://u:p@v.example',
    'https://v.example/v1',
    'v.example',
    'ftp://v',
    'https://v.example?x',
  ])
    expect(accepts(bad), bad).toBe(false);
});

it('what is switched off says so', async () => {
  const { secrets } = open({ kv: false, transit: false });
  expect(secrets.abilities).toMatchObject({ store: false, keys: false, wrapper: false });
  for (const work of [
    secrets.store.get('a'),
    secrets.keys.list(),
    secrets.wrapper.wrap(new Uint8Array(32), 'a'),
  ])
    await expect(work).rejects.toMatchObject({ kind: 'unsupported' });
});

it('a secret that people wrote by hand is read as text, another form is refused', async () => {
  server.script(LOOKUP, LIVE);
  expect(new TextDecoder().decode((await open().secrets.store.get('a'))?.value)).toBe('canary-value');
  const strange = { data: { data: { password: 'canary' }, metadata: { version: 1 } } };
  server.script(LOOKUP, { status: 200, body: strange });
  expect(await failure(open().secrets.store.get('a'))).toMatchObject({ kind: 'protocol' });
});
