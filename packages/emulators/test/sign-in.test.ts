import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createBrowser } from '../src/kit/index.ts';
import { DIRECTORY_ROLES, type Forgery } from '../src/microsoft365/index.ts';
import { createTestWorld, origin, readAnswer, signAssertion, testKey } from './microsoft365-fixture.ts';

const REDIRECT = 'https://tidelock.example/connect/return';
const VERIFIER = 'v'.repeat(43);

/** Two tenants, each with an employee and administrators of several kinds, and an app of a third party. */
async function createPeople() {
  const world = await createTestWorld();
  const { admin } = world.emulator;
  const { id: home } = admin.createTenant({ domain: 'vendor.example', displayName: 'Vendor' });
  const { clientId } = admin.registerApp({
    tenantId: home,
    displayName: 'Tidelock',
    redirectUris: [REDIRECT, 'http://localhost/connect/return'],
  });
  admin.addCertificate(clientId, (await testKey()).certPem);
  const fabrikam = admin.createTenant({ domain: 'fabrikam.example', displayName: 'Fabrikam' }).id;
  const add = (mail: string, more: object = {}) =>
    admin.addUser(fabrikam, { mail, displayName: mail, ...more });
  add('gus@fabrikam.example', { roles: ['global-administrator'], password: 'canary-password' });
  add('pam@fabrikam.example', { roles: ['privileged-role-administrator'] });
  add('app@fabrikam.example', { roles: ['application-administrator'] });
  add('eve@fabrikam.example');
  const browser = createBrowser((url, init) => world.emulator.fetch(url, init));
  browser.stopAt((url) => url.href.startsWith(REDIRECT) || url.port === '7777');
  const query = (more: Record<string, string> = {}): string =>
    new URLSearchParams({
      ...{ client_id: clientId, response_type: 'code', redirect_uri: REDIRECT, scope: 'openid profile' },
      ...{ state: 'a state, as sent', nonce: 'n-1', code_challenge_method: 'S256' },
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      ...more,
    }).toString();
  const signIn = async (login: string, more: Record<string, string> = {}, key = 'organizations') => {
    await browser.open(
      `${origin}/${key}/oauth2/v2.0/authorize?${query({ prompt: 'select_account', ...more })}`,
    );
    return browser.submit({ act: 'sign-in', login, password: 'canary-password' });
  };
  const redeem = async (form: Record<string, string> = {}, key = 'organizations') => {
    const url = `${origin}/${key}/oauth2/v2.0/token`;
    const target = { clientId, audience: url, now: world.clock.now() };
    const body = new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: clientId, redirect_uri: REDIRECT },
      ...{ code: browser.page.url.searchParams.get('code') ?? '', code_verifier: VERIFIER },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await signAssertion(await testKey(), target),
      ...form,
    });
    return readAnswer(await world.emulator.fetch(url, { method: 'POST', body }));
  };
  const askConsent = async (login: string, act: string, path = `${fabrikam}/v2.0`) => {
    const asked = { client_id: clientId, redirect_uri: REDIRECT, state: 's2', scope: 'g/.default' };
    await browser.open(`${origin}/${path}/adminconsent?${new URLSearchParams(asked)}`);
    if (browser.page.text.includes('name="login"'))
      await browser.submit({ act: 'sign-in', login, password: 'canary-password' });
    return browser.submit({ act });
  };
  return { ...world, admin, home, clientId, fabrikam, browser, query, signIn, redeem, askConsent };
}

const errorOf = (url: URL): string[] => [
  url.searchParams.get('error') ?? '',
  /^AADSTS\d+/.exec(url.searchParams.get('error_description') ?? '')?.[0] ?? '',
];

