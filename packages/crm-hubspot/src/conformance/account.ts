import type { AdapterContext, ContextOf, CrmPort, LogData, RecordStore, Secrets } from '@tidelock/core';
import {
  createHubSpot as createEmulator,
  createManualClock,
  type HubSpot,
  type ManualClock,
} from '@tidelock/emulators';
import { createHubSpot, type HubSpotOptionsInput, HubSpotOptionsSchema } from '../index.ts';
import type { Intercept } from './faults.ts';

export const START = Date.parse('2026-08-01T06:00:00.250Z');
/** Waits up to this long pass by themselves; longer ones are deadlines. */
const SELF_PASSING_MS = 10_000;

export interface TestAccount {
  readonly hubspot: HubSpot;
  readonly clock: ManualClock;
  readonly port: CrmPort;
  /** Another connection to the same account. */
  portWith(options: Partial<HubSpotOptionsInput>): CrmPort;
  readonly app: ReturnType<HubSpot['admin']['createPrivateApp']>;
  readonly token: string;
  readonly context: ContextOf['crm'];
  readonly logged: string[];
  /** Requests since the start. */
  readonly requests: string[];
  open(properties?: readonly string[]): RecordStore;
  intercept: Intercept | null;
}

const noSecrets = (): never => {
  throw new Error('no secrets in this test');
};

const NO_SECRETS: Secrets = {
  abilities: { store: false, keys: false, wrapper: false, compareAndSet: false, versions: false },
  store: { get: noSecrets, put: noSecrets, remove: noSecrets, list: noSecrets },
  keys: { signer: noSecrets, create: noSecrets, import: noSecrets, list: noSecrets, remove: noSecrets },
  wrapper: { wrap: noSecrets, unwrap: noSecrets },
  close: async () => {},
};

function createTestClock(emulatorClock: ManualClock): AdapterContext['clock'] {
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

export interface TestAccountOptions {
  readonly adapter?: Partial<HubSpotOptionsInput>;
  /** False leaves the stamp property out. */
  readonly stampProperty?: boolean;
  /** False leaves the mark of whole days out. */
  readonly allDayProperty?: boolean;
  readonly emulator?: Parameters<typeof createEmulator>[0]['settings'];
  /** Receives webhooks. */
  readonly send?: (request: Request) => Promise<Response>;
}

/** An emulated account with a private app and the stamp property, and the adapter on it. */
export function createTestAccount(options: TestAccountOptions = {}): TestAccount {
  const clock = createManualClock(START);
  const hubspot = createEmulator({
    clock,
    seed: 7,
    settings: options.emulator ?? {},
    ...(options.send === undefined ? {} : { send: options.send }),
  });
  const app = hubspot.admin.createPrivateApp({ name: 'Tidelock' });
  if (options.stampProperty !== false)
    for (const type of ['contacts', 'meetings'] as const)
      hubspot.admin.addProperty(type, { name: 'tidelock_key', hasUniqueValue: true });
  if (options.allDayProperty !== false) hubspot.admin.addProperty('meetings', { name: 'tidelock_all_day' });
  hubspot.admin.addProperty('meetings', { name: 'tidelock_uid' });
  const requests: string[] = [];
  const logged: string[] = [];
  const account = { intercept: null as TestAccount['intercept'] };
  const fetch: AdapterContext['fetch'] = (input, init) => {
    const request = new Request(input, init);
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    const forward = (): Promise<Response> => hubspot.fetch(request);
    return account.intercept ? account.intercept(request, forward) : forward();
  };
  const log = (event: string, data?: LogData): void => void logged.push(JSON.stringify({ event, ...data }));
  const context: ContextOf['crm'] = {
    fetch,
    clock: createTestClock(clock),
    random: { next: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000001' },
    log: { debug: log, info: log, warn: log, error: log },
    dataDir: '/nowhere',
    secrets: NO_SECRETS,
    token: { getToken: noSecrets } as unknown as ContextOf['crm']['token'],
  };
  const portWith = (more: Partial<HubSpotOptionsInput>): CrmPort =>
    createHubSpot(HubSpotOptionsSchema.parse({ token: app.token, ...options.adapter, ...more }), context);
  const port = portWith({});
  return Object.assign(account, {
    hubspot,
    clock,
    port,
    portWith,
    app,
    token: app.token,
    context,
    logged,
    requests,
    open: (properties?: readonly string[]) =>
      port.open({ kind: 'contact', ...(properties ? { properties } : {}) }),
  });
}
