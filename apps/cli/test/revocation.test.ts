import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Emulation, startEmulation } from '../src/emulation.ts';
import { EXIT, runIn } from './fake-sides.ts';

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
let emulation: Emulation;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-revocation-'));
  const options = { folder: join(folder, 'out'), contacts: 1, crm: 'salesforce' } as const;
  emulation = await startEmulation({ env: {} }, options);
  expect((await run('sync')).code).toBe(EXIT.ok);
});
afterEach(async () => {
  await emulation.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (words: string) => runIn(folder, `${words} --config ${emulation.configPath}`);

const ROLES = ['Contacts.ReadWrite', 'User.Read.All'];
type Directory = Emulation['microsoft365']['admin'];

const acts: readonly (readonly [string, (admin: Directory, tenant: string, app: string) => void, string])[] =
  [
    [
      'removes the app',
      (admin, tenant, app) => admin.removeServicePrincipal(tenant, app),
      'run Connect again',
    ],
    [
      'disables the app',
      (admin, tenant, app) => admin.setServicePrincipalEnabled(tenant, app, false),
      'Enable the enterprise application',
    ],
    [
      'is blocked from our address',
      (admin, tenant) => admin.entra.fail(tenant, 53003, { times: 1_000 }),
      'allow the address this server calls from',
    ],
  ];

test.each(acts)(
  'an organisation that %s: sync, status and doctor say so, and it heals by itself',
  async (_act, act, remedy) => {
    const { admin } = emulation.microsoft365;
    const { tenantId, clientId } = emulation;
    act(admin, tenantId, clientId);
    expect((await run('sync')).code).toBe(EXIT.auth);
    const status = await run('status');
    expect([status.code, status.out]).toEqual([EXIT.partial, expect.stringContaining(remedy)]);
    const stands = async () => JSON.parse((await run('status --json')).out).connection.state;
    expect(await stands()).toBe('broken');
    const doctor = await run('doctor');
    expect([doctor.code, doctor.out]).toEqual([EXIT.auth, expect.stringContaining(remedy)]);
    admin.entra.clearFailures(tenantId);
    admin.consent(tenantId, clientId, ROLES);
    admin.setServicePrincipalEnabled(tenantId, clientId, true);
    expect((await run('sync')).code).toBe(EXIT.ok);
    expect((await run('status')).code).toBe(EXIT.ok);
    expect(await stands()).toBe('connected');
  },
);
