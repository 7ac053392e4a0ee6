import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import type { Fetch, Logger } from '@tidelock/core';
import {
  type Browser,
  createBrowser,
  createMicrosoft365,
  type DirectoryRole,
  type EmulatorClock,
} from '@tidelock/emulators';
import type * as Host from '@tidelock/host';
import { createSharedClock, type SharedClock } from '../clock.ts';
import { KEY_NAME, SECRETS_OPTIONS, sharedKeyFolder } from '../key-folder.ts';

export const BASE = '/connect';
const CLIENT_ID = '5d4c3b2a-1111-4222-8333-444455556666';
/** Ids that tests can name before there is a world. */
export const TENANTS = {
  vendor: '0f000000-0000-4000-8000-000000000001',
  victim: '0f000000-0000-4000-8000-000000000002',
  mallory: '0f000000-0000-4000-8000-000000000003',
} as const;
export const PASSWORD = 'canary-password-7f3a';
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Somebody with an account at Entra. */
export type Login = `${string}@${'victim' | 'mallory'}.example`;

/** Where an attempt ended: connected, still waiting, or the code of the check that refused it and what the directory said. */
export type Outcome = string;

export interface ConsentWorldOptions {
  /** The module under test: another copy of it for mutants. */
  readonly host?: typeof Host;
  /** Written into the configuration instead of a reference to the secret store. */
  readonly tenant?: string;
  readonly groupMembershipClaims?: 'none' | 'directory-role';
  /** Two accounts that bind one organisation have both found it free when the first of them writes. */
  readonly inPairs?: boolean;
}

/** Time stands still while a request is on its way, and leaps when all that is left is waiting. */
const fetchThrough =
  (clock: SharedClock): Fetch =>
  (input, init) =>
    clock.busy(async () => {
      const answer = await fetch(input, init);
      const bytes = await answer.arrayBuffer();
      const empty = [204, 205, 304].includes(answer.status);
      return new Response(empty ? null : bytes, { status: answer.status, headers: answer.headers });
    });

function addPeople({ admin }: ReturnType<typeof createMicrosoft365>): void {
  const add = (tenant: string, mail: Login, roles: readonly DirectoryRole[] = []): void => {
    admin.addUser(tenant, { mail, displayName: mail, roles, password: PASSWORD });
  };
  add(TENANTS.victim, 'gus@victim.example', ['global-administrator']);
  add(TENANTS.victim, 'pam@victim.example', ['privileged-role-administrator']);
  add(TENANTS.victim, 'app@victim.example', ['application-administrator', 'cloud-application-administrator']);
  add(TENANTS.victim, 'eve@victim.example');
  add(TENANTS.mallory, 'mal@mallory.example', ['global-administrator']);
}

const toConfig = (of: { origin: string; tenant: unknown; state: { adapter: string; file: string } }) => ({
  version: 1,
  data: './data',
  secrets: { adapter: '@tidelock/secrets-file', options: SECRETS_OPTIONS },
  state: { adapter: of.state.adapter, options: { file: of.state.file } },
  token: {
    adapter: '@tidelock/token-entra',
    options: { clientId: CLIENT_ID, keys: [KEY_NAME], authority: { url: of.origin, allow: true } },
  },
  mailbox: {
    adapter: '@tidelock/mailbox-exchange',
    options: { tenant: of.tenant, endpoint: { url: of.origin, allow: true } },
  },
  crm: {
    adapter: '@tidelock/crm-hubspot',
    options: { token: 'unused', baseUrl: of.origin, endpoint: { allow: true } },
  },
  mailboxes: [{ address: 'gus@victim.example' }],
  network: { ca: ['ca.pem'] },
});

/** Beside the configuration, as an integrator's own adapter would be. Its name. */
async function installPairedState(folder: string): Promise<string> {
  const name = 'state-in-pairs';
  const place = join(folder, 'node_modules', name);
  await mkdir(place, { recursive: true });
  await writeFile(
    join(place, 'package.json'),
    JSON.stringify({ name, type: 'module', exports: './index.js' }),
  );
  const source = import.meta.resolve('./paired-state.ts');
  await writeFile(join(place, 'index.js'), `export { adapter } from ${JSON.stringify(source)};\n`);
  return name;
}

