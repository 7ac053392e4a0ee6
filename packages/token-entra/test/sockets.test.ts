import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { ContextOf } from '@tidelock/core';
import { createMicrosoft365 } from '@tidelock/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEntraTokens, EntraOptionsSchema } from '../src/index.ts';
import { createPair } from './key-pairs.ts';
import { CLIENT_ID, createTestWorld, failureOf, SCOPE } from './world.ts';

/** Node's own fetch over TLS on loopback, on the machine's clock: no test here waits. */
describe('over a real socket', () => {
  const emulator = createMicrosoft365();
  const pair = createPair('socket', { notBefore: Date.now() - 1000, notAfter: Date.now() + 3_600_000 });
  const tenant = emulator.admin.createTenant({ domain: 'one.example', displayName: 'One' }).id;
  let served: Awaited<ReturnType<typeof emulator.listen>>;

  beforeAll(async () => {
    emulator.admin.registerApp({ clientId: CLIENT_ID, tenantId: tenant, displayName: 'Tidelock' });
    emulator.admin.addCertificate(CLIENT_ID, pair.certificate.der);
    emulator.admin.consent(tenant, CLIENT_ID, ['Contacts.ReadWrite']);
    served = await emulator.listen();
    setDefaultCACertificates([...getCACertificates('default'), served.caPem ?? '']);
  });
  afterAll(() => served.close());

  const createProvider = () => {
    const world = createTestWorld();
    world.keys.put('newest', pair);
    const context: ContextOf['token'] = {
      ...world.context,
      fetch,
      clock: { now: () => Date.now(), mono: () => performance.now(), sleep: world.clock.sleep },
    };
    const options = { clientId: CLIENT_ID, keys: ['newest'], authority: { url: served.origin, allow: true } };
    return createEntraTokens(EntraOptionsSchema.parse(options), context);
  };

  it('gets a token with one POST', async () => {
    const { token, expiresAt } = await createProvider().getToken({ tenant, scope: SCOPE });
    expect(token.split('.')).toHaveLength(3);
    expect(expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
    const paths = emulator.log.entries.map(({ method, path }) => `${method} ${path}`);
    expect(paths).toEqual([`POST /${tenant}/oauth2/v2.0/token`]);
  });

  it('follows no redirect and takes a dropped connection for an outage', async () => {
    const headers = { location: `${served.origin}/elsewhere` };
    emulator.faults.inject({ fault: { kind: 'status', status: 307, headers } });
    expect(await failureOf(createProvider().getToken({ tenant, scope: SCOPE }))).toMatchObject({
      kind: 'protocol',
      code: 'redirect',
    });
    emulator.faults.inject({ fault: { kind: 'lost', applied: true } });
    expect(await failureOf(createProvider().getToken({ tenant, scope: SCOPE }))).toMatchObject({
      kind: 'unavailable',
      code: 'network',
    });
    expect(emulator.log.entries.some(({ path }) => path === '/elsewhere')).toBe(false);
  });
});
