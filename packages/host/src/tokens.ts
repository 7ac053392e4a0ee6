import type { CrmPort, MailboxPort, TokenProvider } from '@tidelock/core';
import type { InjectionToken } from 'tsyringe';

const token = <T>(name: string): InjectionToken<T> => Symbol(name);

/** References to what a platform is made of; the container only holds the table. */
export const TOKENS = {
  token: token<Promise<TokenProvider>>('token'),
  mailbox: token<Promise<MailboxPort>>('mailbox'),
  /** By name of the connection. */
  crms: token<Promise<ReadonlyMap<string, CrmPort>>>('crms'),
} as const;
