import { createBrowser, createMicrosoft365 } from '@tidelock/emulators';
import type { Forgery } from '@tidelock/emulators/microsoft365';
import { describe, expect, it } from 'vitest';
import { createEntraTokens, type EntraOptionsInput, EntraOptionsSchema } from '../src/index.ts';
import { createPair, createTestKeys } from './key-pairs.ts';
import { CLIENT_ID, createTestWorld, failureOf, SCOPE } from './world.ts';

const RETURN = 'https://tidelock.example/connect/return';
const pair = createPair('consent', { notBefore: Date.now() - 1000, notAfter: Date.now() + 3_600_000 });
const other = createPair('other', { notBefore: Date.now() - 1000, notAfter: Date.now() + 3_600_000 });

/** On the machine's clock: the OpenID library takes the time from there. */
function createWorld(more: Partial<EntraOptionsInput> = {}) {
  const emulator = createMicrosoft365();
  const { admin } = emulator;
  const home = admin.createTenant({ domain: 'vendor.example', displayName: 'Vendor' }).id;
  const app = { clientId: CLIENT_ID, tenantId: home, displayName: 'Tidelock', redirectUris: [RETURN] };
  admin.registerApp(app);
  admin.addCertificate(CLIENT_ID, pair.certificate.der);
  const tenant = admin.createTenant({ domain: 'one.example', displayName: 'One' }).id;
  const gus = { mail: 'gus@one.example', displayName: 'Gus', roles: ['global-administrator'] as const };
  admin.addUser(tenant, { ...gus, password: 'canary-password' });
  admin.addUser(tenant, { mail: 'eve@one.example', displayName: 'Eve' });
  const keys = createTestKeys();
  keys.put('newest', pair);
  keys.put('other', other);
  const seen: URL[] = [];
  const base = createTestWorld().context;
  const provider = createEntraTokens(
    EntraOptionsSchema.parse({ clientId: CLIENT_ID, keys: ['newest'], ...more }),
    {
      ...base,
      clock: { ...base.clock, now: () => Date.now(), mono: () => performance.now() },
      secrets: { ...base.secrets, keys },
      fetch: (input, init) => {
        seen.push(new URL(input));
        return emulator.fetch(input, init);
      },
    },
  );
  const { consent } = provider;
  if (consent === undefined) throw new Error('no consent');
  const browser = createBrowser((url, init) => emulator.fetch(url, init));
  browser.stopAt((url) => url.href.startsWith(RETURN));
  const signIn = async (login = 'gus@one.example', wanted?: string) => {
    const request = { redirectUri: RETURN, state: 's-1', tenant: wanted };
    const { url, keep } = await consent.startSignIn(request);
    await browser.open(url);
    await browser.submit({ act: 'sign-in', login, password: 'canary-password' });
    return { url: browser.page.url, state: 's-1', keep };
  };
  return { emulator, admin, tenant, keys, provider, consent, browser, seen, signIn };
}

