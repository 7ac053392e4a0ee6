import { type ChildProcess, spawn } from 'node:child_process';
import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Secrets } from '@tidelock/core';
import {
  createSystemClock as createEmulatorClock,
  createKeyVault,
  createMicrosoft365,
} from '@tidelock/emulators';
import { createSystemClock, createSystemRandom } from '@tidelock/host';
import { encodePkcs1 } from '@tidelock/kit';
import { createSelfSigned } from '@tidelock/kit/certificate';
import { createFileSecrets } from '@tidelock/secrets-file';
import { createKeyVaultSecrets, KeyVaultOptionsSchema } from '@tidelock/secrets-keyvault';
import { createVaultSecrets, VaultOptionsSchema } from '@tidelock/secrets-vault';
import { findBao, startBao } from '@tidelock-tooling/openbao';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findInMemory } from '../src/memory-search.ts';
import type { Order } from '../src/remote-signer.ts';

const CLIENT_ID = '6a1f0a3e-52a4-4a3c-9a55-0d8f5f6b7c11';
const MACHINE = '22222222-2222-4222-8222-222222222222';
const KEY_NAME = 'signing';
const ASSERTIONS = 100;
const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Pair {
  readonly privateKey: KeyObject;
  readonly certificatePem: string;
}

async function createPair(): Promise<Pair> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
  const padding = constants.RSA_NO_PADDING;
  const der = await createSelfSigned({
    ...{ options: { commonName: 'remote' }, publicKey, now: Date.now(), serial: randomBytes(16) },
    sign: async (digest) => privateEncrypt({ key: privateKey, padding }, encodePkcs1(digest, 384)),
  });
  return { privateKey, certificatePem: new X509Certificate(der).toString() };
}

/** Every form in which the private key could stand in memory: its numbers in either order of bytes, its DER, its PEM. */
function patternsOf({ privateKey }: Pair): Map<string, Buffer> {
  const jwk = privateKey.export({ format: 'jwk' });
  const patterns = new Map<string, Buffer>();
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
    const number = Buffer.from(String(jwk[name]), 'base64url');
    const middle = number.subarray(number.length >> 2, (number.length >> 2) + 32);
    patterns.set(`${name}, as written`, middle);
    patterns.set(`${name}, as the library computes with it`, Buffer.from(middle).reverse());
    patterns.set(`${name}, base64url`, Buffer.from(String(jwk[name]).slice(40, 90)));
  }
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().split('\n');
  // The first lines hold the modulus, which is public.
  for (const at of [14, 20, 28]) patterns.set(`PEM line ${at}`, Buffer.from(pem[at] ?? ''));
  return patterns;
}

let folder: string;
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidelock-remote-key-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
  rmSync(folder, { recursive: true, force: true });
});

