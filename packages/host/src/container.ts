import 'reflect-metadata';
import type { AdapterContext, CrmPort, Secrets, StatePort } from '@tidelock/core';
import { type DependencyContainer, instanceCachingFactory, container as root } from 'tsyringe';
import type { LoadedAdapters } from './adapters.ts';
import type { HostContext } from './base-context.ts';
import type { Config } from './config.ts';
import { watchToken } from './connection-trouble.ts';
import { crmChoices, ofCrm } from './crm-connections.ts';
import { type OptionsPlace, placeOf, resolveOptions } from './secret-options.ts';
import { TOKENS } from './tokens.ts';

interface Closable {
  close(): Promise<void>;
}

export interface Parts {
  readonly config: Config;
  readonly adapters: LoadedAdapters;
  readonly context: HostContext;
  /** Whatever a factory opens is closed by this, last opened first: the container itself disposes of nothing. */
  readonly stack: AsyncDisposableStack;
  /** Open already, and closed by somebody else. */
  readonly secrets: Secrets;
  readonly state: StatePort;
  readonly chosen: Chosen;
}

/** Options of everything but the secret store, checked together. */
export interface Chosen {
  readonly state: unknown;
  readonly token: unknown;
  readonly mailbox: unknown;
  readonly crms: readonly unknown[];
}

export async function chosenOptions(
  { adapters, config }: Pick<Parts, 'adapters' | 'config'>,
  secrets: Secrets,
): Promise<Chosen> {
  const slots = (['state', 'token', 'mailbox'] as const).map((slot) => placeOf(slot, config, adapters));
  const places = crmChoices(config).map(
    ({ name, path, options }): OptionsPlace => ({ path, options, adapter: ofCrm(adapters.crms, name) }),
  );
  const resolved = await resolveOptions([...slots, ...places], { config, secrets });
  const [state, token, mailbox, ...crms] = resolved;
  return { state, token, mailbox, crms };
}

/** The context of one connection: its requests are counted under this name. */
function through({ traffic, ...context }: HostContext, connection: string): AdapterContext {
  return { ...context, fetch: traffic.through(connection, context.fetch) };
}

/** The table of factories. Each port is opened once, on first use, after those it needs. */
export function createContainer(parts: Parts): DependencyContainer {
  const container = root.createChildContainer();
  const { adapters, context, config, secrets, state, chosen } = parts;
  const once = <T>(make: (from: DependencyContainer) => Promise<T>) => ({
    useFactory: instanceCachingFactory(make),
  });
  const owned = async <P extends Closable>(opening: P | Promise<P>): Promise<P> => {
    const port = await opening;
    parts.stack.defer(() => port.close());
    return port;
  };
  container.register(
    TOKENS.token,
    once(async () => {
      const own = { ...through(context, 'token'), secrets };
      const token = await owned(adapters.token.manifest.create(chosen.token, own));
      return watchToken(token, { tenants: state.tenants, context, adapter: adapters.mailbox.info.name });
    }),
  );
  const withToken = async (from: DependencyContainer, connection: string) => ({
    ...through(context, connection),
    secrets,
    token: await from.resolve(TOKENS.token),
  });
  container.register(
    TOKENS.mailbox,
    once(async (from) =>
      owned(adapters.mailbox.manifest.create(chosen.mailbox, await withToken(from, 'mailbox'))),
    ),
  );
  container.register(
    TOKENS.crms,
    once(async (from) => {
      const ports = new Map<string, CrmPort>();
      for (const [index, { name }] of crmChoices(config).entries()) {
        const { manifest } = ofCrm(adapters.crms, name);
        ports.set(name, await owned(manifest.create(chosen.crms[index], await withToken(from, name))));
      }
      return ports;
    }),
  );
  return container;
}
