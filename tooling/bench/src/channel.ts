import { type ChildProcess, fork } from 'node:child_process';

/** What a child process offers: named calls with one structured argument and one structured answer. */
// biome-ignore lint/suspicious/noExplicitAny: the bound of a table of functions with different arguments
export type Api = Readonly<Record<string, (input: any) => unknown>>;

interface Request {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

export interface Remote<A extends Api> {
  readonly pid: number;
  call<K extends keyof A & string>(name: K, input: Parameters<A[K]>[0]): Promise<Awaited<ReturnType<A[K]>>>;
  /** Lets the child end by itself, so that profiles are written. */
  close(): Promise<void>;
}

/** Answers the parent's calls until it disconnects. Runs in the child. */
export function serveCalls(api: Api, onClose: () => Promise<void>): void {
  const reply = (message: Reply): void => void process.send?.(message);
  process.on('message', async ({ id, name, input }: Request) => {
    try {
      reply({ id, value: await api[name]?.(input) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => void onClose());
}

function settler(child: ChildProcess) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on('message', (message: Reply) => {
    const { id, value, error } = message;
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.resolve(value);
    else one?.reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    for (const one of waiting.values()) one.reject(new Error(`the process ended (${code ?? signal})`));
  });
  return waiting;
}

/** Starts a TypeScript file of this folder as a process of its own. */
export function startRemote<A extends Api>(file: string, nodeFlags: readonly string[] = []): Remote<A> {
  const execArgv = ['--conditions=@tidelock/source', ...nodeFlags];
  return remoteOf(fork(new URL(file, import.meta.url), { execArgv }));
}

/**
 * Starts one of the processes that are measured: as JavaScript with the packages as they are published, which `run.mjs` has built, and without
 * what Node keeps of earlier runs. Sources would need the parser of TypeScript in the same process, or a cache that is kept in its memory.
 */
export function startMeasured<A extends Api>(name: string, nodeFlags: readonly string[] = []): Remote<A> {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  return remoteOf(fork(new URL(`../dist/${name}.js`, import.meta.url), { execArgv: [...nodeFlags], env }));
}

function remoteOf<A extends Api>(child: ChildProcess): Remote<A> {
  const waiting = settler(child);
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  let last = 0;
  return {
    pid: child.pid ?? 0,
    call: (name, input) => {
      last += 1;
      const one = Promise.withResolvers<unknown>();
      waiting.set(last, one);
      child.send({ id: last, name, input } satisfies Request);
      return one.promise as ReturnType<Remote<A>['call']> as never;
    },
    close: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
