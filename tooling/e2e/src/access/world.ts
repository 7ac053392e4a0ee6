import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry, Clock, Secrets, StatePort } from '@tidelock/core';
import * as Host from '@tidelock/host';
import * as Server from '@tidelock/server';
import { createSqliteStateHere } from '@tidelock/state-sqlite';
import type { Answer, Ask, Browser } from './browser.ts';
import { type SignInProvider, startProvider } from './provider.ts';
import { quiet, serveAccess } from './serve.ts';

export const ORIGIN = 'https://tidelock.test';
export const CLIENT = { clientId: 'tidelock-client', clientSecret: 'provider-secret-0123456789' };
export const TENANTS = {
  ours: '0a000000-0000-4000-8000-000000000001',
  theirs: '0b000000-0000-4000-8000-000000000002',
  connected: '0c000000-0000-4000-8000-00000000000c',
};
export const PASSWORD = 'seven green bottles';
/** Address under which a provider of many tenants is known; requests to it go to the one on the loopback interface. */
const MANY = 'https://login.microsoftonline.com';

export interface WorldOptions {
  readonly host?: typeof Host;
  readonly server?: typeof Server;
  readonly state?: StatePort;
  /** Of the configuration's section `server`. */
  readonly section?: Readonly<Record<string, unknown>>;
  /** Of its provider. */
  readonly choice?: Readonly<Record<string, unknown>>;
  /** The provider is one of many tenants. */
  readonly many?: boolean;
  readonly origin?: string;
}

export interface AccessWorld extends AsyncDisposable {
  /** Where the server listens; behind it stands nothing, in front of it a proxy that ends TLS is played. */
  readonly address: string;
  readonly state: StatePort;
  readonly access: Host.Access;
  readonly provider: SignInProvider;
  readonly folder: string;
  /** The provider's section from now on. */
  configure(choice: Readonly<Record<string, unknown>>): void;
  advance(ms: number): void;
  now(): number;
  browser(forwardedFor?: string): Browser;
  audit(): Promise<readonly AuditEntry[]>;
  /** How many rows tables have, by what can be read through the contract. */
  counts(): Promise<Readonly<Record<string, number>>>;
}

/** As of one secret store: processes that share a database share what its look-ups are keyed by. */
function memorySecrets(): Secrets {
  const values = new Map<string, Uint8Array>([['index-root', new Uint8Array(32).fill(7)]]);
  const unused = (): never => {
    throw new Error('not part of this world');
  };
  return {
    abilities: { store: true, keys: false, wrapper: false, compareAndSet: false, versions: false },
    store: {
      async get(name) {
        const value = values.get(name);
        return value === undefined ? null : { name, value, version: '1' };
      },
      async put(name, value) {
        values.set(name, value);
        return '1';
      },
      remove: async (name) => void values.delete(name),
      list: async () => [...values.keys()].sort(),
    },
    keys: new Proxy({}, { get: unused }) as Secrets['keys'],
    wrapper: new Proxy({}, { get: unused }) as Secrets['wrapper'],
    close: async () => {},
  };
}

/** Stands still unless it is moved; only the checks of ID tokens are by the real one. */
function movingClock() {
  let now = Date.now();
  const clock: Clock = {
    now: () => now,
    mono: () => performance.now(),
    sleep: async () => {},
  };
  return {
    clock,
    advance(ms: number): void {
      now += ms;
    },
  };
}

