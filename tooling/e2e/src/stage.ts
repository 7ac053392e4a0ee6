import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CrmVendor,
  createHubSpotCrm,
  createMicrosoft365,
  createSalesforceCrm,
  type EmulatedCrm,
  type EmulatorClock,
  type HubSpot,
  type Microsoft365Emulator,
  type Microsoft365Options,
  type Salesforce,
} from '@tidelock/emulators';
import type { ConfigInput } from '@tidelock/host';
import {
  createExchangeCheck,
  createHubSpotCheck,
  type ExchangeCheck,
  hasHubSpotSlices,
  hasSlice,
} from '@tidelock-tooling/openapi';
import { stringify } from 'yaml';
import { KEY_NAME, type KeyFolder, SECRETS_OPTIONS } from './key-folder.ts';

export const CLIENT_ID = '6a1f0a3e-52a4-4a3c-9a55-0d8f5f6b7c11';
export const ROLES = ['Contacts.ReadWrite', 'Calendars.ReadWrite', 'User.Read.All'];

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
  /** Default true: exchanges are compared with what their services publish, which takes time. */
  readonly judged?: boolean;
  /** Default: Salesforce. */
  readonly vendor?: CrmVendor;
  /** When it is, milliseconds since 1970. Default: the one time of all tests. */
  readonly start?: number;
  /** E-mails that the product may make Exchange send while this stage stands. Default: none. */
  readonly mails?: number;
}

/** Two emulated services on loopback TLS, set up as administrators would, and a configuration that names them. */
export interface Stage {
  readonly graph: Microsoft365Emulator;
  /** Whichever CRM it is, under the names that all of them share. */
  readonly crm: EmulatedCrm;
  /** The emulator itself, for what only this CRM has. Any use throws where it is another one. */
  readonly salesforce: Salesforce;
  readonly hubspot: HubSpot;
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
  /** Fails when an exchange with an emulated service broke its published description, or could have sent e-mail to people. */
  close(): Promise<void>;
}

type Log = Stage['crm']['log'];

/** Made once: to compile a description takes a while. */
const made = new Map<string, ExchangeCheck>();

function checkFor(name: string, create: () => ExchangeCheck): ExchangeCheck {
  const check = made.get(name) ?? create();
  made.set(name, check);
  return check;
}

/** Judges every exchange with a service whose description is at hand. */
function watchExchanges(graph: { readonly log: Log }, crm: EmulatedCrm) {
  const violations: string[] = [];
  let checked = 0;
  const watch = (log: Log, judge: ExchangeCheck): void => {
    log.on((exchange) => {
      checked += 1;
      violations.push(...judge(exchange));
    });
  };
  if (hasSlice) watch(graph.log, checkFor('graph', createExchangeCheck));
  if (crm.vendor === 'hubspot' && hasHubSpotSlices) watch(crm.log, checkFor('hubspot', createHubSpotCheck));
  return { violations, checked: () => checked };
}

function setUpGraph(graph: Microsoft365Emulator, key: KeyFolder): string {
  const { id: tenantId } = graph.admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
  graph.admin.registerApp({ clientId: CLIENT_ID, tenantId, displayName: 'Tidelock' });
  graph.admin.addCertificate(CLIENT_ID, key.pem);
  graph.admin.consent(tenantId, CLIENT_ID, ROLES);
  return tenantId;
}

type Side = Pick<Stage, 'crm' | 'salesforce' | 'hubspot'>;

/** Whoever uses it has taken one CRM for another. */
const absent = <T extends object>(vendor: CrmVendor): T =>
  new Proxy({} as T, {
    get() {
      throw new Error(`the CRM of this stage is ${vendor}`);
    },
  });

function createSide(vendor: CrmVendor, clock: EmulatorClock): Side {
  if (vendor === 'salesforce') {
    const crm = createSalesforceCrm({ clock, seed: 12 });
    return { crm, salesforce: crm.emulator, hubspot: absent(vendor) };
  }
  const crm = createHubSpotCrm({ clock, seed: 12 });
  return { crm, hubspot: crm.emulator, salesforce: absent(vendor) };
}

/** What is tighter than the default in tests would be a limit of the tests. */
const ADAPTER_OPTIONS: Readonly<Record<CrmVendor, Readonly<Record<string, unknown>>>> = {
  salesforce: { dailyShare: 1 },
  hubspot: {},
};

function configOf(of: {
  options: StageOptions;
  crm: EmulatedCrm;
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
      adapter: of.crm.adapter,
      options: {
        ...of.crm.options({ origin: crmUrl, key: KEY_NAME }),
        ...ADAPTER_OPTIONS[of.crm.vendor],
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
  const side = createSide(options.vendor ?? 'salesforce', clock);
  const { crm } = side;
  const tenantId = setUpGraph(graph, key);
  crm.trust(key.pem);
  const watch = options.judged === false ? { violations: [], checked: () => 0 } : watchExchanges(graph, crm);
  const [graphServed, crmServed] = await Promise.all([graph.listen(), crm.listen()]);
  const people = (options.mailboxes ?? ['ann']).map((name): Person => {
    const address = `${name}@contoso.example`;
    const mailboxId = graph.admin.addUser(tenantId, { mail: address, displayName: name }).id;
    const crmUserId = crm.addUser({ email: address, name });
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
    crm,
    graphUrl: graphServed.origin,
    crmUrl: crmServed.origin,
    tenantId,
    people,
  });
  const writeConfig = (value: unknown): void => writeFileSync(configPath, stringify(value));
  writeConfig(config);
  return {
    ...side,
    graph,
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
      const sent = graph.oracle.mails({ by: 'app' }).map(({ kind, to }) => ({ method: kind, path: to }));
      const tooMany = sent.length > (options.mails ?? 0) ? sent : [];
      const mails = [...tooMany, ...graph.oracle.mailRequests(), ...crm.mailRequests()];
      if (mails.length > 0) {
        const texts = [...new Set(mails.map(({ method, path }) => `${method} ${path}`))].join('\n');
        throw new Error(`requests that may send e-mail to people:\n${texts}`);
      }
      if (watch.violations.length > 0) {
        const texts = [...new Set(watch.violations)].join('\n');
        throw new Error(`exchanges break the description of their service:\n${texts}`);
      }
    },
  };
}
