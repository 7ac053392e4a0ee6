import type { Secrets, StatePort } from '@tidelock/core';
import { type LoadedAdapters, loadAdapters } from '../adapters.ts';
import type { Ports } from '../assembly.ts';
import { createContext, type HostContext, makeDataDir } from '../base-context.ts';
import { openPorts, requireReadable, sealedState } from '../composition.ts';
import { type Config, loadConfig } from '../config.ts';
import { createContainer } from '../container.ts';
import { importPendingActs } from '../pending-acts.ts';
import type { PlatformOptions } from '../platform.ts';
import { placeOf, resolveOptions } from '../secret-options.ts';

type Environment = NonNullable<PlatformOptions['env']>;

/** What stays open as long as the process lives, also while no tenant is connected: secret store and state. */
export interface Foundation extends AsyncDisposable {
  /** As it was when this was opened. */
  readonly config: Config;
  readonly context: HostContext;
  readonly secrets: Secrets;
  readonly state: StatePort;
  readonly env: Environment;
}

/** Token provider, mailbox side and CRMs over a foundation. */
export interface Services extends AsyncDisposable {
  readonly adapters: LoadedAdapters;
  readonly ports: Ports;
}

async function open(
  options: PlatformOptions,
  stack: AsyncDisposableStack,
): Promise<Omit<Foundation, symbol>> {
  const env = options.env ?? process.env;
  const config = await loadConfig(options.configPath, { env });
  const adapters = await loadAdapters(config, options.resolveFrom);
  await makeDataDir(config);
  const context = await createContext(config, { options, env, stack });
  const [own] = await resolveOptions([placeOf('secrets', config, adapters)], { config, secrets: null });
  const secrets = await adapters.secrets.manifest.create(own, { ...context, env });
  stack.defer(() => secrets.close());
  await requireReadable(secrets);
  const [stateOptions] = await resolveOptions([placeOf('state', config, adapters)], { config, secrets });
  const opened = await adapters.state.manifest.create(stateOptions, context);
  stack.defer(() => opened.close());
  const state = sealedState(opened, { secrets, clock: context.clock, random: context.random });
  await importPendingActs(config.dataDir, state.tenants);
  return { config, context, secrets, state, env };
}

/** Throws `InputError` for the configuration, and `AdapterError` for what secret store and state met while opening. */
export async function openFoundation(options: PlatformOptions): Promise<Foundation> {
  const stack = new AsyncDisposableStack();
  try {
    const opened = await open(options, stack);
    return { ...opened, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync().catch(() => undefined);
    throw error;
  }
}

/** Opens the rest under a configuration; makes no request. Throws as `createPlatform` does, and closes what was open by then. */
export async function openServices(
  foundation: Foundation,
  of: { readonly config: Config; readonly resolveFrom?: string | undefined },
): Promise<Services> {
  const { context, secrets, state, env } = foundation;
  const stack = new AsyncDisposableStack();
  try {
    const adapters = await loadAdapters(of.config, of.resolveFrom);
    const parts = { config: of.config, adapters, context, env, stack, opened: { secrets, state } };
    const ports = await openPorts(createContainer(parts), context, { state });
    return { adapters, ports, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync().catch(() => undefined);
    throw error;
  }
}
