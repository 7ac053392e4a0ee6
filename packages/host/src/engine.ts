import { hostname } from 'node:os';
import type { AdapterContext, StatePort } from '@tidelock/core';
import { createEngine, type Engine } from '@tidelock/engine';
import type { Lanes } from './lanes.ts';
import type { PlatformOptions } from './platform.ts';

/** The engine over the lanes that the configuration names. */
export async function openEngine(of: {
  readonly options: PlatformOptions;
  readonly context: AdapterContext;
  readonly state: StatePort;
  readonly lanes: Lanes;
}): Promise<Engine> {
  const { options, context } = of;
  const lanes = await of.lanes.resolve();
  return createEngine({
    state: of.state.sync,
    clock: context.clock,
    random: context.random,
    log: context.log,
    owner: `${hostname()}/${process.pid}/${context.random.uuid().slice(0, 8)}`,
    lanes: lanes.map((lane) => lane.config),
    signal: options.signal,
    onProgress: options.onProgress,
    onEffect: options.overrides?.onEffect,
  });
}
