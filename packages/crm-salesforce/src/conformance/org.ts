import type {
  AdapterContext,
  ContextOf,
  CrmPort,
  CrmScope,
  LogData,
  RecordStore,
  Secrets,
} from '@tidelock/core';
import {
  createSalesforce as createEmulator,
  createManualClock,
  type ManualClock,
  type Salesforce,
} from '@tidelock/emulators';
import { createSalesforce, type SalesforceOptionsInput, SalesforceOptionsSchema } from '../index.ts';

export const START = Date.parse('2026-08-01T06:00:00.250Z');
export const INSTANCE = 'https://emulated.my.salesforce.com';
export const CONSUMER_KEY = '3MVG9consumer';
export const SECRET = 'the-consumer-secret-0f9e8d';
/** Waits up to this long pass by themselves; longer ones are deadlines. */
const SELF_PASSING_MS = 10_000;

export interface TestOrg {
  readonly sf: Salesforce;
  readonly emulatorClock: ManualClock;
  readonly userId: string;
  readonly port: CrmPort;
  readonly logged: string[];
  open(properties?: readonly string[]): RecordStore;
  /** Requests to the API and the token endpoint, and their paths, since the start or the last `clear`. */
  readonly requests: string[];
  /** Answers in place of the emulator, or changes its answer. */
  intercept: ((request: Request, forward: () => Promise<Response>) => Promise<Response>) | null;
}

export interface TestOrgOptions {
  readonly adapter?: Partial<SalesforceOptionsInput>;
  /** False leaves the stamp field out. */
  readonly stampField?: boolean;
  readonly secrets?: Secrets;
  readonly emulator?: Parameters<typeof createEmulator>[0]['settings'];
}

const noSecrets = (): never => {
  throw new Error('no secrets in this test');
};

export const NO_SECRETS: Secrets = {
  abilities: { store: false, keys: false, wrapper: false, compareAndSet: false, versions: false },
  store: { get: noSecrets, put: noSecrets, remove: noSecrets, list: noSecrets },
  keys: { signer: noSecrets, create: noSecrets, import: noSecrets, list: noSecrets, remove: noSecrets },
  wrapper: { wrap: noSecrets, unwrap: noSecrets },
  close: async () => {},
};

export function createTestClock(emulatorClock: ManualClock): AdapterContext['clock'] {
  return {
    now: () => emulatorClock.now(),
    mono: () => emulatorClock.now() - START,
    async sleep(ms, signal) {
      if (ms > SELF_PASSING_MS) return emulatorClock.sleep(ms, signal);
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      emulatorClock.advance(ms);
    },
  };
}

function createContext(
  org: Pick<TestOrg, 'logged'>,
  clock: AdapterContext['clock'],
  fetch: AdapterContext['fetch'],
) {
  const log = (event: string, data?: LogData): void =>
    void org.logged.push(JSON.stringify({ event, ...data }));
  const random = {
    next: () => 0.5,
    uuid: () => '00000000-0000-4000-8000-000000000001',
  };
  return {
    fetch,
    clock,
    random,
    log: { debug: log, info: log, warn: log, error: log },
    dataDir: '/nowhere',
    token: { getToken: noSecrets } as unknown as ContextOf['crm']['token'],
  };
}

/** An emulated org with the integration user, the app and the stamp field, and the adapter on it. */
export function createTestOrg(options: TestOrgOptions = {}): TestOrg {
  const emulatorClock = createManualClock(START);
  const sf = createEmulator({
    clock: emulatorClock,
    seed: 7,
    ...(options.emulator ? { settings: options.emulator } : {}),
  });
  const userId = sf.admin.addUser({ username: 'tidelock@example.com', firstName: 'Tide', lastName: 'Lock' });
  sf.admin.registerApp({ consumerKey: CONSUMER_KEY, secret: SECRET, runAs: userId });
  if (options.stampField !== false) {
    sf.admin.addField('Contact', {
      name: 'TidelockKey__c',
      type: 'string',
      length: 64,
      unique: true,
      externalId: true,
    });
  }
  if (options.stampField !== false) {
    sf.admin.addField('Activity', {
      name: 'TidelockKey__c',
      type: 'string',
      length: 64,
      unique: true,
      externalId: true,
    });
  }
  sf.admin.addField('Activity', { name: 'TidelockUid__c', type: 'string', length: 255 });
  const requests: string[] = [];
  const logged: string[] = [];
  const org = { intercept: null as TestOrg['intercept'] };
  const fetch: AdapterContext['fetch'] = (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    requests.push(`${request.method} ${pathname}`);
    const forward = (): Promise<Response> => sf.fetch(request);
    return org.intercept ? org.intercept(request, forward) : forward();
  };
  const parsed = SalesforceOptionsSchema.parse({
    auth: { flow: 'client-credentials', clientId: CONSUMER_KEY, clientSecret: SECRET, myDomainUrl: INSTANCE },
    ...options.adapter,
  });
  const context = createContext({ logged }, createTestClock(emulatorClock), fetch);
  const port = createSalesforce(parsed, { ...context, secrets: options.secrets ?? NO_SECRETS });
  const scopeOf = (properties?: readonly string[]): CrmScope => ({
    kind: 'contact',
    ...(properties ? { properties } : {}),
  });
  return Object.assign(org, {
    sf,
    emulatorClock,
    userId,
    port,
    logged,
    requests,
    open: (properties?: readonly string[]) => port.open(scopeOf(properties)),
  });
}