describe('the sign-in', () => {
  it('asks for openid and profile only, with PKCE, a nonce and the state, and proves itself by certificate', async () => {
    const { consent, signIn, tenant, seen, emulator } = createWorld();
    const { url } = await consent.startSignIn({ redirectUri: RETURN, state: 's-1' });
    const { searchParams, origin, pathname } = new URL(url);
    expect([origin, pathname]).toEqual([
      'https://login.microsoftonline.com',
      '/organizations/oauth2/v2.0/authorize',
    ]);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      ...{ client_id: CLIENT_ID, redirect_uri: RETURN, response_type: 'code', scope: 'openid profile' },
      ...{ prompt: 'select_account', code_challenge_method: 'S256', state: 's-1' },
    });
    expect(searchParams.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(await consent.endSignIn(await signIn())).toMatchObject({ tenant, mayConsent: 'yes' });
    const [asked, ...rest] = seen.map(({ pathname: path }) => path);
    expect([asked, ...rest]).toEqual([
      '/organizations/oauth2/v2.0/token',
      '/organizations/discovery/v2.0/keys',
    ]);
    const body = emulator.log.entries.find(({ path }) => path.endsWith('/token'))?.requestBody;
    expect(body).toMatchObject({ grant_type: 'authorization_code', client_id: CLIENT_ID });
    expect(body).not.toHaveProperty('client_secret');
    expect(JSON.stringify(emulator.log.entries)).not.toContain('offline_access');
  });

  it('tells employees, and does not guess where the directory does not say', async () => {
    const { consent, signIn } = createWorld();
    expect(await consent.endSignIn(await signIn('eve@one.example'))).toMatchObject({ mayConsent: 'no' });
    const silent = createWorld();
    const claims = { wids: undefined };
    silent.emulator.faults.inject({ fault: { kind: 'named', name: 'id-token', data: { claims } } });
    expect(await silent.consent.endSignIn(await silent.signIn())).toMatchObject({ mayConsent: 'unknown' });
  });

  it('signs in at the tenant that is wanted, and takes the next key where the first is refused', async () => {
    const { consent, signIn, tenant, seen, keys } = createWorld({ keys: ['other', 'newest'] });
    expect(await consent.endSignIn(await signIn('gus@one.example', tenant))).toMatchObject({ tenant });
    expect(seen.map(({ pathname }) => pathname)).toEqual([
      `/${tenant}/oauth2/v2.0/token`,
      `/${tenant}/oauth2/v2.0/token`,
      `/${tenant}/discovery/v2.0/keys`,
    ]);
    expect(keys.signatures).toBe(2);
  });

  const now = Math.floor(Date.now() / 1000);
  const forgeries: readonly (readonly [string, Forgery, string])[] = [
    [
      'another tenant after signing',
      {
        claims: { tid: CLIENT_ID, iss: `https://login.microsoftonline.com/${CLIENT_ID}/v2.0` },
        signature: 'broken',
      },
      'oauth_invalid_response',
    ],
    ['a foreign key', { signature: 'foreign' }, 'oauth_invalid_response'],
    ['no signature', { signature: 'none' }, 'oauth_invalid_response'],
    ['an unknown key id', { header: { kid: 'unknown' } }, 'oauth_key_selection_failed'],
    ['another app', { claims: { aud: 'bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee' } }, 'claim-aud'],
    ['another nonce', { claims: { nonce: 'replayed' } }, 'claim-nonce'],
    ['no nonce', { claims: { nonce: undefined } }, 'oauth_invalid_response'],
    ['another issuer', { claims: { iss: 'https://login.evil.example/x/v2.0' } }, 'claim-iss'],
    ['its end behind it', { claims: { exp: now - 600, iat: now - 4200 } }, 'claim-exp'],
    ['no tenant id', { claims: { tid: 'x', iss: 'https://login.microsoftonline.com/x/v2.0' } }, 'claim-tid'],
    ['nobody', { claims: { oid: '' } }, 'claim-oid'],
  ];
  it.each(forgeries)('refuses an ID token with %s', async (_title, data, code) => {
    const { consent, signIn, emulator } = createWorld();
    emulator.faults.inject({ fault: { kind: 'named', name: 'id-token', data } });
    const failure = await failureOf(consent.endSignIn(await signIn()));
    expect(failure).toMatchObject({ kind: 'auth', code, party: 'consent' });
  });

  it('refuses a reply of another state, a stolen code, a code twice, and says why the service refused', async () => {
    const { consent, signIn, admin, tenant } = createWorld();
    const reply = await signIn();
    expect(await failureOf(consent.endSignIn({ ...reply, state: 's-2' }))).toMatchObject({ kind: 'auth' });
    const mine = await signIn();
    const stolen = { ...mine, keep: reply.keep };
    expect(await failureOf(consent.endSignIn(stolen))).toMatchObject({ code: 'AADSTS501481' });
    await consent.endSignIn(mine);
    expect(await failureOf(consent.endSignIn(mine))).toMatchObject({
      ...{ code: 'AADSTS54005', party: 'consent', remedy: 'Start the sign-in again.' },
    });
    admin.entra.setPages(tenant, { assignmentRequired: true });
    expect(await failureOf(consent.endSignIn(await signIn()))).toMatchObject({ code: 'AADSTS50105' });
  });
});