describe('the sign-in page', () => {
  it('sends back a code and the state as sent, and the code buys a signed ID token with roles, once', async () => {
    const { signIn, redeem, fabrikam, emulator, clientId } = await createPeople();
    const { url } = await signIn('gus@fabrikam.example');
    expect(url.searchParams.get('state')).toBe('a state, as sent');
    const { status, body } = await redeem();
    expect([status, body.refresh_token]).toEqual([200, undefined]);
    const keys = await readAnswer(await emulator.fetch(`${origin}/organizations/discovery/v2.0/keys`));
    const { payload } = await jwtVerify(body.id_token, createLocalJWKSet(keys.body), {
      ...{ audience: clientId, issuer: `${origin}/${fabrikam}/v2.0`, currentDate: new Date(0) },
      clockTolerance: 2 ** 31,
    });
    expect(payload).toMatchObject({ tid: fabrikam, nonce: 'n-1', ver: '2.0' });
    expect(payload.wids).toContain(DIRECTORY_ROLES['global-administrator']);
    expect((await redeem()).body.error_codes).toEqual([54005]);
  });

  it('tells employees from administrators, and gives a refresh token only to who asks for one', async () => {
    const { signIn, redeem } = await createPeople();
    await signIn('eve@fabrikam.example', { scope: 'openid profile offline_access' });
    const { body } = await redeem();
    expect(decodeJwt(body.id_token).wids).toEqual(['b79fbf4d-3ef9-4689-8143-76b194e85509']);
    expect(body.refresh_token).toMatch(/^1\./);
  });

  it('refuses codes that are late, of another verifier, tenant, address or client', async () => {
    const { signIn, redeem, tenantId, clock } = await createPeople();
    await signIn('gus@fabrikam.example');
    expect((await redeem({ code_verifier: 'w'.repeat(43) })).body.error_codes).toEqual([501481]);
    expect((await redeem({ code_verifier: '' })).body.error_codes).toEqual([501481]);
    expect((await redeem({}, tenantId)).body.error_codes).toEqual([700005]);
    expect((await redeem({ redirect_uri: 'https://evil.example' })).body.error_codes).toEqual([50011]);
    expect((await redeem({ client_assertion: '' })).body.error_codes).toEqual([50027]);
    clock.advance(600_000);
    expect((await redeem()).body.error_codes).toEqual([70008]);
  });

  it('shows on the page what never comes back, and takes loopback addresses with any port', async () => {
    const { browser, query, signIn } = await createPeople();
    for (const [code, more] of [
      [700016, { client_id: '99999999-0000-4000-8000-000000000000' }],
      [50011, { redirect_uri: 'https://evil.example/return' }],
      [50011, { redirect_uri: 'http://localhost.evil.example/connect/return' }],
    ] as const) {
      const page = await browser.open(`${origin}/organizations/oauth2/v2.0/authorize?${query(more)}`);
      expect([page.status, /AADSTS(\d+)/.exec(page.text)?.[1]]).toEqual([400, String(code)]);
    }
    expect((await signIn('nobody@fabrikam.example')).text).toContain('AADSTS50034');
    expect((await signIn('ann@contoso.example', {}, 'fabrikam.example')).text).toContain('AADSTS50020');
    const loopback = await signIn('pam@fabrikam.example', {
      redirect_uri: 'http://localhost:7777/connect/return',
    });
    expect(loopback.url.searchParams.has('code')).toBe(true);
  });

  it('wants the password where there is one, and refuses whom the tenant refuses', async () => {
    const { admin, browser, fabrikam, query, signIn } = await createPeople();
    const page = `${origin}/organizations/oauth2/v2.0/authorize?`;
    await signIn('gus@fabrikam.example');
    expect((await browser.open(page + query())).url.searchParams.has('code')).toBe(true);
    expect((await browser.open(page + query({ prompt: 'select_account' }))).text).toContain('name="login"');
    expect((await browser.submit({ login: 'gus@fabrikam.example', password: 'guess' })).text).toContain(
      'AADSTS50126',
    );
    admin.entra.setPages(fabrikam, { userConsent: false });
    expect(errorOf((await signIn('eve@fabrikam.example')).url)).toEqual(['access_denied', 'AADSTS90094']);
    admin.entra.setPages(fabrikam, { assignmentRequired: true });
    expect(errorOf((await signIn('gus@fabrikam.example')).url)).toEqual(['access_denied', 'AADSTS50105']);
  });
});

