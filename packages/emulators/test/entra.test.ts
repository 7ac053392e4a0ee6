import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { aadstsErrors, createMicrosoft365 } from '../src/microsoft365/index.ts';
import { allRoles, createTestWorld, makeKey, origin, readAnswer, testKey } from './microsoft365-fixture.ts';

describe('discovery', () => {
  it('describes a tenant by GUID and by domain, and leaves {tenantid} in the shared ones', async () => {
    const { emulator, tenantId } = await createTestWorld();
    for (const key of [tenantId, 'contoso.example', 'CONTOSO.example']) {
      const { body } = await readAnswer(
        await emulator.fetch(`${origin}/${key}/v2.0/.well-known/openid-configuration`),
      );
      expect(body).toMatchObject({
        issuer: `${origin}/${tenantId}/v2.0`,
        token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
      });
    }
    for (const key of ['organizations', 'common']) {
      const { body } = await readAnswer(
        await emulator.fetch(`${origin}/${key}/v2.0/.well-known/openid-configuration`),
      );
      expect(body).toMatchObject({ issuer: `${origin}/{tenantid}/v2.0` });
    }
    const unknown = await readAnswer(
      await emulator.fetch(`${origin}/nowhere.example/v2.0/.well-known/openid-configuration`),
    );
    expect(unknown).toMatchObject({ status: 400, body: { error_codes: [90002] } });
  });
});

