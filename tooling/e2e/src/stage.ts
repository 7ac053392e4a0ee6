import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createMicrosoft365,
  createSalesforce,
  type EmulatorClock,
  type Microsoft365Emulator,
  type Microsoft365Options,
  type Salesforce,
  type SalesforceOptions,
} from '@tidelock/emulators';
import type { ConfigInput } from '@tidelock/host';
import { createExchangeCheck, type ExchangeCheck, hasSlice } from '@tidelock-tooling/openapi';
import { stringify } from 'yaml';
import { KEY_NAME, type KeyFolder, SECRETS_OPTIONS } from './key-folder.ts';

export const CLIENT_ID = '6a1f0a3e-52a4-4a3c-9a55-0d8f5f6b7c11';
export const CONSUMER_KEY = '3MVG9.e2e.consumer';
export const ROLES = ['Contacts.ReadWrite', 'User.Read.All'];
const INTEGRATION_USER = 'tidelock@crm.example';

export interface Person {
  /** Local part of the addresses on both sides. */
  readonly name: string;
  readonly mailboxId: string;
  readonly address: string;
  readonly crmUserId: string;
}

export interface StageOptions {
  /** Local parts of the mailboxes' addresses. Default: ann. */
  readonly mailboxes?: readonly string[];
  /** Default `all`: one mailbox sees every CRM record. */
  readonly records?: 'own' | 'all';
  readonly sync?: ConfigInput['sync'];
  readonly mappingExtra?: ConfigInput['mappingExtra'];
  /** Merged into the mailbox adapter's options. */
  readonly exchange?: Readonly<Record<string, unknown>>;
  readonly stateFile?: string;
  /** Default: SQLite in `stateFile`, or in memory. */
  readonly state?: ConfigInput['state'] | undefined;
  readonly graph?: Microsoft365Options;
  readonly crm?: Partial<SalesforceOptions>;
}

/** Two emulated services on loopback TLS, set up as administrators would, and a configuration that names them. */
export interface Stage {
  readonly graph: Microsoft365Emulator;
  readonly crm: Salesforce;
  readonly tenantId: string;
  readonly people: Readonly<Record<string, Person>>;
  readonly folder: string;
  readonly dataDir: string;
  readonly configPath: string;
  readonly config: ConfigInput;
  readonly authorities: readonly string[];
  /** What the OpenAPI check found so far. */
  readonly violations: readonly string[];
  /** Exchanges that were checked. */
  readonly checked: () => number;
  writeConfig(config: unknown): void;
  /** Fails when an exchange with the emulated Graph broke the published description. */
  close(): Promise<void>;
}

let check: ExchangeCheck | undefined;

function watchGraph(graph: Microsoft365Emulator): { violations: string[]; checked: () => number } {
  const violations: string[] = [];
  let checked = 0;
  if (hasSlice) {
    check ??= createExchangeCheck();
    const judge = check;
    graph.log.on((exchange) => {
      checked += 1;
      violations.push(...judge(exchange));
    });
  }
  return { violations, checked: () => checked };
}

function setUpGraph(graph: Microsoft365Emulator, key: KeyFolder): string {
  const { id: tenantId } = graph.admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
  graph.admin.registerApp({ clientId: CLIENT_ID, tenantId, displayName: 'Tidelock' });
  graph.admin.addCertificate(CLIENT_ID, key.pem);
  graph.admin.consent(tenantId, CLIENT_ID, ROLES);
  return tenantId;
}

function setUpCrm(crm: Salesforce, key: KeyFolder): void {
  const { admin } = crm;
  const userId = admin.addUser({ username: INTEGRATION_USER, firstName: 'Tide', lastName: 'Lock' });
  admin.registerApp({ consumerKey: CONSUMER_KEY, certPem: key.pem });
  admin.approve(userId, CONSUMER_KEY);
  admin.enableNameFields();
  const custom = { type: 'string', length: 255 } as const;
  admin.addField('Contact', {
    name: 'TidelockKey__c',
    type: 'string',
    length: 64,
    unique: true,
    externalId: true,
  });
  for (const name of ['Email2__c', 'Email3__c']) admin.addField('Contact', { name, type: 'email' });
  admin.addField('Contact', { name: 'WebPage__c', type: 'url' });
  admin.addField('Contact', { name: 'Manager__c', ...custom });
}

