import {
  AdapterError,
  type ConformanceAccount,
  type ContextOf,
  InputError,
  type TokenProvider,
} from '@tidelock/core';
import { loadAdapters } from './adapters.ts';
import { crmChoices, ofCrm } from './crm-connections.ts';
import { opened, openGround, openSecretStore } from './opening.ts';
import type { PlatformOptions } from './platform.ts';
import { resolveOptions } from './secret-options.ts';

export interface OpenAccount extends AsyncDisposable {
  /** Package of the adapter that the configuration uses for it. */
  readonly adapter: string;
  readonly account: ConformanceAccount<'crm'>;
}

export interface AccountOptions extends PlatformOptions {
  /** Name of the connection: `crm`, or one of `crms`. */
  readonly connection: string;
  /** Longest single wait for what was written to be seen, milliseconds. */
  readonly patienceMs: number;
}

const noToken: TokenProvider['getToken'] = () =>
  Promise.reject(
    new AdapterError('unsupported', 'No token of the mailbox side is at hand where a CRM is verified.', {
      operation: 'verify',
    }),
  );

/**
 * A CRM account with what an adapter needs to work on it, and nothing else: no state is opened and no mailbox looked at.
 * Makes no request besides reading the secret store. Throws `InputError`.
 */
export const openAccount = (options: AccountOptions): Promise<OpenAccount> =>
  opened(async (stack) => {
    const ground = await openGround(options, stack, loadAdapters);
    const { config, adapters, context } = ground;
    const choice = crmChoices(config).find(({ name }) => name === options.connection);
    if (choice === undefined) {
      const known = crmChoices(config).map(({ name }) => name);
      throw new InputError(`There is no CRM connection ${options.connection}.`, [
        { path: config.file, reason: `has the connections ${known.join(', ')}`, remedy: 'Name one of them.' },
      ]);
    }
    const secrets = await openSecretStore(ground);
    const place = { path: choice.path, options: choice.options, adapter: ofCrm(adapters.crms, choice.name) };
    const [resolved] = await resolveOptions([place], { config, secrets });
    const token = { getToken: noToken } as ContextOf['crm']['token'];
    return {
      adapter: choice.adapter,
      account: {
        options: resolved,
        context: { ...context, secrets, token },
        wait: (ms) => context.clock.sleep(Math.min(ms, options.patienceMs), options.signal),
      },
    };
  });