describe('token endpoint', () => {
  it('issues a signed token with version 1 claims for a real assertion', async () => {
    const { emulator, getToken, tenantId, clientId } = await createTestWorld();
    const { status, body } = await getToken();
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    const { body: keys } = await readAnswer(
      await emulator.fetch(`${origin}/${tenantId}/discovery/v2.0/keys`),
    );
    const { payload } = await jwtVerify(body.access_token, createLocalJWKSet(keys), {
      currentDate: new Date(emulator.clock.now()),
    });
    expect(payload).toMatchObject({
      aud: 'https://graph.microsoft.com',
      iss: `https://sts.windows.net/${tenantId}/`,
      appid: clientId,
      appidacr: '2',
      tid: tenantId,
      idtyp: 'app',
      roles: [...allRoles].sort(),
      ver: '1.0',
    });
    expect(payload.exp).toBe(Math.floor(emulator.clock.now() / 1000) + 3599);
    expect(payload).not.toHaveProperty('scp');
  });

  it('accepts RS256, the issuer as audience, and the tenant by domain', async () => {
    const { getToken, tenantId } = await createTestWorld();
    expect((await getToken({ header: { alg: 'RS256' } })).status).toBe(200);
    expect((await getToken({ claims: { aud: `${origin}/${tenantId}/v2.0` } })).status).toBe(200);
    expect((await getToken({ tenant: 'contoso.example' })).status).toBe(200);
  });

  it('refuses assertions that are not right', async () => {
    const { getToken, clock } = await createTestWorld();
    const now = Math.floor(clock.now() / 1000);
    const key = await testKey();
    const stranger = await makeKey();
    const cases: [number, Parameters<typeof getToken>[0]][] = [
      [700027, { key: stranger }],
      [700027, { key: { ...stranger, x5t: key.x5t } }],
      [5002723, { header: { 'x5t#S256': undefined } }],
      [50048, { claims: { sub: 'someone' } }],
      [700021, { claims: { iss: 'other', sub: 'other' } }],
      [50027, { claims: { aud: 'https://elsewhere.example' } }],
      [90014, { claims: { aud: undefined } }],
      [700024, { claims: { exp: now - 301 } }],
      [700024, { claims: { nbf: now + 301 } }],
      [50027, { form: { client_assertion: 'garbage' } }],
      [7000218, { form: { client_assertion: '' } }],
      [7000215, { form: { client_assertion: '', client_secret: 'x' } }],
      [900144, { form: { client_id: '' } }],
      [900144, { form: { scope: '' } }],
      [900144, { form: { grant_type: '' } }],
      [70003, { form: { grant_type: 'password' } }],
      [700016, { form: { client_id: '99999999-0000-4000-8000-000000000000' } }],
      [1002012, { form: { scope: 'https://graph.microsoft.com/Contacts.Read' } }],
      [700022, { form: { scope: 'https://graph.microsoft.com/.default https://other.example/.default' } }],
      [500011, { form: { scope: 'https://graph.microsoft.us/.default' } }],
      [90002, { tenant: '99999999-0000-4000-8000-000000000000' }],
      [900021, { tenant: '00000000-0000-0000-0000-000000000000' }],
      [900023, { tenant: 'nonsense' }],
      [9001023, { tenant: 'common' }],
    ];
    for (const [code, request] of cases) {
      const { status, body } = await getToken(request);
      expect([code, body.error_codes]).toEqual([code, [code]]);
      expect(status).toBe(aadstsErrors[code]?.status);
      expect(body.error).toBe(aadstsErrors[code]?.error);
      expect(body.error_description).toContain(`AADSTS${code}: `);
      expect(body.error_description).toContain(
        `Trace ID: ${body.trace_id} Correlation ID: ${body.correlation_id}`,
      );
    }
    expect((await getToken({ claims: { exp: now - 299 } })).status).toBe(200);
    expect((await getToken({ claims: { nbf: now + 299 } })).status).toBe(200);
  });

  it('refuses an assertion meant for another tenant', async () => {
    const { emulator, getToken, clientId, tenantId } = await createTestWorld();
    const other = emulator.admin.createTenant({ domain: 'fabrikam.example', displayName: 'Fabrikam' });
    emulator.admin.consent(other.id, clientId, allRoles);
    const audience = `${origin}/${tenantId}/oauth2/v2.0/token`;
    expect((await getToken({ tenant: other.id, claims: { aud: audience } })).body.error_codes).toEqual([
      50027,
    ]);
    expect((await getToken({ tenant: other.id })).status).toBe(200);
  });

  it('knows certificates: several at once, removed, expired, not yet valid', async () => {
    const { emulator, getToken, clientId } = await createTestWorld();
    const next = await makeKey();
    const { x5t } = emulator.admin.addCertificate(clientId, next.der);
    expect(x5t).toBe(next.x5t);
    expect((await getToken({ key: next })).status).toBe(200);
    expect((await getToken()).status).toBe(200);
    expect(emulator.admin.removeCertificate(clientId, x5t)).toBe(true);
    expect((await getToken({ key: next })).body.error_description).toContain('The key was not found');
    const old = await makeKey({ from: '2025-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' });
    emulator.admin.addCertificate(clientId, old.certPem);
    expect((await getToken({ key: old })).body.error_description).toContain('The key used is expired');
    const early = await makeKey({ from: '2027-01-01T00:00:00Z' });
    emulator.admin.addCertificate(clientId, early.certPem);
    expect((await getToken({ key: early })).body.error_codes).toEqual([7000274]);
  });

  it('knows consent: missing, disabled, lagging, revoked, removed', async () => {
    const { emulator, getToken, clientId, tenantId } = await createTestWorld();
    const { admin } = emulator;
    const other = admin.createTenant({ domain: 'fabrikam.example', displayName: 'Fabrikam' });
    expect((await getToken({ tenant: other.id })).body.error_codes).toEqual([7000229]);
    admin.setServicePrincipalEnabled(tenantId, clientId, false);
    expect((await getToken()).body.error_codes).toEqual([7000112]);
    admin.setServicePrincipalEnabled(tenantId, clientId, true);
    admin.entra.setLag(tenantId, clientId, { principal: 1, roles: 1 });
    expect((await getToken()).body.error_codes).toEqual([700016]);
    expect(decodeJwt((await getToken()).body.access_token)).not.toHaveProperty('roles');
    expect(decodeJwt((await getToken()).body.access_token).roles).toHaveLength(allRoles.length);
    admin.revoke(tenantId, clientId, ['Contacts.ReadWrite']);
    expect(decodeJwt((await getToken()).body.access_token).roles).toHaveLength(allRoles.length - 1);
    admin.revoke(tenantId, clientId);
    expect(decodeJwt((await getToken()).body.access_token)).not.toHaveProperty('roles');
    admin.removeServicePrincipal(tenantId, clientId);
    expect((await getToken()).body.error_codes).toEqual([700016]);
  });

  it('fails on demand with every code of its table, in one tenant only', async () => {
    const { emulator, getToken, tenantId, clientId } = await createTestWorld();
    const other = emulator.admin.createTenant({ domain: 'fabrikam.example', displayName: 'Fabrikam' });
    emulator.admin.consent(other.id, clientId, allRoles);
    const codes = Object.keys(aadstsErrors).map(Number);
    expect(codes).toHaveLength(91);
    for (const code of codes) {
      emulator.admin.entra.fail(tenantId, code);
      const { status, body } = await getToken();
      expect([status, body.error, body.error_codes]).toEqual([
        aadstsErrors[code]?.status,
        aadstsErrors[code]?.error,
        [code],
      ]);
    }
    emulator.admin.entra.fail(tenantId, 90033, { times: 2 });
    expect((await getToken({ tenant: other.id })).status).toBe(200);
    expect((await getToken()).status).toBe(503);
    expect((await getToken()).status).toBe(503);
    expect((await getToken()).status).toBe(200);
  });

  it('obeys token settings and scripted faults', async () => {
    const { emulator, getToken, tenantId, graph, ann, clock } = await createTestWorld();
    emulator.admin.entra.setTokens(tenantId, { expiresIn: 302, refreshIn: 100, opaque: true });
    const { body } = await getToken();
    expect(body).toMatchObject({ expires_in: 302, refresh_in: 100 });
    expect(body.access_token).not.toContain('.');
    expect((await graph('GET', `/users/${ann}/contacts`, { token: body.access_token })).status).toBe(200);
    clock.advance(302_000);
    expect((await graph('GET', `/users/${ann}/contacts`, { token: body.access_token })).status).toBe(401);
    const match = { method: 'POST', path: /oauth2\/v2\.0\/token/ };
    emulator.faults.inject({
      match,
      fault: { kind: 'status', status: 502, body: '<html>Bad gateway</html>' },
    });
    const gateway = await getToken();
    expect([gateway.status, gateway.headers.get('content-type')]).toEqual([502, 'text/html']);
    emulator.faults.inject({ match, fault: { kind: 'lost', applied: false } });
    await expect(getToken()).rejects.toThrow('dropped');
  });

  it('hides no path and answers 404 elsewhere', async () => {
    const emulator = createMicrosoft365();
    expect((await emulator.fetch(`${origin}/nothing`)).status).toBe(404);
  });
});
