import { mkdir } from 'node:fs/promises';
import { type AdapterContext, InputError } from '@tidelock/core';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { createNetwork } from './network.ts';
import type { PlatformOptions } from './platform.ts';
import { createSystemClock, createSystemRandom } from './system.ts';
import { createTraffic, type Traffic } from './traffic.ts';

type Environment = NonNullable<PlatformOptions['env']>;

export async function makeDataDir(config: Config): Promise<void> {
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const reason = `the data directory ${config.dataDir} cannot be created (${code})`;
    const remedy = 'Create it and give it to the user that runs this process.';
    throw new InputError(reason, [{ path: 'data', reason, remedy }]);
  }
}

/** What adapters are given, and what is counted on the way. */
export interface HostContext extends AdapterContext {
  readonly traffic: Traffic;
}

/** What every adapter is given; what has to be closed goes on the stack. */
export async function createContext(
  config: Config,
  of: { options: PlatformOptions; env: Environment; stack: AsyncDisposableStack },
): Promise<HostContext> {
  const overrides = of.options.overrides ?? {};
  const opened = overrides.log === undefined ? createLog(config) : null;
  if (opened) of.stack.defer(() => opened.close());
  const network = overrides.fetch === undefined ? await createNetwork(config, of.env) : null;
  if (network) of.stack.defer(() => network.close());
  const log = overrides.log ?? opened?.log;
  const fetch = overrides.fetch ?? network?.fetch;
  if (log === undefined || fetch === undefined) throw new TypeError('an override is missing');
  return {
    fetch,
    log,
    clock: overrides.clock ?? createSystemClock(),
    random: overrides.random ?? createSystemRandom(),
    dataDir: config.dataDir,
    traffic: createTraffic(),
  };
}