function configOf(of: {
  options: StageOptions;
  graphUrl: string;
  crmUrl: string;
  tenantId: string;
  people: readonly Person[];
}): ConfigInput {
  const { options, graphUrl, crmUrl } = of;
  return {
    version: 1,
    data: 'data',
    secrets: { adapter: '@tidelock/secrets-file', options: SECRETS_OPTIONS },
    state: options.state ?? {
      adapter: '@tidelock/state-sqlite',
      options: { file: options.stateFile ?? ':memory:' },
    },
    token: {
      adapter: '@tidelock/token-entra',
      options: { clientId: CLIENT_ID, keys: [KEY_NAME], authority: { url: graphUrl, allow: true } },
    },
    mailbox: {
      adapter: '@tidelock/mailbox-exchange',
      options: { tenant: of.tenantId, endpoint: { url: graphUrl, allow: true }, ...options.exchange },
    },
    crm: {
      adapter: '@tidelock/crm-salesforce',
      options: {
        loginUrl: crmUrl,
        auth: { flow: 'jwt', consumerKey: CONSUMER_KEY, username: INTEGRATION_USER, key: KEY_NAME },
        dailyShare: 1,
        endpoint: { allow: true },
      },
    },
    mailboxes: of.people.map((person) => ({ address: person.address, records: options.records ?? 'all' })),
    sync: { recoveryHoldSeconds: 0, ...options.sync },
    ...(options.mappingExtra === undefined ? {} : { mappingExtra: options.mappingExtra }),
    network: { ca: ['graph-ca.pem', 'crm-ca.pem'] },
    log: { level: 'silent' },
  };
}

export async function createStage(
  clock: EmulatorClock,
  key: KeyFolder,
  options: StageOptions = {},
): Promise<Stage> {
  const graph = createMicrosoft365({
    clock,
    seed: 11,
    churn: { share: 0 },
    keepExchanges: 2_000,
    ...options.graph,
  });
  const crm = createSalesforce({ clock, seed: 12, ...options.crm });
  const tenantId = setUpGraph(graph, key);
  setUpCrm(crm, key);
  const watch = watchGraph(graph);
  const [graphServed, crmServed] = await Promise.all([graph.listen(), crm.listen()]);
  const people = (options.mailboxes ?? ['ann']).map((name): Person => {
    const address = `${name}@contoso.example`;
    const mailboxId = graph.admin.addUser(tenantId, { mail: address, displayName: name }).id;
    const crmUserId = crm.admin.addUser({ username: `${name}@crm.example`, email: address, lastName: name });
    return { name, mailboxId, address, crmUserId };
  });
  const folder = mkdtempSync(join(tmpdir(), 'tidelock-e2e-'));
  const dataDir = join(folder, 'data');
  const configPath = join(folder, 'tidelock.yaml');
  const authorities = [graphServed.caPem ?? '', crmServed.caPem ?? ''];
  key.copyTo(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'graph-ca.pem'), authorities[0] ?? '');
  writeFileSync(join(folder, 'crm-ca.pem'), authorities[1] ?? '');
  const config = configOf({
    options,
    graphUrl: graphServed.origin,
    crmUrl: crmServed.origin,
    tenantId,
    people,
  });
  const writeConfig = (value: unknown): void => writeFileSync(configPath, stringify(value));
  writeConfig(config);
  return {
    graph,
    crm,
    tenantId,
    people: Object.fromEntries(people.map((person) => [person.name, person])),
    folder,
    dataDir,
    configPath,
    config,
    authorities,
    ...watch,
    writeConfig,
    async close() {
      await Promise.all([graphServed.close(), crmServed.close()]);
      rmSync(folder, { recursive: true, force: true });
      if (watch.violations.length > 0) {
        const texts = [...new Set(watch.violations)].join('\n');
        throw new Error(`exchanges with Graph break its description:\n${texts}`);
      }
    },
  };
}