/** Sessions as a server keeps them: a cookie, and the account that it may set up. */
function createSessions() {
  const accounts = new Map<string, string>();
  return {
    accounts,
    async visitor(request: Request): Promise<Host.Visitor | null> {
      const session = /(?:^|;\s*)sid=([\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1];
      const account = session === undefined ? undefined : accounts.get(session);
      if (session === undefined || account === undefined) return null;
      return { session, account, who: session };
    },
  };
}

/** The emulated Entra and Graph over TLS with its people, and a configuration that has no tenant yet. */
export async function createConsentStage(
  options: Omit<ConsentWorldOptions, 'host'> & { readonly clock?: EmulatorClock } = {},
) {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'tidelock-consent-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const microsoft365 = createMicrosoft365(options.clock === undefined ? {} : { clock: options.clock });
  const served = await microsoft365.listen();
  stack.defer(() => served.close());
  setDefaultCACertificates([served.caPem ?? '']);
  const { admin } = microsoft365;
  for (const [name, id] of Object.entries(TENANTS))
    admin.createTenant({ id, domain: `${name}.example`, displayName: name });
  addPeople(microsoft365);
  admin.registerApp({
    ...{ clientId: CLIENT_ID, tenantId: TENANTS.vendor, displayName: 'Tidelock' },
    redirectUris: ['http://localhost/connect/return'],
    groupMembershipClaims: options.groupMembershipClaims ?? 'directory-role',
  });
  const keys = await sharedKeyFolder(Date.now() - 86_400_000);
  admin.addCertificate(CLIENT_ID, keys.pem);
  keys.copyTo(join(folder, 'data'));
  const configPath = join(folder, 'tidelock.yaml');
  await writeFile(join(folder, 'ca.pem'), served.caPem ?? '');
  const tenant = options.tenant === undefined ? { secret: 'tenant-id' } : options.tenant;
  // Waiting for a disk is work that a clock of the test's own cannot see: it would jump over deadlines.
  const file = options.clock === undefined ? 'tidelock.db' : ':memory:';
  const adapter = options.inPairs ? await installPairedState(folder) : '@tidelock/state-sqlite';
  const state = { adapter, file };
  await writeFile(configPath, JSON.stringify(toConfig({ origin: served.origin, tenant, state })));
  return {
    ...{ microsoft365, admin, tenants: TENANTS, clientId: CLIENT_ID, configPath, folder, stack },
    entra: served.origin,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The same with the product's handlers behind a socket of their own, as a server mounts them. */
export async function createConsentWorld(options: ConsentWorldOptions = {}) {
  const host = options.host ?? (await import('@tidelock/host'));
  const clock = createSharedClock(Date.now());
  const stage = await createConsentStage({ ...options, clock: clock.emulator });
  const { stack, configPath } = stage;
  stack.defer(() => clock.close());
  const connections = await host.openConnections({
    ...{ configPath, resolveFrom: import.meta.url, env: {}, actor: 'e2e' },
    overrides: { clock: clock.product, log: silent, fetch: fetchThrough(clock) },
  });
  stack.defer(() => connections.close());
  const sessions = createSessions();
  let flow: Host.ConsentFlow | undefined;
  const loopback = await host.listenOnLoopback((origin) => {
    const pages = connections.pages({ origin, base: BASE, visitor: sessions.visitor });
    flow = pages.flow;
    return pages.handler;
  });
  stack.defer(() => loopback.close());
  if (flow === undefined) throw new Error('there is no flow');
  return { ...stage, clock, connections, flow, origin: loopback.origin, accounts: sessions.accounts };
}

export type ConsentWorld = Awaited<ReturnType<typeof createConsentWorld>>;

/** A browser in which somebody is signed in to Tidelock, and perhaps at Entra. */
export interface Actor {
  readonly browser: Browser;
  readonly visitor: Host.Visitor;
  /** Presses the button of the setup page; the browser stands at Entra's sign-in page then. */
  start(): Promise<void>;
  /** Signs in there. The browser stands at the consent page, or back at the setup page. */
  signIn(login: Login): Promise<void>;
  /** Decides at the consent page, and waits for the end of the proof. */
  decide(act: 'accept' | 'cancel'): Promise<void>;
  /** Everything, as an honest administrator does it. */
  connect(login: Login): Promise<void>;
  /** Where the attempt of this session ended. */
  outcome(): Promise<Outcome>;
}

export async function createActor(world: ConsentWorld, session: string, account = 'default'): Promise<Actor> {
  const browser = createBrowser((url, init) => fetch(url, init));
  world.accounts.set(session, account);
  browser.cookies.set('localhost', new Map([['sid', session]]));
  const visitor: Host.Visitor = { session, account, who: session };
  const actor: Actor = {
    browser,
    visitor,
    async start() {
      await browser.open(`${world.origin}${BASE}`);
      await browser.submit({});
    },
    async signIn(login) {
      await browser.submit({ act: 'sign-in', login, password: PASSWORD });
    },
    async decide(act) {
      await browser.submit({ act });
    },
    async connect(login) {
      await actor.start();
      await actor.signIn(login);
      await actor.decide('accept');
    },
    async outcome() {
      const { at } = world.flow.stage(visitor);
      const stage = at === 'proving' ? await world.flow.finished(visitor) : world.flow.stage(visitor);
      if (stage.at === 'connected') return `CONNECTED ${stage.tenant}`;
      return stage.at === 'refused' ? [stage.code, stage.said].filter(Boolean).join(' ') : stage.at;
    },
  };
  return actor;
}

/** What a page says when a reply or a request was refused before it belonged to an attempt. */
export function refusalOn(browser: Browser): string {
  const { status, text } = browser.page;
  const said = /<p class="bad">([^<]*)<\/p>/.exec(text)?.[1] ?? text.slice(0, 80);
  return `${status} ${said}`;
}
