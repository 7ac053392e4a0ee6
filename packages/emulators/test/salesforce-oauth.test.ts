import { beforeAll, describe, expect, it } from 'vitest';
import {
  CONSUMER_KEY,
  createSigningKey,
  createTestOrg,
  DATA,
  ORIGIN,
  postForm,
  SECRET,
  type SigningKey,
  START,
  type TestOrg,
  toAnswer,
} from './salesforce-org.ts';

const TOKEN = '/services/oauth2/token';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const now = Math.floor(START / 1000);

let key: SigningKey;
let otherKey: SigningKey;

beforeAll(async () => {
  key = await createSigningKey();
  otherKey = await createSigningKey();
});

const claims = {
  iss: 'jwt-app',
  sub: 'tidelock@example.com',
  aud: 'https://login.salesforce.com',
  exp: now + 170,
};

async function createJwtOrg(): Promise<TestOrg> {
  const org = await createTestOrg();
  org.sf.admin.registerApp({ consumerKey: 'jwt-app', certPem: key.certPem });
  org.sf.admin.approve(org.userId, 'jwt-app');
  return org;
}

const present = (org: TestOrg, assertion: string) =>
  postForm(org.sf, TOKEN, { form: { grant_type: JWT_BEARER, assertion } });

describe('JWT bearer', () => {
  it('gives a token that works, without refresh token and expiry', async () => {
    const org = await createJwtOrg();
    const answer = await present(org, await key.sign(claims));
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual([
      'access_token',
      'id',
      'instance_url',
      'scope',
      'token_type',
    ]);
    expect(answer.body.id).toBe(`https://login.salesforce.com/id/${org.sf.admin.orgId}/${org.userId}`);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    org.token = answer.body.access_token;
    expect((await org.get('/limits')).status).toBe(200);
  });

  it.each([
    ['the org as audience', { aud: ORIGIN }],
    ['a test login host that is configured', { aud: 'https://login.salesforce.com/' }],
  ])('accepts %s', async (_, changed) => {
    const org = await createJwtOrg();
    expect((await present(org, await key.sign({ ...claims, ...changed }))).status).toBe(200);
  });

  const refused: [string, Record<string, unknown>, string][] = [
    ['a foreign audience', { aud: 'https://evil.example' }, 'invalid_grant: audience is invalid'],
    ['an expired assertion', { exp: now - 60 }, 'invalid_grant: invalid assertion'],
    ['more than 3 minutes', { exp: now + 300 }, 'invalid_grant: invalid assertion'],
    ['no expiry', { exp: undefined }, 'invalid_grant: invalid assertion'],
    ['an unknown consumer key', { iss: 'nobody' }, 'invalid_client_id: client identifier invalid'],
    ['an unknown user', { sub: 'who@example.com' }, "invalid_grant: user hasn't approved this consumer"],
    ['an app without certificate', { iss: CONSUMER_KEY }, 'unsupported_grant_type: grant type not supported'],
  ];

  it.each(refused)('refuses %s', async (_, changed, expected) => {
    const org = await createJwtOrg();
    const answer = await present(org, await key.sign({ ...claims, ...changed }));
    expect(answer.status).toBe(400);
    expect(`${answer.body.error}: ${answer.body.error_description}`).toBe(expected);
  });

  it('verifies the signature with the registered certificate', async () => {
    const org = await createJwtOrg();
    const refused = { error: 'invalid_grant', error_description: 'invalid assertion' };
    expect((await present(org, await otherKey.sign(claims))).body).toEqual(refused);
    const [header, , signature] = (await key.sign(claims)).split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'rhea.person@example.com' })).toString(
      'base64url',
    );
    expect((await present(org, `${header}.${forged}.${signature}`)).body).toEqual(refused);
    expect((await present(org, 'nonsense')).body).toEqual(refused);
  });

  it('refuses users without approval, by the policy of the app', async () => {
    const org = await createJwtOrg();
    org.sf.admin.withdrawApproval(org.userId, 'jwt-app');
    const assertion = await key.sign(claims);
    expect((await present(org, assertion)).body.error_description).toBe("user hasn't approved this consumer");
    org.sf.admin.registerApp({ consumerKey: 'jwt-app', certPem: key.certPem, policy: 'admin-approved' });
    expect((await present(org, assertion)).body).toEqual({
      error: 'invalid_app_access',
      error_description: 'user is not admin approved to access this app',
    });
  });
});

