import type { ContextOf, Secrets, TokenProvider, TokenRequest } from '@tidelock/core';
import { createMicrosoft365 } from '@tidelock/emulators';
import { createEntraTokens, EntraOptionsSchema, type EntraTuning } from '../src/index.ts';
import { createPair, createTestKeys, type TestPair } from './key-pairs.ts';
import { createFixedRandom, createManualClock } from './manual-clock.ts';

export const START = Date.UTC(2026, 0, 1);
export const SCOPE = 'https://graph.microsoft.com/.default';
export const CLIENT_ID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const DAY = 86_400_000;

/** Made once per test file: a key takes a tenth of a second. */
const made = new Map<string, TestPair>();
function pairOf(name: string, from: number, to: number): TestPair {
  const pair =
    made.get(name) ?? createPair(name, { notBefore: START + from * DAY, notAfter: START + to * DAY });
  made.set(name, pair);
  return pair;
}

export const pairs = {
  newest: () => pairOf('newest', -1, 180),
  older: () => pairOf('older', -170, 10),
  expired: () => pairOf('expired', -200, -20),
};

export interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly form: URLSearchParams;
}

type Intercept = (seen: Seen, init: RequestInit) => Promise<Response> | undefined;

export interface WorldOptions {
  readonly keys?: readonly string[];
  readonly cloud?: 'global' | 'usgov-l4' | 'usgov-l5' | 'china';
  readonly tuning?: EntraTuning;
}

/** The provider on the emulated Entra, with a clock that both share and everything that was sent or logged. */
export function createTestWorld(options: WorldOptions = {}) {
  const clock = createManualClock(START);
  const emulator = createMicrosoft365({ clock });
  const home = emulator.admin.createTenant({ domain: 'home.example', displayName: 'Home' }).id;
  const app = { clientId: CLIENT_ID, tenantId: home, displayName: 'Tidelock' };
  emulator.admin.registerApp(app);
  const register = (pair: TestPair): string =>
    emulator.admin.addCertificate(CLIENT_ID, pair.certificate.der).x5t;
  register(pairs.newest());

  const addTenant = (domain: string): string => {
    const { id } = emulator.admin.createTenant({ domain, displayName: domain });
    emulator.admin.consent(id, CLIENT_ID, ['Contacts.ReadWrite']);
    return id;
  };
  const tenants = [addTenant('one.example'), addTenant('two.example')] as const;

  const seen: Seen[] = [];
  const control: { intercept: Intercept | undefined } = { intercept: undefined };
  const logged: string[] = [];
  const write =
    (level: string) =>
    (event: string, data: object = {}): void => {
      logged.push(`${level} ${event} ${JSON.stringify(data)}`);
    };
  const keys = createTestKeys();
  keys.put('newest', pairs.newest());

  const context: ContextOf['token'] = {
    clock,
    random: createFixedRandom(0.5),
    dataDir: '/nowhere',
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    async fetch(input, init = {}) {
      const entry = {
        method: init.method ?? 'GET',
        url: new URL(input),
        form: new URLSearchParams(String(init.body)),
      };
      seen.push(entry);
      return (await control.intercept?.(entry, init)) ?? emulator.fetch(input, init);
    },
    secrets: { keys } as unknown as Secrets,
  };
  const { keys: names = ['newest'], cloud = 'global', tuning } = options;
  const parsed = EntraOptionsSchema.parse({ clientId: CLIENT_ID, keys: names, cloud });
  const provider: TokenProvider = createEntraTokens(parsed, context, tuning);
  const ask = (tenant: string = tenants[0]): TokenRequest => ({ tenant, scope: SCOPE });
  return {
    clock,
    emulator,
    tenants,
    addTenant,
    register,
    seen,
    control,
    logged,
    keys,
    context,
    provider,
    ask,
    get: (tenant?: string) => provider.getToken(ask(tenant)),
    renew: (tenant?: string) => provider.renewToken(ask(tenant)),
  };
}

/** What a promise was rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error as Record<string, unknown>,
  );
}

export const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  async (): Promise<Response> =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

export const decodeAssertion = (entry: Seen | undefined): { header: Json; claims: Json } => {
  const [header = '', claims = ''] = (entry?.form.get('client_assertion') ?? '').split('.');
  const decode = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json;
  return { header: decode(header), claims: decode(claims) };
};
type Json = Record<string, unknown>;
