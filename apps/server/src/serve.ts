import { existsSync } from 'node:fs';
import { createServer as createSocket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createAccess,
  createConfigEditor,
  createRunner,
  createWorkroom,
  followConfiguration,
  type Invitation,
  type LivePlatform,
  openLivePlatform,
  openPush,
  type PlatformOptions,
  type Push,
  type Runner,
} from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import { createAccessRoutes } from './access/access.ts';
import { createServer } from './app.ts';
import type { ServerParts } from './parts.ts';
import { StartError } from './start-error.ts';
import { startTracing } from './tracing.ts';
import { version } from './version.ts';

/** `all`: everything in one process. `api`: page and API, and no work on mailboxes. `worker`: that work, with health and metrics. */
export const SERVE_ROLES = ['all', 'api', 'worker'] as const;
export type ServeRole = (typeof SERVE_ROLES)[number];

export interface ServeOptions extends PlatformOptions {
  readonly role: ServeRole;
  /** Address to listen on. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Folder of the built page. Default: the one that is installed; null: none. */
  readonly page?: string | null | undefined;
}

export interface Serving {
  /** Address as browsers know it, without a path. */
  readonly origin: string;
  /** Where it listens. */
  readonly address: string;
  readonly live: LivePlatform;
  /** Null with role `api`. */
  readonly runner: Runner | null;
  readonly push: Push;
  /** The link of the first start; null: somebody can set things up already, or this process has no page. */
  readonly invitation: Invitation | null;
  /**
   * Takes no more requests, and lets what is under way come to a safe point, for as long as the configuration says. False: not
   * everything did, and the next start goes on from what is noted. Safe to call twice.
   */
  close(): Promise<boolean>;
}

/** The page that is installed beside this package, if it was built. */
export function installedPage(): string | null {
  try {
    const manifest = fileURLToPath(import.meta.resolve('@tidelock/admin/package.json'));
    const page = join(dirname(manifest), 'dist');
    return existsSync(join(page, 'index.html')) ? page : null;
  } catch {
    return null;
  }
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** A port that is free at this moment: links and cookies are made for an address that has to be known beforehand. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket();
    socket.once('error', reject);
    socket.listen(0, host, () => {
      const address = socket.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      socket.close(() => resolve(port));
    });
  });
}

function originOf(live: LivePlatform, of: { host: string; port: number }): string {
  const { origin } = live.config.server;
  if (origin !== undefined) return origin;
  if (LOOPBACK.has(of.host)) return `http://localhost:${of.port}`;
  throw new StartError('server.origin', {
    reason: 'is not set, and this listens beyond this machine',
    remedy: 'Write the address that browsers know: https://tidelock.example. A proxy in front ends TLS.',
  });
}

/** What keeps it from doing its work, for people. */
function readinessOf(live: LivePlatform, runner: Runner | null): readonly string[] {
  // Anybody may ask: what exactly is missing is for those who are signed in.
  if (live.trouble !== null)
    return ['mailboxes and CRM to be connected: the page and "tidelock doctor" say what is missing'];
  const state = runner?.health().state;
  if (state === undefined || state === 'running') return [];
  return [state === 'stopping' ? 'nothing: it is stopping' : 'every mailbox to be asked what it can do'];
}

interface Opened {
  readonly live: LivePlatform;
  readonly push: Push;
  readonly runner: Runner | null;
  readonly access: ReturnType<typeof createAccess>;
  readonly parts: ServerParts;
}

function openAccess(live: LivePlatform, origin: string): ReturnType<typeof createAccess> {
  const { foundation } = live;
  return createAccess({
    store: foundation.state.access,
    tenants: foundation.state.tenants,
    secrets: foundation.secrets,
    origin,
    config: () => live.config,
    context: foundation.context,
  });
}

async function openParts(
  options: ServeOptions,
  of: { readonly live: LivePlatform; readonly origin: string; readonly stack: AsyncDisposableStack },
): Promise<Opened> {
  const { live, origin, stack } = of;
  const { context, state } = live.foundation;
  const { clock, random, log } = context;
  const push = await openPush({ live, origin: origin.startsWith('https:') ? origin : null });
  stack.defer(() => push.close());
  const isWorker = options.role !== 'api';
  const runner = isWorker
    ? createRunner({
        ...{ source: live, state: state.sync, clock, random, log, pushes: push.pushes },
        holdsFirst: () => live.config.server.firstSync === 'approved',
      })
    : null;
  const work = createWorkroom(live);
  stack.defer(() => work.close());
  const access = openAccess(live, origin);
  const parts: ServerParts = {
    ...{ live, work, push, clock, log, origin },
    ...(runner === null ? {} : { runner }),
    editor: createConfigEditor(live),
    access: createAccessRoutes({ access, trustedProxies: () => live.config.server.trustedProxies }),
    surface: options.role === 'worker' ? 'operations' : 'everything',
    page: options.page === undefined ? installedPage() : options.page,
    readiness: () => readinessOf(live, runner),
  };
  return { live, push, runner, access, parts };
}

function begin({ push, runner }: Opened): void {
  if (runner === null) return;
  push.onHint((hinted) => runner.hint(hinted));
  push.keep();
  runner.start();
}

async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new StartError(`${host}:${port}`, {
      reason: code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`,
      remedy: 'Take another --port, or 0 for any.',
    });
  }
}

function closer(opened: Opened, app: FastifyInstance, stack: AsyncDisposableStack): () => Promise<boolean> {
  let closing: Promise<boolean> | undefined;
  const close = async (): Promise<boolean> => {
    const [finished] = await Promise.all([opened.runner?.stop() ?? true, app.close()]);
    await stack.disposeAsync();
    return finished;
  };
  return () => {
    closing ??= close();
    return closing;
  };
}

/**
 * Opens everything and listens. A tenant need not be connected yet: the page does that. Throws `InputError` for what a person
 * wrote, and what `openLivePlatform` throws; whatever was open by then is closed again.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const stack = new AsyncDisposableStack();
  try {
    const live = await openLivePlatform(options);
    const { env = process.env } = options;
    // Sent until the end: what closes the rest is traced too.
    stack.use(await startTracing({ env, version: version(), log: live.foundation.context.log }));
    stack.defer(() => live.close());
    const port = options.port === 0 ? await freePort(options.host) : options.port;
    const origin = originOf(live, { host: options.host, port });
    const opened = await openParts(options, { live, origin, stack });
    const app = await createServer(opened.parts);
    const address = await listen(app, { host: options.host, port });
    const close = closer(opened, app, stack);
    const hasPage = options.role !== 'worker';
    try {
      const invitation = hasPage ? await opened.access.inviteFirst() : null;
      begin(opened);
      stack.defer(followConfiguration(live));
      // What somebody approved and an earlier process did not bring to its end.
      if (hasPage) await opened.parts.work.plans.resume();
      const { runner, push } = opened;
      return { origin, address, live, runner, push, invitation, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    await stack.disposeAsync().catch(() => undefined);
    throw error;
  }
}