describe('the consent page', () => {
  const at = (query: string) => new URL(`${RETURN}?${query}`);
  const tenant = '11111111-1111-4111-8111-111111111111';

  it('is that of the one tenant, with the default scope of the cloud', () => {
    const { consent } = createWorld({ cloud: 'usgov-l5' });
    const url = new URL(consent.consentUrl({ tenant, redirectUri: RETURN, state: 's' }));
    expect(url.origin + url.pathname).toBe(`https://login.microsoftonline.us/${tenant}/v2.0/adminconsent`);
    expect(url.searchParams.get('scope')).toBe('https://dod-graph.microsoft.us/.default');
  });

  it('names a tenant in its reply, and error comes first', () => {
    const { consent } = createWorld();
    expect(consent.readConsent(at(`admin_consent=True&tenant=${tenant.toUpperCase()}&state=s`))).toEqual({
      tenant,
    });
    const refusals: readonly (readonly [string, string, string])[] = [
      [`admin_consent=True&tenant=${tenant}&error=access_denied`, 'access_denied', 'consent'],
      [`error=access_denied&error_description=AADSTS65004: Declined`, 'AADSTS65004', 'consent'],
      [`error=access_denied&error_description=AADSTS90094: x`, 'AADSTS90094', 'consent'],
      ['error=permission_denied', 'permission_denied', 'consent'],
      ['error=server_error', 'server_error', 'service'],
      ['error=<script>', 'error', 'consent'],
      ['tenant=one.example&admin_consent=True', 'consent-reply', 'consent'],
      [`tenant=${tenant}`, 'consent-reply', 'consent'],
      ['admin_consent=True', 'consent-reply', 'consent'],
    ];
    for (const [query, code, party] of refusals) {
      expect(() => consent.readConsent(at(query))).toThrow(expect.objectContaining({ code, party }));
    }
  });
});

describe('the proof', () => {
  it('is a new token, and tells what waiting mends from what it does not', async () => {
    const { consent, admin, tenant } = createWorld();
    expect(await consent.prove({ tenant })).toMatchObject({
      state: 'not-yet',
      error: { code: 'AADSTS7000229' },
    });
    admin.consent(tenant, CLIENT_ID, ['User.Read.All', 'Contacts.ReadWrite']);
    admin.entra.setLag(tenant, CLIENT_ID, { roles: 1 });
    expect(await consent.prove({ tenant })).toMatchObject({ look: { tenant, roles: [] } });
    expect(await consent.prove({ tenant })).toMatchObject({
      look: { tenant, roles: ['Contacts.ReadWrite', 'User.Read.All'], principal: expect.any(String) },
    });
    admin.entra.setTokens(tenant, { opaque: true });
    expect(await consent.prove({ tenant })).toMatchObject({ look: { tenant: null, roles: null } });
    admin.setServicePrincipalEnabled(tenant, CLIENT_ID, false);
    expect(await failureOf(consent.prove({ tenant }))).toMatchObject({
      code: 'AADSTS7000112',
      party: 'tenant',
    });
  });
});

describe('a key on trial', () => {
  it('is accepted or refused by itself, and what is cached stays', async () => {
    const { provider, admin, tenant } = createWorld();
    admin.consent(tenant, CLIENT_ID, ['Contacts.ReadWrite']);
    expect(provider.keyNames).toEqual(['newest']);
    const request = { tenant, scope: SCOPE };
    const before = await provider.getToken(request);
    await provider.tryKey?.({ ...request, key: 'newest' });
    const refused = provider.tryKey?.({ ...request, key: 'other' }) ?? Promise.resolve();
    expect(await failureOf(refused)).toMatchObject({ code: 'AADSTS700027', party: 'operator' });
    expect(await provider.getToken(request)).toBe(before);
  });
});

describe('clouds', () => {
  it.each([
    ['global', 'https://login.microsoftonline.com', 'https://graph.microsoft.com'],
    ['usgov-l4', 'https://login.microsoftonline.us', 'https://graph.microsoft.us'],
    ['usgov-l5', 'https://login.microsoftonline.us', 'https://dod-graph.microsoft.us'],
    ['china', 'https://login.partner.microsoftonline.cn', 'https://microsoftgraph.chinacloudapi.cn'],
  ] as const)('%s has its own sign-in host and its own API', async (cloud, authority, resource) => {
    const { provider, consent, seen, tenant } = createWorld({ cloud });
    expect(provider.home).toEqual({ cloud, resource });
    const signIn = await consent.startSignIn({ redirectUri: RETURN, state: 's' });
    const page = consent.consentUrl({ tenant, redirectUri: RETURN, state: 's' });
    expect([new URL(signIn.url).origin, new URL(page).origin]).toEqual([authority, authority]);
    expect(new URL(page).searchParams.get('scope')).toBe(`${resource}/.default`);
    await consent.prove({ tenant }).catch(() => undefined);
    expect(seen.map(({ origin }) => origin)).toEqual([authority]);
  });
});
