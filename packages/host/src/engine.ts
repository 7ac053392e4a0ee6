import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { type AdapterContext, isAdapterError, type StatePort } from '@tidelock/core';
import { createDesk, createEngine, type Desk, type Engine, type EngineOptions } from '@tidelock/engine';
import type { Administration } from './administration.ts';
import type { Config } from './config.ts';
import type { Lanes } from './lanes.ts';
import { createOverflow } from './overflow.ts';
import type { PlatformOptions } from './platform.ts';
import { createScheduledEngine, type ScheduledEngine } from './runner/scheduled.ts';

/**
 * Name of this worker in leases: the data folder on this machine, and the place of its process there. A process that
 * starts after a crash so takes its own lanes back at once, instead of waiting for the dead one's lease.
 */
function ownerOf(
  dataDir: string,
  { seat = 1, worker }: { readonly seat?: number | undefined; readonly worker?: string | undefined },
): string {
  const folder = `${hostname()}/${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  return [seat === 1 ? folder : `${folder}#${seat}`, ...(worker === undefined ? [] : [worker])].join('/');
}

export interface EngineParts {
  readonly options: Pick<PlatformOptions, 'overrides' | 'signal' | 'onProgress' | 'seat'>;
  readonly config: Pick<Config, 'history'>;
  readonly context: AdapterContext;
  readonly state: StatePort;
  readonly lanes: Lanes;
  readonly administration: Pick<Administration, 'notice'>;
  /** Works beside the process itself, under a name of its own. */
  readonly worker?: string | undefined;
}

function optionsOf(of: EngineParts): Omit<EngineOptions, 'lanes'> {
  const { options, context } = of;
  return {
    state: of.state.sync,
    clock: context.clock,
    random: context.random,
    log: context.log,
    owner: ownerOf(context.dataDir, { seat: options.seat, worker: of.worker }),
    keep: { valueDays: of.config.history.valueDays, rowDays: of.config.history.keepDays },
    signal: options.signal,
    onProgress: options.onProgress,
    onEffect: options.overrides?.onEffect,
    inOrder: options.overrides?.inOrder,
    overflow: createOverflow(context.dataDir),
  };
}

async function engineOptions(of: EngineParts): Promise<EngineOptions> {
  const lanes = await of.lanes.resolve();
  return { ...optionsOf(of), lanes: lanes.map((lane) => lane.config) };
}

/** An engine that is scheduled from outside, over lanes that come and go. */
export const openScheduled = (of: EngineParts, previous: Engine | null): ScheduledEngine =>
  createScheduledEngine({
    ...{ options: optionsOf(of), lanes: of.lanes, previous },
    notice: () => of.administration.notice(),
  });

/**
 * Before anything is read in another week than before, the lanes are opened anew, as their windows have moved; those that
 * could not be prepared then, the next time. Directory or CRM that cannot be asked leave everything as it was.
 */
function createTurnOver({ lanes, context }: EngineParts, engine: Engine): () => Promise<void> {
  let open: readonly string[] = [];
  const reopen = async (): Promise<readonly string[]> => {
    await lanes.refresh();
    return (await engine.replace((await lanes.resolve()).map(({ config }) => config))).changed;
  };
  return async () => {
    if (engine.ready().length === 0) return;
    try {
      if (lanes.isOver()) open = await reopen();
    } catch (error) {
      if (!isAdapterError(error)) throw error;
      context.log.warn('windows.not-moved', { kind: error.kind, operation: error.operation });
    }
    if (open.length > 0) await engine.prepare({ only: open });
    open = open.filter((laneId) => !engine.isReady(laneId));
  };
}

/** The engine over the lanes that the configuration names. */
export async function openEngine(of: EngineParts): Promise<Engine> {
  const engine = createEngine(await engineOptions(of));
  const { notice } = of.administration;
  const turnOver = createTurnOver(of, engine);
  // A plan changes nothing that anybody keeps; what writes notes first who follows which rules.
  const begin = async (writes = true): Promise<void> => {
    await turnOver();
    if (writes) await notice();
  };
  return {
    ...engine,
    sync: async (options) => {
      await begin();
      return engine.sync(options);
    },
    plan: async (options) => {
      await begin(false);
      return engine.plan(options);
    },
    apply: async (...plan) => {
      await begin();
      return engine.apply(...plan);
    },
    round: async (options) => {
      await begin(options?.preview !== true && options?.only === undefined);
      return engine.round(options);
    },
  };
}

/** The review queue over the same lanes. */
export const openDesk = async (of: EngineParts): Promise<Desk> => createDesk(await engineOptions(of));