async function openState(options: WorldOptions, stack: AsyncDisposableStack) {
  const folder = mkdtempSync(join(tmpdir(), 'tidelock-access-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  if (options.state !== undefined) return { state: options.state, folder };
  const state = await createSqliteStateHere({}, { dataDir: folder, log: quiet });
  stack.defer(() => state.close());
  return { state, folder };
}

const fetchOf =
  (provider: SignInProvider) =>
  (input: string | URL, init?: RequestInit): Promise<Response> =>
    fetch(String(input).replace(MANY, provider.origin).replace('/organizations/v2.0/', '/'), {
      ...init,
      redirect: 'error',
    });

async function openProvider(options: WorldOptions, stack: AsyncDisposableStack): Promise<SignInProvider> {
  const many = options.many ? { issuer: `${MANY}/{tenantid}/v2.0`, shownAs: MANY } : {};
  const provider = await startProvider({ ...CLIENT, ...many });
  stack.defer(() => provider.close());
  return provider;
}

/** The way in, over sockets: server, provider, and a state store of its own. */
export async function createAccessWorld(options: WorldOptions = {}): Promise<AccessWorld> {
  const { host = Host, server = Server, origin = ORIGIN } = options;
  await using stack = new AsyncDisposableStack();
  const { state, folder } = await openState(options, stack);
  const provider = await openProvider(options, stack);
  const { clock, advance } = movingClock();
  const secrets = memorySecrets();
  await secrets.store.put('provider', new TextEncoder().encode(CLIENT.clientSecret));
  await secrets.store.put('tenant-id', new TextEncoder().encode(TENANTS.connected));
  const section = (choice: Readonly<Record<string, unknown>>) => {
    const issuer = options.many ? `${MANY}/organizations/v2.0` : provider.issuer;
    const one = {
      name: 'corp',
      issuer,
      clientId: CLIENT.clientId,
      clientSecret: { secret: 'provider' },
      ...choice,
    };
    return host.ConfigSchema.shape.server.parse({ origin, signIn: { providers: [one] }, ...options.section });
  };
  const mailbox = { adapter: 'x', options: { tenant: { secret: 'tenant-id' } } };
  let config = {
    server: section(options.choice ?? {}),
    adapters: { mailbox },
    file: 'tidelock.yaml',
    where: () => null,
  };
  const random = { next: Math.random, uuid: () => crypto.randomUUID() };
  const access = host.createAccess({
    ...{
      store: state.access,
      tenants: state.tenants,
      secrets,
      origin,
      config: () => config as unknown as Host.Config,
    },
    context: { clock, random, log: quiet, fetch: fetchOf(provider) },
  });
  const trustedProxies = (): number => config.server.trustedProxies;
  const { address, browser } = stack.use(
    await serveAccess(access, origin, { server, clock, trustedProxies }),
  );
  const life = stack.move();
  return {
    ...{ address, browser, state, access, provider, folder, advance, now: () => clock.now() },
    configure(choice) {
      config = { ...config, server: section(choice) };
    },
    audit: async () => (await state.tenants.audit('default', { limit: 1_000 })).toReversed(),
    counts: async () => ({
      users: (await state.access.users()).length,
      tokens: (await state.access.apiTokens()).length,
      audit: (await state.tenants.audit('default', { limit: 10_000 })).length,
    }),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  };
}

/** The first account, by the printed link. */
export async function setUp(world: AccessWorld, browser: Browser, name = 'root'): Promise<Answer> {
  const invitation = await world.access.inviteFirst();
  const ticket = invitation?.link.split('#')[1] ?? '';
  return browser.post('/api/v1/setup', { ticket, name, password: PASSWORD });
}

/** A local account with a password, added by whoever sits at `root`. */
export async function addAccount(world: AccessWorld, name: string, role: Server.Role): Promise<string> {
  const { user, invitation } = await world.access.addUser('test', { name, role });
  const ticket = invitation.link.split('#')[1] ?? '';
  const visitor = world.browser();
  await visitor.post('/api/v1/session/password-link', { ticket, password: PASSWORD });
  await visitor.post('/api/v1/session/logout', {});
  return user.id;
}

export const signInAs = (browser: Browser, name: string, password = PASSWORD): Promise<Answer> =>
  browser.post('/api/v1/session', { name, password });

/** What the browser is sent to, and what it comes back with. */
export async function begin(browser: Browser): Promise<string> {
  const { body } = await browser.post('/api/v1/session/provider', { provider: 'corp' });
  return String(body?.url);
}

export const comeBack = (browser: Browser, href: string): Promise<Answer> => {
  const { pathname, search } = new URL(href);
  return browser.ask(pathname + search, { headers: { 'sec-fetch-site': 'cross-site' } });
};

/** A whole sign-in with the provider. */
export async function signInWith(
  world: AccessWorld,
  browser: Browser,
  person: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  return comeBack(browser, world.provider.signIn(await begin(browser), person));
}

/** Whoever is signed in there, `nobody` otherwise. */
export async function whoIs(browser: Browser, how: Ask = {}): Promise<string> {
  const { body } = await browser.ask('/api/v1/session', how);
  const signedIn = body?.signedIn as { principal: { name: string; role: string } } | null | undefined;
  return signedIn ? `${signedIn.principal.name} as ${signedIn.principal.role}` : 'nobody';
}
