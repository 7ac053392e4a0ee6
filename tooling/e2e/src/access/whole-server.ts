import { setDefaultCACertificates } from 'node:tls';
import { createSystemClock } from '@tidelock/emulators';
import { openSecrets } from '@tidelock/host';
import { type Role, type Serving, serve } from '@tidelock/server';
import { sharedKeyFolder } from '../key-folder.ts';
import { range, toOutlook } from '../people.ts';
import { createStage, type Stage } from '../stage.ts';
import { type Answer, type Browser, createBrowser, send } from './browser.ts';

export const ROLES = ['viewer', 'operator', 'setup'] as const satisfies readonly Role[];
/** Name of the secret that is the id of the tenant. */
const TENANT = 'tenant-id';
const PASSWORD = 'seven green bottles';
/** Quiet, so that what a test asks for is all that happens. */
const SELDOM = { floorSeconds: 3_600, ceilingSeconds: 3_600 };

/** The whole server as `tidelock serve` opens it, connected to two emulated services, and everybody who may come in. */
export interface WholeServer extends AsyncDisposable {
  readonly stage: Stage;
  readonly serving: Serving;
  /** A browser in which somebody with this role is signed in. */
  readonly sessions: Readonly<Record<Role, Browser>>;
  /** API tokens of whoever has the role setup, each with a role of its own. */
  readonly tokens: Readonly<Record<Role, string>>;
  readonly password: string;
  /** A browser in which nobody is signed in. */
  stranger(forwardedFor?: string): Browser;
  /** Signs the owner of a session in again. */
  signIn(role: Role): Promise<Answer>;
  withToken(
    token: string,
    path: string,
    more: { readonly method: string; readonly body?: unknown },
  ): Promise<Answer>;
}

const must = ({ status, body, text }: Answer): Record<string, unknown> => {
  if (status >= 300 || body === null) throw new Error(`the server answered ${status}: ${text}`);
  return body;
};

async function addAccount(root: Browser, visitor: Browser, role: Role): Promise<void> {
  const added = must(await root.post('/api/v1/users', { name: role, role }));
  const { link } = added.invitation as { readonly link: string };
  must(
    await visitor.post('/api/v1/session/password-link', { ticket: link.split('#')[1], password: PASSWORD }),
  );
}

async function mint(root: Browser, role: Role): Promise<string> {
  return String(must(await root.post('/api/v1/tokens', { name: `of-${role}`, role })).token);
}

async function openServing(): Promise<{ readonly stage: Stage; readonly serving: Serving }> {
  const stage = await createStage(createSystemClock(), await sharedKeyFolder(Date.now() - 86_400_000), {
    judged: false,
    graph: { keepExchanges: 50 },
  });
  setDefaultCACertificates([...stage.authorities]);
  const { mailbox } = stage.config;
  stage.writeConfig({
    ...stage.config,
    mailbox: { ...mailbox, options: { ...mailbox.options, tenant: { secret: TENANT } } },
    server: { requestsPerMinute: 10_000_000, trustedProxies: 1, firstSync: 'at-once' },
    schedule: { mailbox: SELDOM, crm: SELDOM },
  });
  const opened = await openSecrets({ configPath: stage.configPath, resolveFrom: import.meta.url });
  await opened.secrets.store.put(TENANT, new TextEncoder().encode(stage.tenantId));
  await opened.close();
  stage.graph.admin.seedContacts(
    stage.people.ann?.mailboxId ?? '',
    range(5).map((n) => toOutlook(n)),
  );
  const serving = await serve({
    ...{ configPath: stage.configPath, resolveFrom: import.meta.url, env: {} },
    ...{ role: 'all', host: '127.0.0.1', port: 0, page: null },
  });
  return { stage, serving };
}

export async function openWholeServer(): Promise<WholeServer> {
  const { stage, serving } = await openServing();
  const browser = (forwardedFor = '192.0.2.1'): Browser =>
    createBrowser(serving.address, { 'x-forwarded-for': forwardedFor });
  const sessions = { viewer: browser(), operator: browser(), setup: browser() };
  const ticket = serving.invitation?.link.split('#')[1];
  must(await sessions.setup.post('/api/v1/setup', { ticket, name: 'setup', password: PASSWORD }));
  await addAccount(sessions.setup, sessions.viewer, 'viewer');
  await addAccount(sessions.setup, sessions.operator, 'operator');
  const tokens = {
    viewer: await mint(sessions.setup, 'viewer'),
    operator: await mint(sessions.setup, 'operator'),
    setup: await mint(sessions.setup, 'setup'),
  };
  return {
    ...{ stage, serving, sessions, tokens, password: PASSWORD },
    stranger: browser,
    signIn: (role) => sessions[role].post('/api/v1/session', { name: role, password: PASSWORD }),
    withToken: (token, path, more) =>
      send(serving.address, path, { ...more, headers: { authorization: `Bearer ${token}` } }),
    async [Symbol.asyncDispose]() {
      await serving.close();
      await stage.close();
    },
  };
}