describe('scripted ID tokens', () => {
  const forgeries: readonly (readonly [string, Forgery])[] = [
    ['changed after signing', { claims: { tid: 'x' }, signature: 'broken' }],
    ['signed by a foreign key', { signature: 'foreign' }],
    ['not signed', { signature: 'none' }],
  ];
  it.each(forgeries)('are %s, one of them', async (_title, data) => {
    const { signIn, redeem, emulator } = await createPeople();
    const keys = createLocalJWKSet(
      (await readAnswer(await emulator.fetch(`${origin}/organizations/discovery/v2.0/keys`))).body,
    );
    emulator.faults.inject({ fault: { kind: 'named', name: 'id-token', data } });
    for (const isGood of [false, true]) {
      await signIn('gus@fabrikam.example');
      const { body } = await redeem();
      const options = { currentDate: new Date(0), clockTolerance: 2 ** 31 };
      const verified = await jwtVerify(body.id_token, keys, options).then(
        () => true,
        () => false,
      );
      expect(verified).toBe(isGood);
    }
  });
});

describe('the consent page', () => {
  it('lists what is asked for, and an administrator who accepts grants just that', async () => {
    const { askConsent, browser, fabrikam, clientId, getToken } = await createPeople();
    const { url } = await askConsent('gus@fabrikam.example', 'accept');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ admin_consent: 'True', tenant: fabrikam, scope: 'g/.default', state: 's2' },
    });
    expect(browser.visited.map((each) => each.pathname)).toContain(`/${fabrikam}/v2.0/adminconsent`);
    const target = { iss: clientId, sub: clientId };
    const { body } = await getToken({ tenant: fabrikam, form: { client_id: clientId }, claims: target });
    expect(decodeJwt(body.access_token).roles).toEqual(['Contacts.ReadWrite', 'User.Read.All']);
  });

  it('answers admin_consent=True also to refusals, of version 2 only', async () => {
    const { askConsent, fabrikam } = await createPeople();
    const cancelled = (await askConsent('gus@fabrikam.example', 'cancel')).url;
    expect(cancelled.searchParams.get('admin_consent')).toBe('True');
    expect(errorOf(cancelled)).toEqual(['access_denied', 'AADSTS65004']);
    expect(cancelled.searchParams.get('error_subcode')).toBe('cancel');
    const first = (await askConsent('gus@fabrikam.example', 'cancel', fabrikam)).url;
    expect([first.searchParams.get('admin_consent'), ...errorOf(first)]).toEqual([
      null,
      'access_denied',
      'AADSTS65004',
    ]);
    const granted = (await askConsent('gus@fabrikam.example', 'accept', fabrikam)).url;
    expect(Object.fromEntries(granted.searchParams)).toEqual({
      ...{ tenant: fabrikam, admin_consent: 'True', state: 's2' },
    });
  });

  it('lets in privileged role administrators, and no other role, employee or tenant', async () => {
    for (const [login, expected] of [
      ['pam@fabrikam.example', ['', '']],
      ['app@fabrikam.example', ['access_denied', 'AADSTS90094']],
      ['eve@fabrikam.example', ['access_denied', 'AADSTS90094']],
    ] as const) {
      const { askConsent } = await createPeople();
      expect(errorOf((await askConsent(login, 'accept')).url)).toEqual(expected);
    }
    const { askConsent, browser, clientId } = await createPeople();
    await browser.open(`${origin}/common/v2.0/adminconsent?client_id=${clientId}&redirect_uri=${REDIRECT}`);
    expect(browser.page.text).toContain('AADSTS900023');
    expect((await askConsent('ann@contoso.example', 'accept')).text).toContain('AADSTS50020');
  });

  it('takes time to replicate, and can be scripted to be refused', async () => {
    const { askConsent, admin, fabrikam, clientId, getToken } = await createPeople();
    admin.entra.setPages(fabrikam, { failures: [90095], lag: { principal: 1, roles: 1 } });
    expect(errorOf((await askConsent('gus@fabrikam.example', 'accept')).url)).toEqual([
      'access_denied',
      'AADSTS90095',
    ]);
    await askConsent('gus@fabrikam.example', 'accept');
    const ask = () =>
      getToken({
        ...{ tenant: fabrikam, form: { client_id: clientId } },
        claims: { iss: clientId, sub: clientId },
      });
    expect((await ask()).body.error_codes).toEqual([7000229]);
    expect(decodeJwt((await ask()).body.access_token)).not.toHaveProperty('roles');
    expect(decodeJwt((await ask()).body.access_token).roles).toHaveLength(2);
  });
});