/** A process of its own that signs; resolves when it has, and stands still. */
async function startSigner(order: Order, env: Readonly<Record<string, string>>): Promise<number> {
  const program = fileURLToPath(new URL('../src/remote-signer.ts', import.meta.url));
  const started = spawn(process.execPath, ['--conditions=@tidelock/source', program], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child = started;
  let [out, err] = ['', ''];
  started.stdout?.on('data', (part) => {
    out += part;
  });
  started.stderr?.on('data', (part) => {
    err += part;
  });
  started.stdin?.end(JSON.stringify(order));
  await new Promise<void>((resolve, reject) => {
    const look = setInterval(() => {
      if (out.includes('done')) {
        clearInterval(look);
        resolve();
      }
    }, 50);
    started.once('exit', (code) => {
      clearInterval(look);
      reject(new Error(`the signing process ended with ${code}\n${err}`));
    });
  });
  started.removeAllListeners('exit');
  return started.pid ?? 0;
}

interface Entra {
  readonly tenant: string;
  readonly port: number;
  readonly requests: () => number;
  close(): Promise<void>;
}

async function startEntra(pair: Pair): Promise<Entra> {
  const graph = createMicrosoft365({ seed: 3 });
  const { id: tenant } = graph.admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
  graph.admin.registerApp({ clientId: CLIENT_ID, tenantId: tenant, displayName: 'Tidelock' });
  graph.admin.addCertificate(CLIENT_ID, pair.certificatePem);
  graph.admin.consent(tenant, CLIENT_ID, ['Contacts.ReadWrite']);
  // The assertion names the service's own host, so that is what the emulator has to see.
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { method = 'GET', headers } = request;
    const init = { method, headers: { 'content-type': headers['content-type'] ?? '' } };
    const url = `https://login.microsoftonline.com${request.url}`;
    const answer = await graph.fetch(url, method === 'GET' ? init : { ...init, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  const requests = () => graph.log.count({ method: 'POST', path: /oauth2\/v2\.0\/token/ });
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { tenant, port, requests, close };
}

const pem = (pair: Pair) => ({
  privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  certificatePem: pair.certificatePem,
});

/** What the signing process holds of the private key, in its heap snapshot and in all its memory. */
async function traces(
  pair: Pair,
  of: Omit<Order, 'clientId' | 'tenant' | 'keyName' | 'assertions' | 'snapshot' | 'dataDir'>,
  env = {},
) {
  const entra = await startEntra(pair);
  const snapshot = join(folder, 'heap.heapsnapshot');
  try {
    const ports = { 'login.microsoftonline.com': entra.port, ...of.ports };
    const order = { ...of, ports, dataDir: folder, clientId: CLIENT_ID, tenant: entra.tenant };
    const pid = await startSigner({ ...order, keyName: KEY_NAME, assertions: ASSERTIONS, snapshot }, env);
    expect(entra.requests()).toBe(ASSERTIONS);
    const patterns = patternsOf(pair);
    const heap = readFileSync(snapshot);
    expect(heap.length).toBeGreaterThan(1_000_000);
    const inHeap = [...patterns].filter(([, pattern]) => heap.includes(pattern)).map(([name]) => name);
    return { inHeap, inMemory: [...findInMemory(pid, patterns)] };
  } finally {
    await entra.close();
  }
}

const base = () => ({ dataDir: folder, log, clock: createSystemClock(), random: createSystemRandom() });

async function importInto(secrets: Secrets, pair: Pair): Promise<void> {
  await secrets.keys.import(KEY_NAME, pem(pair));
  await secrets.close();
}

describe.skipIf(!existsSync('/proc/self/mem'))(
  'where the private key is [skipped: memory is read through /proc]',
  () => {
    let pair: Pair;
    beforeAll(async () => {
      pair = await createPair();
    }, 60_000);

    it('control: with the encrypted file it is in memory, and the search finds it there; the heap holds none of it', async () => {
      const options = { file: 'secrets.jwe', keys: [{ keyFile: 'master.key', create: true }] };
      await importInto(await createFileSecrets(options, { ...base(), fetch }), pair);
      const found = await traces(pair, { store: 'file', options, ports: {} });
      expect(found.inMemory.length).toBeGreaterThan(3);
      expect(found.inHeap).toEqual([]);
    }, 120_000);

    it('with Azure Key Vault it is nowhere in the process, after 100 assertions', async () => {
      const vault = createKeyVault({ clock: createEmulatorClock(), seed: 5 });
      vault.admin.assignMachine(MACHINE, 'header');
      const served = await vault.listen({ tls: false });
      const env = { IDENTITY_ENDPOINT: 'http://169.254.130.1/msi/token', IDENTITY_HEADER: 'header' };
      Object.assign(process.env, env);
      try {
        const options = { vaultUrl: vault.vaultUrl, credential: { managedIdentity: {} } };
        const direct = (input: string | URL, init?: RequestInit) => vault.fetch(new Request(input, init));
        const here = createKeyVaultSecrets(KeyVaultOptionsSchema.parse(options), {
          ...base(),
          fetch: direct,
        });
        await importInto(here, pair);
        const ports = { 'vault.azure.net': served.port, '169.254.130.1': served.port };
        const found = await traces(pair, { store: 'keyvault', options, ports }, env);
        expect(found).toEqual({ inHeap: [], inMemory: [] });
        expect(vault.log.count({ method: 'POST', path: /\/sign/ })).toBeGreaterThanOrEqual(ASSERTIONS);
      } finally {
        for (const name of Object.keys(env)) delete process.env[name];
        await served.close();
      }
    }, 120_000);

    describe.skipIf(findBao() === null)('on a real OpenBao [skipped: no program "bao" on the PATH]', () => {
      let bao: Awaited<ReturnType<typeof startBao>>;
      beforeAll(async () => {
        bao = await startBao();
      }, 60_000);
      afterAll(() => bao?.stop());

      it('with transit it is nowhere in the process, after 100 assertions', async () => {
        const options = { address: bao.address, login: { token: { env: 'BAO_TOKEN' } } };
        const env = { BAO_TOKEN: bao.token };
        const here = createVaultSecrets(VaultOptionsSchema.parse(options), { ...base(), fetch, env });
        await importInto(here, pair);
        const found = await traces(pair, { store: 'vault', options, ports: {} }, env);
        expect(found).toEqual({ inHeap: [], inMemory: [] });
      }, 120_000);
    });
  },
);
