import type { EventWindow } from './calendar/event.ts';
import type { MailboxPush } from './push.ts';
import type { CallOptions, Finding, RecordStore } from './record-store.ts';

export interface Mailbox {
  /** Directory object id; preferred over addresses, which change. */
  readonly id: string;
  readonly address: string;
  readonly displayName: string;
  /** What its owner signs in with, where the directory tells. */
  readonly login?: string;
  /** The employer's number of its owner, where the directory knows one. */
  readonly employeeId?: string;
  readonly state: 'ready' | 'no-mailbox' | 'out-of-scope' | 'unavailable';
}

export interface ContactScope {
  /** `Mailbox.id` or an address. */
  readonly mailbox: string;
  readonly kind: 'contact';
  /** Folder names or ids; absent = the default folder. */
  readonly folders?: readonly string[];
}

export interface EventScope {
  /** `Mailbox.id` or an address. */
  readonly mailbox: string;
  readonly kind: 'event';
  /** Calendar names or ids; absent = the default calendar. */
  readonly calendars?: readonly string[];
  /** What lies outside is `out`, never gone. Part of the feeds' `scopeHash`. */
  readonly window: EventWindow;
}

export type MailboxScope = ContactScope | EventScope;

/** One step of narrowing: what it is for, and the commands that an administrator copies. */
export interface NarrowingStep {
  readonly text: string;
  readonly commands: readonly string[];
}

/** Contract `mailbox@1`. */
export interface MailboxPort {
  /** Checks the connection itself: token, directory, permissions. Reads only. */
  check(options?: CallOptions): Promise<readonly Finding[]>;
  /** The named mailboxes with their state, in the order asked; without names, what the directory lists. */
  mailboxes(addresses?: readonly string[], options?: CallOptions): Promise<readonly Mailbox[]>;
  /**
   * Ids of the users in a group of the directory, groups inside it included. Throws `not_found` for a group that there is
   * not and `forbidden` without the right to read it: never an empty group instead. Absent = there are no groups.
   */
  members?(group: string, options?: CallOptions): Promise<readonly string[]>;
  /**
   * How an administrator lets the app into the members of `group` only, with the names and ids of this very connection; `probe`:
   * an address inside and one outside to try it with. Changes nothing. Absent = the service cannot narrow.
   */
  narrowing?(
    of: { readonly group: string; readonly probe: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly NarrowingStep[]>;
  /** Opening makes no request. Throws `unsupported` for a kind of records that the adapter does not have. */
  open(scope: MailboxScope): RecordStore;
  /** Absent = the service tells nobody about changes. */
  readonly push?: MailboxPush;
  close(): Promise<void>;
}
