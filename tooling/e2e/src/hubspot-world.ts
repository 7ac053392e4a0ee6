import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import {
  createHubSpot,
  createMicrosoft365,
  type HubSpot,
  type Microsoft365Emulator,
} from '@tidelock/emulators';
import { type ConfigInput, createPlatform, createSystemRandom } from '@tidelock/host';
import { stringify } from 'yaml';
import { createSharedClock, type SharedClock } from './clock.ts';
import { KEY_NAME, SECRETS_OPTIONS, sharedKeyFolder } from './key-folder.ts';
import { CLIENT_ID, ROLES } from './stage.ts';
import { START } from './world.ts';

const ADDRESS = 'ann@contoso.example';
const quiet = (): void => {};

/** The product between Exchange Online and HubSpot, over sockets, on time that the test controls. */
export interface HubSpotWorld extends AsyncDisposable {
  readonly graph: Microsoft365Emulator;
  readonly hubspot: HubSpot;
  readonly clock: SharedClock;
  readonly mailboxId: string;
  sync(): ReturnType<Awaited<ReturnType<Awaited<ReturnType<typeof createPlatform>>['engine']>>['sync']>;
  /** Requests that both services have answered. */
  requests(): number;
}

function configOf(of: { graphUrl: string; crmUrl: string; tenantId: string; token: string }): ConfigInput {
  const endpoint = { url: of.graphUrl, allow: true };
  return {
    version: 1,
    data: 'data',
    secrets: { adapter: '@tidelock/secrets-file', options: SECRETS_OPTIONS },
    state: { adapter: '@tidelock/state-sqlite', options: { file: ':memory:' } },
    token: {
      adapter: '@tidelock/token-entra',
      options: { clientId: CLIENT_ID, keys: [KEY_NAME], authority: endpoint },
    },
    mailbox: { adapter: '@tidelock/mailbox-exchange', options: { tenant: of.tenantId, endpoint } },
    crm: {
      adapter: '@tidelock/crm-hubspot',
      options: { token: of.token, baseUrl: of.crmUrl, endpoint: { allow: true } },
    },
    mailboxes: [{ address: ADDRESS, records: 'all' }],
    sync: { recoveryHoldSeconds: 0 },
    log: { level: 'silent' },
  };
}

export async function createHubSpotWorld(): Promise<HubSpotWorld> {
  const clock = createSharedClock(START);
  const key = await sharedKeyFolder(START - 86_400_000);
  const graph = createMicrosoft365({ clock: clock.emulator, seed: 11, churn: { share: 0 } });
  const hubspot = createHubSpot({ clock: clock.emulator, seed: 12 });
  const { id: tenantId } = graph.admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
  graph.admin.registerApp({ clientId: CLIENT_ID, tenantId, displayName: 'Tidelock' });
  graph.admin.addCertificate(CLIENT_ID, key.pem);
  graph.admin.consent(tenantId, CLIENT_ID, ROLES);
  const mailboxId = graph.admin.addUser(tenantId, { mail: ADDRESS, displayName: 'Ann' }).id;
  hubspot.admin.addOwner({ email: ADDRESS });
  hubspot.admin.addProperty('contacts', { name: 'tidelock_key', hasUniqueValue: true });
  const { token } = hubspot.admin.createPrivateApp({ name: 'Tidelock' });
  const [graphServed, crmServed] = await Promise.all([graph.listen(), hubspot.listen()]);
  setDefaultCACertificates([graphServed.caPem ?? '', crmServed.caPem ?? '']);
  const folder = mkdtempSync(join(tmpdir(), 'tidelock-e2e-'));
  mkdirSync(join(folder, 'data'), { recursive: true, mode: 0o700 });
  key.copyTo(join(folder, 'data'));
  const configPath = join(folder, 'tidelock.yaml');
  const config = configOf({ graphUrl: graphServed.origin, crmUrl: crmServed.origin, tenantId, token });
  writeFileSync(configPath, stringify(config));
  const platform = await createPlatform({
    configPath,
    resolveFrom: import.meta.url,
    overrides: {
      fetch: (input, init) =>
        clock.busy(async () => {
          const answer = await fetch(input, init);
          const bytes = await answer.arrayBuffer();
          const { status, headers } = answer;
          return new Response([204, 205, 304].includes(status) ? null : bytes, { status, headers });
        }),
      clock: clock.product,
      random: createSystemRandom(),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    },
    env: {},
  });
  const engine = await platform.engine();
  await engine.prepare();
  return {
    graph,
    hubspot,
    clock,
    mailboxId,
    sync: () => engine.sync(),
    requests: () => graph.log.count({ path: /\/v1\.0/ }) + hubspot.log.count(),
    async [Symbol.asyncDispose]() {
      clock.close();
      await platform.close();
      await Promise.all([graphServed.close(), crmServed.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
