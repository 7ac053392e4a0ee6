import 'reflect-metadata';
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  privateEncrypt,
  verify,
  webcrypto,
} from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { isAdapterError, type Secrets } from '@tidelock/core';
import { createManualClock } from '@tidelock/emulators';
import { describe, expect, it } from 'vitest';
import {
  CONSUMER_KEY,
  createTestClock,
  createTestOrg,
  NO_SECRETS,
  SECRET,
  START,
} from '../src/conformance/org.ts';
import { type SalesforceOptionsInput, SalesforceOptionsSchema } from '../src/index.ts';
import { createSessions } from '../src/session.ts';
import { createAssertion } from '../src/session-assertion.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** ASN.1 head of a SHA-256 DigestInfo (RFC 8017, 9.2). */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

const signer = {
  certificate: () => Promise.reject(new Error('not asked for')),
  sign: async (_: string, digest: Uint8Array) =>
    new Uint8Array(privateEncrypt(privateKey, Buffer.concat([DIGEST_INFO, digest]))),
};
const secrets: Secrets = { ...NO_SECRETS, keys: { ...NO_SECRETS.keys, signer: async () => signer } };

async function createCertificate(): Promise<string> {
  x509.cryptoProvider.set(globalThis.crypto);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const [signingKey, subject] = await Promise.all([
    webcrypto.subtle.importKey(
      'pkcs8',
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      true,
      ['sign'],
    ),
    webcrypto.subtle.importKey('spki', publicKey.export({ type: 'spki', format: 'der' }), algorithm, true, [
      'verify',
    ]),
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=tidelock',
    notBefore: new Date(START - 86_400_000),
    notAfter: new Date(START + 86_400_000),
    signingAlgorithm: algorithm,
    keys: { privateKey: signingKey, publicKey: subject },
  });
  return certificate.toString('pem');
}

const JWT: SalesforceOptionsInput = {
  auth: { flow: 'jwt', consumerKey: CONSUMER_KEY, username: 'tidelock@example.com', key: 'salesforce' },
};

async function createJwtOrg() {
  const org = createTestOrg({ adapter: JWT, secrets });
  org.sf.admin.registerApp({
    consumerKey: CONSUMER_KEY,
    certPem: await createCertificate(),
    policy: 'admin-approved',
  });
  org.sf.admin.approve(org.userId, CONSUMER_KEY);
  return org;
}

const tokenRequests = (requests: readonly string[]) =>
  requests.filter((each) => each.endsWith('/oauth2/token')).length;

async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => new Error('did not fail'),
    (caught: unknown) => caught,
  );
  if (!isAdapterError(error)) throw error;
  return error;
}

describe('assertion', () => {
  it('is RS256 over the key of the signer, lives three minutes, and names no more than it must', async () => {
    const claims = {
      consumerKey: 'key',
      username: 'user',
      audience: 'https://login.salesforce.com',
      now: START,
    };
    const [head = '', body = '', signature = ''] = (await createAssertion(signer, claims)).split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'RS256' });
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toEqual({
      iss: 'key',
      sub: 'user',
      aud: 'https://login.salesforce.com',
      exp: Math.floor(START / 1000) + 180,
    });
    const signed = Buffer.from(`${head}.${body}`);
    const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
    expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(createHash('sha256').update(signed).digest().length).toBe(32);
  });
});

