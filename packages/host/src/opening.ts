import type { Secrets, StatePort } from '@tidelock/core';
import { currentUser } from './actor.ts';
import type { LoadedSlots } from './adapters.ts';
import { createContext, type HostContext, makeDataDir } from './base-context.ts';
import { type Config, loadConfig } from './config.ts';
import { importPendingActs } from './pending-acts.ts';
import type { PlatformOptions } from './platform.ts';
import { placeOf, resolveOptions } from './secret-options.ts';

type Environment = NonNullable<PlatformOptions['env']>;

/** Where everything begins: a configuration, the adapters it names, and what they are given. Nothing is open yet. */
export interface Ground<A> {
  readonly options: PlatformOptions;
  readonly config: Config;
  readonly adapters: A;
  readonly context: HostContext;
  /** For the secret store alone: a key or a login can come from there. */
  readonly env: Environment;
  /** Who acts: in the audit trail. */
  readonly who: string;
  /** Whatever is opened on this ground is closed by it, last opened first. */
  readonly stack: AsyncDisposableStack;
}

/** `load`: the adapters that are needed; one that is not is not looked at. */
export async function openGround<A>(
  options: PlatformOptions,
  stack: AsyncDisposableStack,
  load: (config: Config, resolveFrom?: string) => Promise<A>,
): Promise<Ground<A>> {
  const env = options.env ?? process.env;
  const config = await loadConfig(options.configPath, { env });
  const adapters = await load(config, options.resolveFrom);
  await makeDataDir(config);
  const context = await createContext(config, { options, env, stack });
  return { options, config, adapters, context, env, who: options.actor ?? currentUser(env), stack };
}

/** Options of the secret store: they refer to no secret. */
export async function secretOptionsOf({
  config,
  adapters,
}: Pick<Ground<Pick<LoadedSlots, 'secrets'>>, 'config' | 'adapters'>): Promise<unknown> {
  const [options] = await resolveOptions([placeOf('secrets', config, adapters)], { config, secrets: null });
  return options;
}

export async function openSecretStore(ground: Ground<Pick<LoadedSlots, 'secrets'>>): Promise<Secrets> {
  const { adapters, context, env, stack } = ground;
  const options = await secretOptionsOf(ground);
  const secrets = await adapters.secrets.manifest.create(options, { ...context, env });
  stack.defer(() => secrets.close());
  return secrets;
}

export async function stateOptionsOf(
  { config, adapters }: Pick<Ground<Pick<LoadedSlots, 'state'>>, 'config' | 'adapters'>,
  secrets: Secrets,
): Promise<unknown> {
  const [options] = await resolveOptions([placeOf('state', config, adapters)], { config, secrets });
  return options;
}

/** The state as its adapter keeps it; what was noted while it was not at hand is in the trail from now on. */
export async function openStateStore(
  { config, adapters, context, stack }: Ground<Pick<LoadedSlots, 'state'>>,
  options: unknown,
): Promise<StatePort> {
  const state = await adapters.state.manifest.create(options, context);
  stack.defer(() => state.close());
  await importPendingActs(config.dataDir, state.tenants);
  return state;
}

export interface Closing extends AsyncDisposable {
  close(): Promise<void>;
}

/** What `open` makes, with a way to close it. Where that fails, whatever was open by then is closed again. */
export async function opened<T extends object>(
  open: (stack: AsyncDisposableStack) => Promise<T>,
): Promise<T & Closing> {
  const stack = new AsyncDisposableStack();
  try {
    const close = () => stack.disposeAsync();
    return Object.assign(await open(stack), { close, [Symbol.asyncDispose]: close });
  } catch (error) {
    // What went wrong first is what a person must hear about.
    await stack.disposeAsync().catch(() => undefined);
    throw error;
  }
}
