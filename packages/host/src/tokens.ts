import type { CrmPort, MailboxPort, Secrets, StatePort, TokenProvider } from '@tidelock/core';
import type { InjectionToken } from 'tsyringe';

const token = <T>(name: string): InjectionToken<T> => Symbol(name);

/** References to what a platform is made of; the container only holds the table. */
export const TOKENS = {
  secrets: token<Promise<Secrets>>('secrets'),
  options:
    token<Promise<Record<'state' | 'token' | 'mailbox', unknown> & { readonly crms: readonly unknown[] }>>(
      'options',
    ),
  state: token<Promise<StatePort>>('state'),
  token: token<Promise<TokenProvider>>('token'),
  mailbox: token<Promise<MailboxPort>>('mailbox'),
  /** By name of the connection. */
  crms: token<Promise<ReadonlyMap<string, CrmPort>>>('crms'),
} as const;
