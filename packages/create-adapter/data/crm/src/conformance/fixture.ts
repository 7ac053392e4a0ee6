import type { CrmFixture, FaultKind, RecordFaults, RecordStoreFixture } from '@tidelock/conformance';
import type { AdapterContext, ContextOf, Fields, LogData } from '@tidelock/core';
import { AcmeOptionsSchema, createAcme } from '../index.ts';
import { createFakeRemote, error, type FakeRemote, ORIGIN, TOKEN } from './fake-remote.ts';

const START = Date.UTC(2026, 0, 5, 9);
/** Waits up to this long pass by themselves; longer ones are deadlines, which pass when a test moves the clock. */
const SELF_PASSING_MS = 10_000;

interface TestClock {
  readonly clock: AdapterContext['clock'];
  advance(ms: number): void;
}

function createTestClock(): TestClock {
  let now = START;
  const clock: AdapterContext['clock'] = {
    now: () => now,
    mono: () => now - START,
    async sleep(ms, signal) {
      await new Promise((done) => setImmediate(done));
      signal?.throwIfAborted();
      if (ms <= SELF_PASSING_MS) {
        now += ms;
        return;
      }
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  return {
    clock,
    advance: (ms) => {
      now += ms;
    },
  };
}

function createWorld() {
  const { clock, advance } = createTestClock();
  const remote = createFakeRemote(() => clock.now());
  const logged: string[] = [];
  const log = (event: string, data?: LogData): void => void logged.push(JSON.stringify({ event, ...data }));
  const context = {
    fetch: (input: string | URL, init?: RequestInit) => remote.fetch(input, init),
    clock,
    random: { next: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000001' },
    log: { debug: log, info: log, warn: log, error: log },
    dataDir: '/nowhere',
  } as unknown as ContextOf['crm'];
  const port = createAcme(AcmeOptionsSchema.parse({ token: TOKEN, baseUrl: ORIGIN }), context);
  return { remote, port, advance, logged };
}

const isBatch = (request: Request): boolean => request.url.endsWith('/v1/contacts/batch');
const lost = (): never => {
  throw new TypeError('fetch failed');
};

const ANSWERS: Readonly<Record<FaultKind, () => Response>> = {
  '401': () => error(401, 'unauthorized'),
  '403': () => error(403, 'forbidden'),
  '429': () => error(429, 'slow_down', { 'retry-after': '3' }),
  '500': () => error(500, 'internal'),
  timeout: lost,
};

async function rewrite(answer: Response, edit: (body: Record<string, unknown>) => object): Promise<Response> {
  const body = edit((await answer.json()) as Record<string, unknown>);
  return new Response(JSON.stringify(body), { status: answer.status });
}

function createFaults({ state }: FakeRemote): RecordFaults {
  return {
    next(kind, only) {
      state.fault = async (request, answer) =>
        only === undefined || isBatch(request) === (only === 'write') ? ANSWERS[kind]() : answer();
    },
    loseAnswer(applied) {
      state.fault = async (request, answer) => {
        if (!isBatch(request)) return answer();
        state.fault = null;
        if (applied) await answer();
        return lost();
      };
    },
    expireCursor() {
      state.epoch += 1;
    },
    endlessPages() {
      let first: Promise<string> | null = null;
      state.fault = async (request, answer) => {
        const response = await answer();
        if (!request.url.includes('/v1/changes')) return response;
        first ??= response.text();
        return rewrite(new Response(await first), (body) => ({ ...body, more: true }));
      };
    },
    dropBatchItem() {
      state.fault = async (request, answer) => {
        const response = await answer();
        if (!isBatch(request)) return response;
        return rewrite(response, (body) => ({ results: (body.results as unknown[]).slice(1) }));
      };
    },
    dropReadItem() {
      state.fault = async (request, answer) => {
        const response = await answer();
        if (!request.url.endsWith('/v1/contacts/read')) return response;
        return rewrite(response, (body) => ({ items: (body.items as unknown[]).slice(1) }));
      };
    },
    clear() {
      state.fault = null;
    },
  };
}

/** The adapter on a fresh fake service. The oracle looks into the service, never through the adapter. */
export async function createFixture(): Promise<RecordStoreFixture> {
  const { remote, port, advance, logged } = createWorld();
  return {
    store: port.open({ kind: 'contact' }),
    oracle: {
      all: async () =>
        remote.rows().map(({ id, fields, key }) => ({ id, fields: fields as Fields, stamp: key })),
      userCreate: async (fields) => remote.person.create(fields),
      userUpdate: async (id, patch) => remote.person.update(id, patch),
      userDelete: async (id) => remote.person.remove(id),
    },
    faults: createFaults(remote),
    clock: { advance },
    sample: {
      name: 'last_name',
      email: 'email',
      phone: 'phone',
      text: 'job_title',
      refused: { last_name: 'x'.repeat(81) },
    },
    requests: () => remote.state.requests,
    leaks: { secrets: [TOKEN], logged: () => logged.join('\n') },
    dispose: () => port.close(),
  };
}

/** The port on a service with users, two of whom share an address. */
export async function createCrmFixture(): Promise<CrmFixture> {
  const { remote, port } = createWorld();
  const users = ['ann', 'ben', 'carla'].map((name) => ({
    id: `U-${name}`,
    email: `${name}@example.com`,
    name,
    active: name !== 'carla',
  }));
  const shared = 'shared@example.com';
  const twins = ['one', 'two'].map((name) => ({ id: `U-${name}`, email: shared, name, active: true }));
  remote.users.push(...users, ...twins);
  const { next, clear } = createFaults(remote);
  return {
    port,
    scope: { kind: 'contact' },
    users,
    shared,
    faults: { next, clear },
    requests: () => remote.state.requests,
    dispose: () => port.close(),
  };
}
