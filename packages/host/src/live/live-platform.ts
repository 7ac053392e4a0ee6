import { AdapterError, InputError, isAdapterError } from '@tidelock/core';
import { assembleOver } from '../composition.ts';
import { type Config, loadConfig } from '../config.ts';
import { withEveryProblem } from '../every-problem.ts';
import type { ActingPlatform, PlatformOptions } from '../platform.ts';
import { type Foundation, openFoundation, openServices, type Services } from './foundation.ts';
import { reachOfChange } from './same.ts';
import { type Seat, takeSeat } from './seat.ts';

/** One configuration in force: its platform, and who still works with it. */
interface Generation {
  readonly config: Config;
  readonly platform: ActingPlatform;
  readonly services: Services;
  users: number;
}

/**
 * A platform for a process that stays: its configuration may change while work is under way. Whoever works goes on with the
 * platform that he began with; what it needs stays open until he has finished.
 */
export interface LivePlatform extends AsyncDisposable {
  /** Secret store, state and what adapters are given: the same as long as the process lives. */
  readonly foundation: Foundation;
  readonly options: PlatformOptions;
  /** The configuration in force. */
  readonly config: Config;
  /** Why there is no platform at present: no tenant is connected yet, a secret is missing. null = there is one. */
  readonly trouble: Error | null;
  /** The platform of this moment, for things that take no time. Throws `trouble`. */
  now(): ActingPlatform;
  /** Work that takes time. Throws `trouble`. */
  use<R>(work: (platform: ActingPlatform) => Promise<R>): Promise<R>;
  /**
   * Reads the configuration anew and goes on under it. `services`: opens the connections anew in any case, for a secret that
   * was changed. Throws `InputError` with every problem, and then everything is as it was. What secret store and state stand
   * on is not changed under a running process: `conflict`.
   */
  reload(of?: { readonly services?: boolean }): Promise<void>;
  /** The connections are opened anew, and where that does not work there are none from now on: `trouble` says why. */
  reconnect(): Promise<void>;
  /** Told after each change, with the platform from now on; null = there is none. Answers how to stop listening. */
  onChange(listener: (platform: ActingPlatform | null) => void): () => void;
  close(): Promise<void>;
}

const needsRestart = (): AdapterError =>
  new AdapterError('conflict', 'Secret store, state, data folder, network or log were changed.', {
    operation: 'config.reload',
    remedy: 'Start the process again: these are not changed while it runs.',
  });

interface Live {
  readonly options: PlatformOptions;
  readonly seat: Seat;
  readonly foundation: Foundation;
  readonly listeners: Set<(platform: ActingPlatform | null) => void>;
  config: Config;
  current: Generation | null;
  trouble: Error | null;
  /** Those that somebody still works with. */
  readonly retired: Set<Generation>;
}

/** Services that neither the present configuration nor anybody's work needs are closed. */
async function closeUnused(live: Live, services: Services): Promise<void> {
  const holders = [live.current, ...live.retired].filter((one) => one?.services === services);
  if (holders.length === 0) await services[Symbol.asyncDispose]();
}

async function leave(live: Live, generation: Generation): Promise<void> {
  generation.users -= 1;
  if (generation.users > 0 || !live.retired.delete(generation)) return;
  await closeUnused(live, generation.services);
}

async function replace(live: Live, next: Generation): Promise<void> {
  const old = live.current;
  live.current = next;
  live.config = next.config;
  live.trouble = null;
  for (const listener of live.listeners) listener(next.platform);
  if (old === null) return;
  if (old.users > 0) live.retired.add(old);
  else await closeUnused(live, old.services);
}

async function open(live: Live, config: Config): Promise<Generation> {
  const { foundation, options } = live;
  const services = await openServices(foundation, { config, resolveFrom: options.resolveFrom });
  const { adapters, ports } = services;
  const platform = assembleOver(config, { options, adapters, context: foundation.context, ports });
  return { config, platform, services, users: 0 };
}

