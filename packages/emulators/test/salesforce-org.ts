import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { SignJWT } from 'jose';
import { createManualClock, type ManualClock } from '../src/kit/index.ts';
import { createSalesforce, type Salesforce, type SalesforceOptions } from '../src/salesforce/index.ts';

export const START = Date.parse('2026-08-01T06:00:00.250Z');
export const ORIGIN = 'https://emulated.my.salesforce.com';
export const DATA = '/services/data/v66.0';
export const CONSUMER_KEY = '3MVG9consumer';
export const SECRET = 'the-consumer-secret';

/** What JSON.parse gives: the tests assert its shape. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

export interface TestOrg {
  sf: Salesforce;
  clock: ManualClock;
  userId: string;
  token: string;
  send(
    method: string,
    path: string,
    more?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  query(soql: string, headers?: Record<string, string>): Promise<Answer>;
  queryAll(soql: string): Promise<Answer>;
}

export async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: Json;
  try {
    body = text === '' ? undefined : JSON.parse(text);
  } catch {
    body = text;
  }
  return { status: response.status, headers: response.headers, body };
}

export async function postForm(
  sf: Salesforce,
  path: string,
  more: { form: Record<string, string>; headers?: Record<string, string> },
): Promise<Answer> {
  const init = { method: 'POST', body: new URLSearchParams(more.form), headers: more.headers ?? {} };
  return await toAnswer(await sf.fetch(new Request(ORIGIN + path, init)));
}

/** An org with an approved integration app, signed in by client credentials, and the unique key field on Contact. */
export async function createTestOrg(options: Partial<SalesforceOptions> = {}): Promise<TestOrg> {
  const clock = createManualClock(START);
  const sf = createSalesforce({ clock, seed: 7, ...options });
  const userId = sf.admin.addUser({ username: 'tidelock@example.com', firstName: 'Tide', lastName: 'Lock' });
  sf.admin.registerApp({ consumerKey: CONSUMER_KEY, secret: SECRET, runAs: userId });
  sf.admin.addField('Contact', {
    name: 'TidelockKey__c',
    type: 'string',
    length: 64,
    unique: true,
    externalId: true,
  });
  const form = { grant_type: 'client_credentials', client_id: CONSUMER_KEY, client_secret: SECRET };
  const org: TestOrg = {
    sf,
    clock,
    userId,
    token: (await postForm(sf, '/services/oauth2/token', { form })).body.access_token,
    async send(method, path, { body, headers } = {}) {
      const init: RequestInit = { method, headers: { authorization: `Bearer ${org.token}`, ...headers } };
      if (body !== undefined) {
        init.body = JSON.stringify(body);
        init.headers = { 'content-type': 'application/json', ...init.headers };
      }
      const url = path.startsWith('/services') ? path : DATA + path;
      return await toAnswer(await sf.fetch(new Request(ORIGIN + url, init)));
    },
    get: (path, headers) => org.send('GET', path, headers === undefined ? {} : { headers }),
    query: (soql, headers) => org.get(`/query?q=${encodeURIComponent(soql)}`, headers),
    queryAll: (soql) => org.get(`/queryAll?q=${encodeURIComponent(soql)}`),
  };
  return org;
}

export interface SigningKey {
  certPem: string;
  sign(claims: Record<string, unknown>, alg?: string): Promise<string>;
}

/** An RSA key with a self-signed certificate, as uploaded to a connected app. */
export async function createSigningKey(): Promise<SigningKey> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=tidelock integration',
    notBefore: new Date(START - 86_400_000),
    notAfter: new Date(START + 365 * 86_400_000),
    signingAlgorithm: algorithm,
    keys,
  });
  return {
    certPem: certificate.toString('pem'),
    sign: (claims, alg = 'RS256') => new SignJWT(claims).setProtectedHeader({ alg }).sign(keys.privateKey),
  };
}
