import { act, get } from './client.ts';
import type { Finding } from './records.ts';
import type { Lane } from './status.ts';

export interface CrmUser {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly active: boolean;
}

export interface MailboxRow {
  readonly mailboxId: string;
  readonly address: string;
  readonly name: string;
  /** Null: no rule names it. */
  readonly profile: string | null;
  readonly rule: string | null;
  readonly user: CrmUser | null;
  /** By which key, or `decided`. */
  readonly matchedBy: string | null;
  readonly candidates: readonly CrmUser[];
  readonly findings: readonly Finding[];
  readonly lane: Lane | null;
}

export interface Roster {
  readonly rows: readonly MailboxRow[];
  readonly findings: readonly Finding[];
}

/** Asks the directory and the CRM. `all`: those that no rule names, too. */
export const readRoster = (all: boolean): Promise<Roster> => get<Roster>('/mailboxes', { all });

export const findUsers = async (query: string): Promise<readonly CrmUser[]> =>
  (await get<{ readonly users: readonly CrmUser[] }>('/mailboxes/users', { q: query })).users;

export const matchUser = (address: string, user: string | null): Promise<unknown> =>
  act('POST', '/mailboxes/match', { mailbox: address, user });

/** Null takes them out. */
export const assignProfile = (addresses: readonly string[], profile: string | null): Promise<unknown> =>
  act('POST', '/mailboxes/assign', { mailboxes: addresses, profile });

export const pauseMailboxes = (addresses: readonly string[], reason: string): Promise<unknown> =>
  act('POST', '/mailboxes/pause', { mailboxes: addresses, reason });

export const resumeMailboxes = (addresses: readonly string[]): Promise<unknown> =>
  act('POST', '/mailboxes/resume', { mailboxes: addresses });

export const resetMailbox = (address: string): Promise<unknown> =>
  act('POST', '/mailboxes/reset', { mailbox: address });
