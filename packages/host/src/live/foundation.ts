import type { Secrets, StatePort } from '@tidelock/core';
import { type LoadedAdapters, type LoadedSlots, loadAdapters } from '../adapters.ts';
import type { Ports } from '../assembly.ts';
import type { HostContext } from '../base-context.ts';
import { openPorts, requireReadable, sealedState } from '../composition.ts';
import type { Config } from '../config.ts';
import { chosenOptions } from '../container.ts';
import {
  type Ground,
  opened,
  openGround,
  openSecretStore,
  openStateStore,
  stateOptionsOf,
} from '../opening.ts';
import type { PlatformOptions } from '../platform.ts';
import type { SealerSource } from '../sealing/sealer-source.ts';

/** What stays open as long as the process lives, also while no tenant is connected: secret store and state. */
export interface Foundation extends AsyncDisposable {
  /** As it was when this was opened. */
  readonly config: Config;
  readonly context: HostContext;
  readonly secrets: Secrets;
  readonly state: StatePort;
  /** Of the tenant's sealed fields: one for everybody here, so that a tenant that is erased is forgotten at once. */
  readonly sealer: SealerSource;
  readonly env: Ground<unknown>['env'];
  /** Who acts: in the audit trail. */
  readonly who: string;
}

/** Token provider, mailbox side and CRMs over a foundation. */
export interface Services extends AsyncDisposable {
  readonly adapters: LoadedAdapters;
  readonly ports: Ports;
}

/** Secret store and state on some ground. */
export async function foundationOn<A extends Pick<LoadedSlots, 'secrets' | 'state'>>(
  ground: Ground<A>,
): Promise<Ground<A> & Omit<Foundation, symbol>> {
  const secrets = await openSecretStore(ground);
  await requireReadable(secrets);
  const state = await openStateStore(ground, await stateOptionsOf(ground, secrets));
  return { ...ground, secrets, ...sealedState(state, { ...ground.context, secrets }) };
}

/** Throws `InputError` for the configuration, and `AdapterError` for what secret store and state met while opening. */
export const openFoundation = (options: PlatformOptions): Promise<Foundation> =>
  opened(async (stack) => foundationOn(await openGround(options, stack, loadAdapters)));

/** Opens the rest under a configuration; makes no request. Throws as `createPlatform` does, and closes what was open by then. */
export const openServices = (
  { context, secrets, state }: Foundation,
  { config, resolveFrom }: { readonly config: Config; readonly resolveFrom?: string | undefined },
): Promise<Services> =>
  opened(async (stack) => {
    const adapters = await loadAdapters(config, resolveFrom);
    const certificates = await requireReadable(secrets);
    const chosen = await chosenOptions({ config, adapters }, secrets);
    const parts = { config, adapters, context, stack, secrets, state, chosen };
    return { adapters, ports: await openPorts(parts, certificates) };
  });
