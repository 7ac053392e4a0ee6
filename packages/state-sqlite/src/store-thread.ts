import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { StatePort } from '@tidelock/core';
import {
  AdapterError,
  type AdapterErrorDetails,
  type ErrorKind,
  isAdapterError,
} from '@tidelock/core/errors';
import { openStore } from './store-here.ts';

// The database in a thread of its own: `node:sqlite` computes and waits for the disk where it is called, and a sync has
// requests to send meanwhile. One file for both ends, so that the thread finds it as source and as built.

const ROLE = 'tidelock-state-sqlite';

const PARTS = ['sync', 'tenants', 'push', 'access'] as const;
type Part = (typeof PARTS)[number];

interface Request {
  readonly id: number;
  readonly part: Part | 'close';
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What an `AdapterError` is on its way between two threads. */
interface Packed {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly details: AdapterErrorDetails;
}

type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly refusal: Packed }
  | { readonly id: number; readonly error: unknown };

/** The first message: the thread has the database open, and answers to these names. */
type Opened = { readonly id: 0; readonly value: Readonly<Record<Part, readonly string[]>> };

function packed(error: AdapterError): Packed {
  const { kind, message, operation, status, code, requestId, retryAfterMs, remedy, cause } = error;
  return { kind, message, details: { operation, status, code, requestId, retryAfterMs, remedy, cause } };
}

const unpacked = ({ kind, message, details }: Packed): AdapterError =>
  new AdapterError(kind, message, details);

const failed = (id: number, error: unknown): Reply =>
  isAdapterError(error) ? { id, refusal: packed(error) } : { id, error };

const ended = (): AdapterError =>
  new AdapterError('unavailable', 'The thread that has the database open has ended.', {
    operation: 'state.call',
    remedy: 'Start the platform again; what was committed is kept.',
  });

/** Calls under way. While there are any, the process does not end by itself. */
function createCalls(worker: Worker) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  worker.on('message', (reply: Reply) => {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if ('value' in reply) call?.resolve(reply.value);
    else call?.reject('refusal' in reply ? unpacked(reply.refusal) : reply.error);
  });
  worker.on('error', (error) => {
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
  });
  worker.on('exit', () => {
    for (const call of waiting.values()) call.reject(ended());
    waiting.clear();
  });
  const wait = (id: number): Promise<unknown> => {
    const call = Promise.withResolvers<unknown>();
    waiting.set(id, call);
    worker.ref();
    return call.promise;
  };
  return {
    opened: wait(0) as Promise<Opened['value']>,
    async ask(part: Request['part'], method: string, args: readonly unknown[]): Promise<unknown> {
      if (worker.threadId < 0) throw ended();
      last += 1;
      worker.postMessage({ id: last, part, method, args } satisfies Request);
      return wait(last);
    },
  };
}

type Ask = ReturnType<typeof createCalls>['ask'];

const portTo = <T>(ask: Ask, part: Part, methods: readonly string[]): T =>
  Object.fromEntries(
    methods.map((method) => [method, (...args: readonly unknown[]) => ask(part, method, args)]),
  ) as T;

/** Megabytes of young memory: rows live no longer than their call. */
const NURSERY = 1;

/** Opens the database of this file in a thread of its own. Throws what `openStore` throws. */
export async function openInThread(file: string): Promise<StatePort> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { role: ROLE, file },
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY },
  });
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const untilGone = (): Promise<void> => {
    worker.ref();
    return gone;
  };
  const { opened, ask } = createCalls(worker);
  try {
    const methods = await opened;
    return {
      sync: portTo(ask, 'sync', methods.sync),
      tenants: portTo(ask, 'tenants', methods.tenants),
      push: portTo(ask, 'push', methods.push),
      access: portTo(ask, 'access', methods.access),
      async close() {
        if (worker.threadId < 0) return;
        await ask('close', '', []);
        await untilGone();
      },
    };
  } catch (error) {
    await untilGone();
    throw error;
  }
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Answers calls in the order in which they come. */
async function serve(file: string): Promise<void> {
  const reply = (message: Reply): void => parentPort?.postMessage(message);
  try {
    const store = openStore(file);
    const methods = PARTS.map((part) => [part, Object.keys(store[part] ?? {})] as const);
    reply({ id: 0, value: Object.fromEntries(methods) });
    parentPort?.on('message', async ({ id, part, method, args }: Request) => {
      try {
        if (part === 'close') {
          await store.close();
          reply({ id, value: undefined });
          parentPort?.close();
          return;
        }
        const call = (store[part] as unknown as Record<string, Method>)[method];
        reply({ id, value: await call?.(...args) });
      } catch (error) {
        reply(failed(id, error));
      }
    });
  } catch (error) {
    reply(failed(0, error));
  }
}

if (!isMainThread && (workerData as { role?: unknown } | null)?.role === ROLE)
  await serve((workerData as { file: string }).file);