describe('sign-in', () => {
  it('signs in with a JWT and reads', async () => {
    const org = await createJwtOrg();
    expect((await org.open().list('contacts', null)).records).toEqual([]);
    expect(tokenRequests(org.requests)).toBe(1);
  });

  it('shares one sign-in between calls at the same time, and keeps the token', async () => {
    const org = createTestOrg();
    const store = org.open();
    await Promise.all([
      store.list('contacts', null),
      store.list('contacts', null),
      store.find('email', ['a@b.cd']),
    ]);
    await store.list('contacts', null);
    expect(tokenRequests(org.requests)).toBe(1);
  });

  it('signs in again once after a 401 and repeats the call, a write too', async () => {
    const org = createTestOrg();
    const store = org.open();
    await store.list('contacts', null);
    org.sf.admin.endSessions();
    const outcomes = await store.write([{ op: 'create', stamp: 'stamp-1', fields: { LastName: 'Lee' } }]);
    expect(outcomes[0]?.status).toBe('ok');
    expect(tokenRequests(org.requests)).toBe(2);
  });

  it('gives up after the second 401', async () => {
    const org = createTestOrg();
    const store = org.open();
    await store.list('contacts', null);
    org.requests.length = 0;
    const body = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }];
    org.sf.faults.inject({
      match: { path: /\/query/ },
      times: 99,
      fault: { kind: 'status', status: 401, body },
    });
    expect((await failure(store.list('contacts', null))).kind).toBe('auth');
    expect(org.requests).toHaveLength(3);
  });

  it.each(['This session is not valid for use with the REST API', 'Connected app is not attached to Agent'])(
    'does not sign in again after "%s"',
    async (message) => {
      const org = createTestOrg();
      const store = org.open();
      await store.list('contacts', null);
      org.requests.length = 0;
      const fault = { kind: 'named', name: 'expired-session', data: message } as const;
      org.sf.faults.inject({ times: 9, fault });
      const error = await failure(store.list('contacts', null));
      expect(error.kind).toBe('auth');
      expect(error.remedy).toContain('session policies');
      expect(org.requests).toHaveLength(1);
    },
  );

  it('tells what to mend when the app is not approved', async () => {
    const org = await createJwtOrg();
    org.sf.admin.withdrawApproval(org.userId, CONSUMER_KEY);
    const error = await failure(org.open().list('contacts', null));
    expect([error.kind, error.code, error.status]).toEqual(['auth', 'invalid_app_access', 400]);
    expect(error.remedy).toContain('Pre-authorise');
    const [finding] = await org.port.check();
    expect([finding?.severity, finding?.code]).toEqual(['block', 'sign-in']);
  });

  it('names no secret in errors and logs', async () => {
    const org = createTestOrg({
      adapter: {
        auth: {
          flow: 'client-credentials',
          clientId: CONSUMER_KEY,
          clientSecret: 'wrong-secret-77',
          myDomainUrl: 'https://emulated.my.salesforce.com',
        },
      },
    });
    const error = await failure(org.open().list('contacts', null));
    expect(error.remedy).toContain('consumer secret');
    expect(JSON.stringify([error, error.message, error.stack, org.logged])).not.toContain('wrong-secret-77');
  });
});

describe('hosts', () => {
  const reply = (instance: string) => ({
    access_token: 'token',
    instance_url: instance,
    id: 'https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA',
  });
  const sessionsFor = (body: unknown, more: Partial<SalesforceOptionsInput> = {}) =>
    createSessions(SalesforceOptionsSchema.parse({ ...JWT, ...more }), {
      fetch: async () => new Response(JSON.stringify(body)),
      clock: createTestClock(createManualClock(START)),
      secrets,
    });

  it('sends no token to an API host that is not Salesforce’s', async () => {
    for (const host of [
      'https://evil.example.com',
      'http://x.my.salesforce.com',
      'https://notsalesforce.com',
    ]) {
      const error = await failure(sessionsFor(reply(host)).current());
      expect([error.kind, error.code]).toEqual(['protocol', 'instance-host']);
    }
    const session = await sessionsFor(reply('https://x.my.salesforce.com')).current();
    expect([session.origin, session.userId]).toEqual(['https://x.my.salesforce.com', '005000000000001AAA']);
  });

  it('lets emulators in with endpoint.allow only', async () => {
    const loopback = 'http://127.0.0.1:9999';
    expect(SalesforceOptionsSchema.safeParse({ ...JWT, loginUrl: loopback }).success).toBe(false);
    const session = await sessionsFor(reply(loopback), {
      loginUrl: loopback,
      endpoint: { allow: true },
    }).current();
    expect(session.origin).toBe(loopback);
  });

  it('refuses redirects', async () => {
    const org = createTestOrg();
    org.intercept = async (request, forward) =>
      request.url.includes('/query')
        ? new Response(null, { status: 302, headers: { location: 'https://evil.example.com/' } })
        : forward();
    const error = await failure(org.open().list('contacts', null));
    expect([error.kind, error.code]).toEqual(['protocol', 'redirect']);
  });
});

describe('options', () => {
  it.each([
    ['an unknown option', { colour: 'blue' }],
    ['a login host that is not Salesforce', { loginUrl: 'https://login.example.com' }],
    ['plain http', { loginUrl: 'http://login.salesforce.com' }],
    ['a path in the login URL', { loginUrl: 'https://login.salesforce.com/x' }],
    ['an old API version', { apiVersion: '50.0' }],
    ['a stamp field that is no custom field', { stampField: 'Email' }],
    ['an account rule that names no field', { account: 'text:Company' }],
    ['a share above the whole', { dailyShare: 1.5 }],
    ['an endpoint switch that is off', { endpoint: { allow: false } }],
  ])('refuse %s', (_, more) => {
    expect(SalesforceOptionsSchema.safeParse({ ...JWT, ...more }).success).toBe(false);
  });

  it('have defaults', () => {
    expect(SalesforceOptionsSchema.parse({ ...JWT, account: 'text:Company__c' })).toMatchObject({
      loginUrl: 'https://login.salesforce.com',
      apiVersion: '66.0',
      stampField: 'TidelockKey__c',
      account: 'text:Company__c',
      dailyShare: 0.2,
    });
    expect(SECRET).not.toBe('');
  });
});
