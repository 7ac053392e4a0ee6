import { setDefaultCACertificates } from 'node:tls';
import type { Logger } from '@tidelock/core';
import {
  createConfigEditor,
  createSystemRandom,
  createWorkroom,
  type LivePlatform,
  openLivePlatform,
  type Workroom,
} from '@tidelock/host';
import { type Access, createServer, type Principal, type Role } from '@tidelock/server';
import { createSharedClock, type SharedClock } from './clock.ts';
import { sharedKeyFolder } from './key-folder.ts';
import { createStage, type Person, type Stage, type StageOptions } from './stage.ts';
import { fetchThrough, START } from './world.ts';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Believes a header: how somebody signs in is not what these tests are about. */
const byHeader: Access = {
  async authenticate({ headers }): Promise<Principal | null> {
    const role = headers['x-test-role'] as Role | undefined;
    return role === undefined ? null : { id: `id-${role}`, name: NAMES[role], role, via: 'token' };
  },
  routes() {},
};

/** Who acts with each role. */
export const NAMES: Readonly<Record<Role, string>> = {
  viewer: 'Vera Viewer',
  operator: 'Otto Operator',
  setup: 'Sara Setup',
};

// Tests look into whatever a route answers.
// biome-ignore lint/suspicious/noExplicitAny: bodies are of any shape, and each test says which
export type Body = any;

export interface Answer {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  readonly headers: Headers;
}

export interface ServerWorld extends AsyncDisposable {
  readonly stage: Stage;
  readonly clock: SharedClock;
  live(): LivePlatform;
  work(): Workroom;
  person(name?: string): Person;
  /** Over the socket, in a role. */
  get(path: string, role?: Role): Promise<Answer>;
  send(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    of?: { body?: unknown; role?: Role },
  ): Promise<Answer>;
  /** Starts a job by a POST and waits, by asking again and again, until it has ended. */
  job(path: string, body?: unknown): Promise<Body>;
  /** Events of a stream, until the signal. */
  stream(path: string, signal: AbortSignal): Promise<AsyncGenerator<Body>>;
  /** Newest first. */
  acts(): Promise<readonly { readonly who: string; readonly act: string; readonly subject: string }[]>;
  /** Another process over the same data folder. */
  restart(): Promise<void>;
}

async function openParts(stage: Stage, clock: SharedClock) {
  const live = await openLivePlatform({
    configPath: stage.configPath,
    resolveFrom: import.meta.url,
    overrides: {
      fetch: fetchThrough(clock),
      clock: clock.product,
      random: createSystemRandom(),
      log: silent,
    },
    env: {},
  });
  const work = createWorkroom(live);
  const app = await createServer({
    ...{ live, work, editor: createConfigEditor(live), access: byHeader, clock: clock.product, log: silent },
    ...{ origin: 'https://tidelock.test', page: null, readiness: () => [] },
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const close = async (): Promise<void> => {
    await work.close();
    await app.close();
    await live.close();
  };
  return { live, work, app, origin, close };
}

async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  const body: Body = isJson ? JSON.parse(text) : null;
  return { status: response.status, headers: response.headers, text, body };
}

const LOOK_MS = 15;

/** What server-sent events carry. Ends without a word when its reader leaves. */
async function* eventsOf(response: Response): AsyncGenerator<Body> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined && data !== '{}') yield JSON.parse(data);
      }
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  }
}

/** The server over the product and two emulated services, all on sockets, on time that the test controls. */
export async function createServerWorld(options: StageOptions = {}): Promise<ServerWorld> {
  const clock = createSharedClock(START);
  const stage = await createStage(clock.emulator, await sharedKeyFolder(START - 86_400_000), options);
  setDefaultCACertificates([...stage.authorities]);
  let running = await openParts(stage, clock);
  const ask = async (path: string, init: RequestInit & { role: Role }): Promise<Answer> => {
    const headers = { ...init.headers, 'x-test-role': init.role };
    const url = `${running.origin}${path.startsWith('/api') ? '' : '/api/v1'}${path}`;
    return toAnswer(await fetch(url, { ...init, headers }));
  };
  const get = (path: string, role: Role = 'viewer'): Promise<Answer> => ask(path, { method: 'GET', role });
  const send: ServerWorld['send'] = (method, path, { body, role = 'operator' } = {}) => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    return ask(path, { method, role, headers, ...json });
  };
  return {
    stage,
    clock,
    live: () => running.live,
    work: () => running.work,
    person: (name = 'ann') => {
      const found = stage.people[name];
      if (found === undefined) throw new Error(`there is no ${name} here`);
      return found;
    },
    get,
    send,
    async job(path, body = {}) {
      const started = await send('POST', path, { body });
      if (started.status !== 202) throw new Error(`${path} answered ${started.status}: ${started.text}`);
      for (;;) {
        const { body: job } = await get(`/jobs/${started.body.id}`);
        if (job.endedAt !== null) return job;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    async stream(path, signal) {
      const headers = { 'x-test-role': 'viewer' };
      return eventsOf(await fetch(`${running.origin}/api/v1${path}`, { headers, signal }));
    },
    acts: async () => (await get('/audit?limit=500')).body.items,
    async restart() {
      await running.close();
      clock.advance(120_000);
      running = await openParts(stage, clock);
    },
    async [Symbol.asyncDispose]() {
      await running.close();
      clock.close();
      await stage.close();
    },
  };
}
