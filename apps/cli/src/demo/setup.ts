import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ConfigInput, openSecrets } from '@tidelock/host';
import { stringify } from 'yaml';
import { UsageError } from '../failure.ts';
import { DEMO_USERS } from './population.ts';
import { GRANTED, type Services } from './services.ts';

const ENTRA_KEY = 'entra-2026';
const CRM_KEY = 'crm-2026';
const HEAD = `# Written by "tidelock demo". A real one differs in the tenant, the client id and the two test endpoints.
`;

/** The folder of the demo: configuration and data of a real set-up. */
export interface Folder {
  readonly path: string;
  readonly configPath: string;
  /** Removes it, unless the person named it. */
  remove(): Promise<void>;
}

/** A temporary folder, or the empty or new one that `dir` names. */
export async function openFolder(dir: string | undefined): Promise<Folder> {
  if (dir === undefined) {
    const path = await mkdtemp(join(tmpdir(), 'tidelock-demo-'));
    const remove = () => rm(path, { recursive: true, force: true });
    return { path, configPath: join(path, 'tidelock.yaml'), remove };
  }
  const path = resolve(dir);
  const refuse = (reason: string): never => {
    throw new UsageError([
      { path: '--dir', reason, remedy: 'Name a new or an empty folder that you may write to.' },
    ]);
  };
  const entries = await mkdir(path, { recursive: true, mode: 0o700 })
    .then(() => readdir(path))
    .catch(() => refuse(`${path} cannot be created or read`));
  if (entries.length > 0) refuse(`${path} is not empty`);
  return { path, configPath: join(path, 'tidelock.yaml'), remove: async () => {} };
}

/** How the page is served: where, so that the emulated service can push to it, and at a pace for people who watch. */
const served = (origin: string): Partial<ConfigInput> => ({
  push: { origin },
  schedule: {
    mailbox: { floorSeconds: 2, ceilingSeconds: 30 },
    crm: { floorSeconds: 1, ceilingSeconds: 1 },
  },
});

/** With `page`, its address, nothing is connected yet: the page is to do it. */
function configOf({ crm, reach, tenantId, clientId }: Services, page: string | null): ConfigInput {
  const isConnected = page === null;
  const entra = reach.microsoft365.origin;
  const pages = new URL(reach.microsoft365.page).origin.replace('127.0.0.1', 'localhost');
  return {
    version: 1,
    data: 'data',
    secrets: {
      adapter: '@tidelock/secrets-file',
      options: { keys: [{ keyFile: 'master.key', create: true }] },
    },
    state: { adapter: '@tidelock/state-sqlite' },
    token: {
      adapter: '@tidelock/token-entra',
      options: { clientId, keys: [ENTRA_KEY], authority: { url: entra, pages, allow: true } },
    },
    mailbox: {
      adapter: '@tidelock/mailbox-exchange',
      options: {
        tenant: isConnected ? tenantId : { secret: 'tenant-id' },
        endpoint: { url: entra, allow: true },
      },
    },
    crm: {
      adapter: crm.adapter,
      options: crm.options({ origin: reach.crm.origin, key: CRM_KEY }),
    },
    profiles: { demo: { contacts: { records: 'own' }, events: { notify: 'hold' } } },
    defaultProfile: 'demo',
    mailboxes: isConnected ? DEMO_USERS.map(({ address }) => ({ address })) : [],
    sync: { master: 'crm', region: 'US' },
    network: { ca: ['microsoft365-ca.pem', 'crm-ca.pem'] },
    ...(page === null ? {} : served(page)),
  };
}

const toPem = (der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

/** What the connection rests on, for people. */
export interface Connection {
  /** First bytes of the certificate's SHA-256. */
  readonly thumbprint: string;
  readonly days: number;
  readonly roles: readonly string[];
}

/**
 * What whoever installs Tidelock does once: writes the configuration, has the two key pairs made where they stay, and gives
 * their public certificates to the two services. Without a `page` the tenant's administrator has consented as well.
 */
export async function connect(
  folder: Folder,
  services: Services,
  { page }: { readonly page: string | null },
): Promise<Connection> {
  const { reach, microsoft365, tenantId, clientId } = services;
  await writeFile(join(folder.path, 'microsoft365-ca.pem'), reach.microsoft365.caPem);
  await writeFile(join(folder.path, 'crm-ca.pem'), reach.crm.caPem);
  await writeFile(folder.configPath, HEAD + stringify(configOf(services, page)), { mode: 0o600 });
  const opened = await openSecrets({ configPath: folder.configPath, resolveFrom: import.meta.url });
  try {
    const { keys } = opened.secrets;
    const entra = await keys.create(ENTRA_KEY, { commonName: 'Tidelock demo' });
    const crm = await keys.create(CRM_KEY, { commonName: 'Tidelock demo CRM' });
    microsoft365.admin.addCertificate(clientId, toPem(entra.der));
    if (page === null) microsoft365.admin.consent(tenantId, clientId, GRANTED);
    services.crm.trust(toPem(crm.der));
    const days = Math.round((entra.notAfter - entra.notBefore) / 86_400_000);
    return { thumbprint: entra.sha256.slice(0, 16), days, roles: GRANTED };
  } finally {
    await opened.close();
  }
}