/** The rules of every profile are worked out once, so that one that cannot work is refused now. */
function checked(generation: Generation): Generation {
  generation.platform.profiles();
  return generation;
}

async function renew(live: Live, config: Config, services: boolean): Promise<void> {
  const reach = reachOfChange(live.config, config);
  if (reach === 'foundation') throw needsRestart();
  const { current, foundation, options } = live;
  if (current !== null && reach === 'rules' && !services) {
    const { adapters, ports } = current.services;
    const platform = assembleOver(config, { options, adapters, context: foundation.context, ports });
    return replace(live, checked({ config, platform, services: current.services, users: 0 }));
  }
  const next = await open(live, config);
  try {
    checked(next);
  } catch (error) {
    await next.services[Symbol.asyncDispose]();
    throw error;
  }
  await replace(live, next);
}

/** What a configuration, secret store or service may cause; anything else is a mistake of ours. */
export const isExpected = (error: unknown): error is Error =>
  error instanceof InputError || isAdapterError(error);

async function begin(live: Live): Promise<void> {
  try {
    await renew(live, live.config, true);
  } catch (error) {
    if (!isExpected(error)) throw error;
    live.trouble = error instanceof InputError ? await withEveryProblem(error, live.options) : error;
  }
}

function required(live: Live): Generation {
  if (live.current !== null) return live.current;
  throw live.trouble ?? new TypeError('closed');
}

async function reload(live: Live, services: boolean): Promise<void> {
  const { configPath, env = process.env } = live.options;
  try {
    await renew(live, await loadConfig(configPath, { env }), services);
  } catch (error) {
    const told = error instanceof InputError ? await withEveryProblem(error, live.options) : error;
    if (live.current === null && isExpected(told)) live.trouble = told;
    throw told;
  }
}

async function reconnect(live: Live): Promise<void> {
  try {
    await reload(live, true);
  } catch (error) {
    if (!isExpected(error)) throw error;
    const old = live.current;
    live.current = null;
    live.trouble = error;
    for (const listener of live.listeners) listener(null);
    if (old === null) return;
    if (old.users > 0) live.retired.add(old);
    else await closeUnused(live, old.services);
  }
}

function handleOf(live: Live): LivePlatform {
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };
  const close = async (): Promise<void> => {
    const all = new Set([live.current, ...live.retired].flatMap((one) => one?.services ?? []));
    live.current = null;
    live.retired.clear();
    for (const services of all) await services[Symbol.asyncDispose]();
    await live.foundation[Symbol.asyncDispose]();
    await live.seat.release();
  };
  return {
    foundation: live.foundation,
    options: live.options,
    get config() {
      return live.config;
    },
    get trouble() {
      return live.trouble;
    },
    now: () => required(live).platform,
    async use(work) {
      const generation = required(live);
      generation.users += 1;
      try {
        return await work(generation.platform);
      } finally {
        await leave(live, generation);
      }
    },
    reload: ({ services = false } = {}) => inTurn(() => reload(live, services)),
    reconnect: () => inTurn(() => reconnect(live)),
    onChange(listener) {
      live.listeners.add(listener);
      return () => live.listeners.delete(listener);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Opens secret store and state, and the platform over them where that is possible: a process may start before a tenant is
 * connected. Makes no request besides reading the secret store. Throws `InputError` for the configuration, and `AdapterError`
 * for what secret store or state met.
 */
export async function openLivePlatform(options: PlatformOptions): Promise<LivePlatform> {
  const foundation = await openFoundation(options);
  const { config } = foundation;
  const seat = await takeSeat(foundation.context.dataDir);
  const live: Live = {
    options: { ...options, seat: seat.number },
    ...{ seat, foundation, config, current: null, trouble: null },
    ...{ listeners: new Set(), retired: new Set() },
  };
  try {
    await begin(live);
    return handleOf(live);
  } catch (error) {
    await foundation[Symbol.asyncDispose]();
    await seat.release();
    throw error;
  }
}
