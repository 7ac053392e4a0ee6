import {
  isMainThread,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import type { StatePort, SyncState } from '@tidelock/core';
import {
  AdapterError,
  type AdapterErrorDetails,
  type ErrorKind,
  isAdapterError,
} from '@tidelock/core/errors';
import { type GroupingStore, openStore } from './store-here.ts';
import { overRows } from './sync/sync-state.ts';

// The database in a thread of its own: `node:sqlite` computes and waits for the disk where it is called, and a sync has
// requests to send meanwhile. One file for both ends, so that the thread finds it as source and as built.

const ROLE = 'tidelock-state-sqlite';

const PARTS = ['sync', 'rows', 'tenants', 'push', 'access'] as const;
type Part = (typeof PARTS)[number];

interface Request {
  readonly id: number;
  /** `open`: the file is the argument. */
  readonly part: Part | 'open' | 'close';
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

/** The answer to `open`: the names that the database answers to. */
type Opened = Readonly<Record<Part, readonly string[]>>;

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
  const answer = (reply: Reply): void => {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('value' in reply) call?.resolve(reply.value);
    else call?.reject('refusal' in reply ? unpacked(reply.refusal) : reply.error);
  };
  worker.on('message', (replies: readonly Reply[]) => {
    for (const reply of replies) answer(reply);
    if (waiting.size === 0) worker.unref();
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
  return async (part: Request['part'], method: string, args: readonly unknown[]): Promise<unknown> => {
    if (worker.threadId < 0) throw ended();
    last += 1;
    worker.postMessage({ id: last, part, method, args } satisfies Request);
    return wait(last);
  };
}

type Ask = ReturnType<typeof createCalls>;

const portTo = <T>(ask: Ask, part: Part, methods: readonly string[]): T =>
  Object.fromEntries(
    methods.map((method) => [method, (...args: readonly unknown[]) => ask(part, method, args)]),
  ) as T;

/** Megabytes of young memory: rows live no longer than their call. */
const NURSERY = 2;

interface Thread {
  readonly worker: Worker;
  readonly ask: Ask;
}

/** Threads without a database. Starting one costs as much as some hundred calls. */
const idle: Thread[] = [];
const MOST_IDLE = 2;

function startThread(): Thread {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { role: ROLE },
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY },
  });
  worker.once('exit', () => {
    const at = idle.findIndex((thread) => thread.worker === worker);
    if (at >= 0) idle.splice(at, 1);
  });
  return { worker, ask: createCalls(worker) };
}

/** Ends with a thread that has no database any more: it waits for the next one, or is one too many. */
async function release(thread: Thread): Promise<void> {
  if (idle.length < MOST_IDLE) idle.push(thread);
  else await thread.worker.terminate();
}

/** Opens the database of this file in a thread that has no other one. Throws what `openStore` throws. */
export async function openInThread(file: string): Promise<StatePort> {
  const thread = idle.pop() ?? startThread();
  const { worker, ask } = thread;
  let isOpen = true;
  const askOpen: Ask = async (...call) => {
    if (!isOpen) throw ended();
    return ask(...call);
  };
  try {
    const methods = (await ask('open', '', [file])) as Opened;
    return {
      sync: {
        ...portTo<SyncState>(askOpen, 'sync', methods.sync),
        ...overRows(portTo(askOpen, 'rows', methods.rows)),
      },
      tenants: portTo(askOpen, 'tenants', methods.tenants),
      push: portTo(askOpen, 'push', methods.push),
      access: portTo(askOpen, 'access', methods.access),
      async close() {
        if (!isOpen || worker.threadId < 0) return;
        isOpen = false;
        try {
          await ask('close', '', []);
        } catch (error) {
          await worker.terminate();
          throw error;
        }
        await release(thread);
      },
    };
  } catch (error) {
    if (isAdapterError(error) && worker.threadId >= 0) await release(thread);
    else await worker.terminate();
    throw error;
  }
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Calls that one commit may hold, so that nobody waits long for those of others. */
const TOGETHER = 64;
/**
 * Items in them, after which it holds no more: a batch of a first load takes longer than the disk, and who waits for the batches of others
 * to end with his own works in step with them, so that now the disk rests and now the services.
 */
const TOGETHER_ITEMS = 100;

/** What a call lists that is to be stored: it has one argument. Reads are no reason to end a commit. */
function itemsIn({ args: [asked] }: Request): number {
  let items = 0;
  if (typeof asked === 'object' && asked !== null)
    for (const part of Object.values(asked)) items += Array.isArray(part) ? part.length : 0;
  return items;
}

interface Call {
  readonly id: number;
  readonly value: Promise<unknown>;
}

async function replyTo({ id, value }: Call): Promise<Reply> {
  try {
    return { id, value: await value };
  } catch (error) {
    return failed(id, error);
  }
}

/**
 * Answers calls in the order in which they come. Those that came while the disk was waited for are carried out one after the
 * other as well, and their transactions are committed together: they are answered after that.
 */
export function serve(port: MessagePort, openAt: (file: string) => GroupingStore = openStore): void {
  // biome-ignore lint/style/noRestrictedGlobals: a thread has no context, and its part of a report of Node's holds the environment unless it says so itself
  process.report.excludeEnv = true;
  let store: GroupingStore | undefined;
  const open = async (file: string): Promise<Readonly<Record<string, readonly string[]>>> => {
    const opened = openAt(file);
    store = opened;
    const methods = PARTS.map((part) => [part, Object.keys(opened[part] ?? {})] as const);
    return Object.fromEntries(methods);
  };
  const close = async (): Promise<void> => {
    const closing = store;
    store = undefined;
    await closing?.close();
  };
  const alone = ({ id, part, args }: Request): Call => ({
    id,
    value: part === 'open' ? open(args[0] as string) : close(),
  });
  const carryOut = async (on: GroupingStore, { part, method, args }: Request): Promise<unknown> =>
    (on[part as Part] as unknown as Record<string, Method>)[method]?.(...args);
  /** Carries out this call and those that wait behind it. Answers the first that is none of the store's, if one came. */
  const together = (on: GroupingStore, first: Request, calls: Call[]): readonly Request[] => {
    let next: Request | undefined = first;
    let items = 0;
    while (next !== undefined) {
      if (next.part === 'open' || next.part === 'close') return [next];
      calls.push({ id: next.id, value: carryOut(on, next) });
      items += itemsIn(next);
      const isFull = calls.length >= TOGETHER || items >= TOGETHER_ITEMS;
      next = isFull ? undefined : (receiveMessageOnPort(port)?.message as Request | undefined);
    }
    return [];
  };
  const take = (first: Request): Call[] => {
    const calls: Call[] = [];
    // It was taken with the others, and is answered whatever becomes of their commit.
    const left: Request[] = [];
    const on = store;
    if (first.part === 'open' || first.part === 'close') return [alone(first)];
    if (on === undefined) return [{ id: first.id, value: Promise.reject(ended()) }];
    try {
      on.group(() => left.push(...together(on, first, calls)));
      return [...calls, ...left.map(alone)];
    } catch (error) {
      // What one of them read may be what another one wrote, and is gone.
      void Promise.allSettled(calls.map(({ value }) => value));
      return [...calls.map(({ id }) => ({ id, value: Promise.reject(error) })), ...left.map(alone)];
    }
  };
  port.on('message', async (request: Request) => {
    port.postMessage(await Promise.all(take(request).map(replyTo)));
  });
}

if (!isMainThread && parentPort && (workerData as { role?: unknown } | null)?.role === ROLE)
  serve(parentPort);
