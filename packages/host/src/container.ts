import 'reflect-metadata';
import type { AdapterContext } from '@tidelock/core';
import { type DependencyContainer, instanceCachingFactory, container as root } from 'tsyringe';
import type { LoadedAdapters } from './adapters.ts';
import type { Config } from './config.ts';
import { resolveOptions } from './secret-options.ts';
import { TOKENS } from './tokens.ts';

interface Closable {
  close(): Promise<void>;
}

export interface Parts {
  readonly config: Config;
  readonly adapters: LoadedAdapters;
  readonly context: AdapterContext;
  /** For the secret store alone: a key or a login can come from there. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whatever a factory opens is closed by this, last opened first: the container itself disposes of nothing. */
  readonly stack: AsyncDisposableStack;
}

/** The table of factories. Each port is opened once, on first use, after those it needs. */
export function createContainer(parts: Parts): DependencyContainer {
  const container = root.createChildContainer();
  const { adapters, context, config } = parts;
  const once = <T>(make: (from: DependencyContainer) => Promise<T>) => ({
    useFactory: instanceCachingFactory(make),
  });
  const owned = async <P extends Closable>(opening: P | Promise<P>): Promise<P> => {
    const port = await opening;
    parts.stack.defer(() => port.close());
    return port;
  };
  container.register(
    TOKENS.secrets,
    once(async () => {
      const { secrets } = await resolveOptions(['secrets'], { config, adapters, secrets: null });
      return owned(adapters.secrets.manifest.create(secrets, { ...context, env: parts.env }));
    }),
  );
  container.register(
    TOKENS.options,
    once(async (from) => {
      const secrets = await from.resolve(TOKENS.secrets);
      return resolveOptions(['state', 'token', 'mailbox', 'crm'], { config, adapters, secrets });
    }),
  );
  container.register(
    TOKENS.state,
    once(async (from) => {
      const { state } = await from.resolve(TOKENS.options);
      return owned(adapters.state.manifest.create(state, context));
    }),
  );
  container.register(
    TOKENS.token,
    once(async (from) => {
      const [options, secrets] = [await from.resolve(TOKENS.options), await from.resolve(TOKENS.secrets)];
      return owned(adapters.token.manifest.create(options.token, { ...context, secrets }));
    }),
  );
  const withToken = async (from: DependencyContainer) => ({
    ...context,
    secrets: await from.resolve(TOKENS.secrets),
    token: await from.resolve(TOKENS.token),
  });
  container.register(
    TOKENS.mailbox,
    once(async (from) => {
      const { mailbox } = await from.resolve(TOKENS.options);
      return owned(adapters.mailbox.manifest.create(mailbox, await withToken(from)));
    }),
  );
  container.register(
    TOKENS.crm,
    once(async (from) => {
      const { crm } = await from.resolve(TOKENS.options);
      return owned(adapters.crm.manifest.create(crm, await withToken(from)));
    }),
  );
  return container;
}