describe('client credentials', () => {
  const form = { grant_type: 'client_credentials' };

  it('takes the secret as form fields and as Basic', async () => {
    const { sf } = await createTestOrg();
    const basic = `Basic ${Buffer.from(`${CONSUMER_KEY}:${SECRET}`).toString('base64')}`;
    const answer = await postForm(sf, TOKEN, { form, headers: { authorization: basic } });
    expect(answer.status).toBe(200);
    expect(answer.body.issued_at).toBe(String(START));
    expect(Object.keys(answer.body)).toContain('signature');
  });

  it.each([
    [{ client_id: CONSUMER_KEY, client_secret: 'wrong' }, 'invalid_client', 'invalid client credentials'],
    [{ client_id: 'nobody', client_secret: SECRET }, 'invalid_client_id', 'client identifier invalid'],
    [{ client_id: 'no-user', client_secret: 's' }, 'invalid_grant', 'no client credentials user enabled'],
  ])('refuses %o', async (credentials, error, description) => {
    const { sf } = await createTestOrg();
    sf.admin.registerApp({ consumerKey: 'no-user', secret: 's' });
    const answer = await postForm(sf, TOKEN, { form: { ...form, ...credentials } });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error, error_description: description });
  });

  it('exists on the own host of the org only, and unknown grants nowhere', async () => {
    const { sf } = await createTestOrg();
    const body = new URLSearchParams({ ...form, client_id: CONSUMER_KEY, client_secret: SECRET });
    const login = await sf.fetch(
      new Request(`https://login.salesforce.com${TOKEN}`, { method: 'POST', body }),
    );
    expect((await toAnswer(login)).body.error_description).toBe('request not supported on this domain');
    expect((await postForm(sf, TOKEN, { form: { grant_type: 'password' } })).body.error).toBe(
      'unsupported_grant_type',
    );
  });
});

describe('sessions', () => {
  it('end after idle time, and use extends them', async () => {
    const org = await createTestOrg({ settings: { sessionTimeoutMs: 60_000 } });
    org.clock.advance(50_000);
    expect((await org.get('/limits')).status).toBe(200);
    org.clock.advance(50_000);
    expect((await org.get('/limits')).status).toBe(200);
    org.clock.advance(60_000);
    const answer = await org.get('/limits');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Token');
    expect(answer.body).toEqual([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
  });

  it('end after a number of calls', async () => {
    const org = await createTestOrg({ settings: { sessionMaxCalls: 2 } });
    expect([(await org.get('/limits')).status, (await org.get('/limits')).status]).toEqual([200, 200]);
    expect((await org.get('/limits')).status).toBe(401);
  });

  it('can be revoked, and tell who the user is while they live', async () => {
    const org = await createTestOrg();
    const info = await org.get('/services/oauth2/userinfo');
    expect(info.body).toMatchObject({
      user_id: org.userId,
      organization_id: org.sf.admin.orgId,
      preferred_username: 'tidelock@example.com',
    });
    const identity = new URL((await org.get('')).body.identity);
    expect((await org.get(`/services/..${identity.pathname}`)).body).toEqual(info.body);
    expect((await postForm(org.sf, '/services/oauth2/revoke', { form: { token: org.token } })).status).toBe(
      200,
    );
    expect((await org.get('/limits')).status).toBe(401);
    expect((await org.get('/services/oauth2/userinfo')).status).toBe(403);
    expect((await postForm(org.sf, '/services/oauth2/revoke', { form: { token: org.token } })).status).toBe(
      400,
    );
  });

  it('are not needed for the list of versions, and for nothing else', async () => {
    const org = await createTestOrg();
    org.token = 'none';
    const versions = await org.get('/services/data/');
    expect(versions.body.at(-1)).toMatchObject({ version: '66.0', url: DATA });
    expect((await org.get('')).status).toBe(401);
    expect((await org.get('/sobjects')).status).toBe(401);
  });
});
