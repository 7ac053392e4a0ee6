import 'reflect-metadata';
import { createHash, createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { SignJWT } from 'jose';
import { createManualClock, type ManualClock } from '../src/kit/index.ts';
import {
  createMicrosoft365,
  type Microsoft365Emulator,
  type Microsoft365Options,
} from '../src/microsoft365/index.ts';

export const startMs = Date.parse('2026-11-23T09:00:00Z');
export const origin = 'https://localhost:8443';
export const stamp = 'String {9e2ab0f4-3d54-4b0e-8f3e-6f6a1e6f1d2c} Name CrmId';

export interface Key {
  certPem: string;
  der: Buffer;
  x5t: string;
  privateKey: KeyObject;
}

export async function makeKey(validity: { from?: string; to?: string } = {}): Promise<Key> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Tidelock test',
    notBefore: new Date(validity.from ?? '2026-01-01T00:00:00Z'),
    notAfter: new Date(validity.to ?? '2027-12-31T00:00:00Z'),
    signingAlgorithm: algorithm,
    keys,
  });
  const der = Buffer.from(cert.rawData);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    certPem: cert.toString('pem'),
    der,
    x5t: createHash('sha256').update(der).digest('base64url'),
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
  };
}

export interface AssertionOptions {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
}

export async function signAssertion(
  key: Key,
  target: { clientId: string; audience: string; now: number },
  options: AssertionOptions = {},
): Promise<string> {
  const now = Math.floor(target.now / 1000);
  return new SignJWT({
    aud: target.audience,
    iss: target.clientId,
    sub: target.clientId,
    jti: 'a',
    nbf: now,
    iat: now,
    exp: now + 600,
    ...options.claims,
  })
    .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': key.x5t, ...options.header })
    .sign(key.privateKey);
}

let sharedKey: Promise<Key> | undefined;
/** Making an RSA key is slow: one for every world of a test file. */
export const testKey = (): Promise<Key> => {
  sharedKey ??= makeKey();
  return sharedKey;
};

/** The body is parsed JSON of whatever shape, or text; tests pick it apart. */
export const readAnswer = async (response: Response) => {
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};

export type Answer = Awaited<ReturnType<typeof readAnswer>>;

export interface GraphOptions {
  body?: unknown;
  headers?: Record<string, string>;
  token?: string;
}

export interface TestWorld {
  clock: ManualClock;
  emulator: Microsoft365Emulator;
  tenantId: string;
  clientId: string;
  ann: string;
  ben: string;
  token: string;
  getToken(
    options?: AssertionOptions & { key?: Key; form?: Record<string, string>; tenant?: string },
  ): Promise<Answer>;
  /** `path` after /v1.0, or a whole link. */
  graph(method: string, path: string, options?: GraphOptions): Promise<Answer>;
  batch(requests: unknown[]): Promise<Answer>;
}

export const allRoles = [
  'Contacts.ReadWrite',
  'Calendars.ReadWrite',
  'User.Read.All',
  'MailboxSettings.Read',
];

export async function createTestWorld(options: Microsoft365Options = {}): Promise<TestWorld> {
  const clock = createManualClock(startMs);
  const emulator = createMicrosoft365({ clock, seed: 5, churn: { share: 0 }, ...options });
  const { admin } = emulator;
  const { id: tenantId } = admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
  const { clientId } = admin.registerApp({ tenantId, displayName: 'Tidelock' });
  const key = await testKey();
  admin.addCertificate(clientId, key.certPem);
  admin.consent(tenantId, clientId, allRoles);
  const ann = admin.addUser(tenantId, { mail: 'ann@contoso.example', displayName: 'Ann' }).id;
  const ben = admin.addUser(tenantId, { mail: 'ben@contoso.example', displayName: 'Ben' }).id;

  const getToken: TestWorld['getToken'] = async (request = {}) => {
    const tenant = request.tenant ?? tenantId;
    const url = `${origin}/${tenant}/oauth2/v2.0/token`;
    const target = { clientId, audience: url, now: clock.now() };
    const form = new URLSearchParams({
      client_id: clientId,
      scope: 'https://graph.microsoft.com/.default',
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await signAssertion(request.key ?? key, target, request),
      ...request.form,
    });
    for (const [name, value] of Object.entries(request.form ?? {})) if (value === '') form.delete(name);
    return readAnswer(await emulator.fetch(url, { method: 'POST', body: form }));
  };
  const token: string = (await getToken()).body.access_token;
  emulator.log.clear();

  const graph: TestWorld['graph'] = async (method, path, request = {}) => {
    const url = path.startsWith('https:') ? path : `${origin}/v1.0${path}`;
    const hasBody = request.body !== undefined;
    const response = await emulator.fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${request.token ?? token}`,
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...request.headers,
      },
      ...(hasBody
        ? { body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body) }
        : {}),
    });
    return readAnswer(response);
  };
  const batch: TestWorld['batch'] = (requests) => graph('POST', '/$batch', { body: { requests } });
  return { clock, emulator, tenantId, clientId, ann, ben, token, getToken, graph, batch };
}

/** Follows a delta round to its end. */
export async function readDelta(world: TestWorld, link: string, headers: Record<string, string> = {}) {
  const entries: Answer['body'][] = [];
  let next: string = link;
  for (let pages = 0; pages < 1_000; pages += 1) {
    const { status, body } = await world.graph('GET', next, { headers });
    if (status !== 200) throw new Error(`delta answered ${status} ${JSON.stringify(body)}`);
    entries.push(...body.value);
    const deltaLink: string | undefined = body['@odata.deltaLink'];
    if (deltaLink !== undefined) return { entries, deltaLink, pages: pages + 1 };
    next = body['@odata.nextLink'];
  }
  throw new Error('the round did not end');
}
