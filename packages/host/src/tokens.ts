import type { AdapterContext, CrmPort, MailboxPort, Secrets, StatePort, TokenProvider } from '@tidelock/core';
import type { InjectionToken } from 'tsyringe';
import type { LoadedAdapters } from './adapters.ts';
import type { Config } from './config.ts';

const token = <T>(name: string): InjectionToken<T> => Symbol(name);

/** References to what a platform is made of; the container only holds the table. */
export const TOKENS = {
  config: token<Config>('config'),
  adapters: token<LoadedAdapters>('adapters'),
  context: token<AdapterContext>('context'),
  stack: token<AsyncDisposableStack>('stack'),
  secrets: token<Promise<Secrets>>('secrets'),
  options: token<Promise<Record<'state' | 'token' | 'mailbox' | 'crm', unknown>>>('options'),
  state: token<Promise<StatePort>>('state'),
  token: token<Promise<TokenProvider>>('token'),
  mailbox: token<Promise<MailboxPort>>('mailbox'),
  crm: token<Promise<CrmPort>>('crm'),
} as const;
