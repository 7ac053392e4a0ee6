import type { CallOptions, Finding, RecordStore } from './record-store.ts';

export interface Mailbox {
  /** Directory object id; preferred over addresses, which change. */
  readonly id: string;
  readonly address: string;
  readonly displayName: string;
  readonly state: 'ready' | 'no-mailbox' | 'out-of-scope' | 'unavailable';
}

export interface MailboxScope {
  /** `Mailbox.id` or an address. */
  readonly mailbox: string;
  readonly kind: 'contact';
  /** Folder names or ids; absent = the default folder. */
  readonly folders?: readonly string[];
}

/** Contract `mailbox@1`. */
export interface MailboxPort {
  /** Checks the connection itself: token, directory, permissions. Reads only. */
  check(options?: CallOptions): Promise<readonly Finding[]>;
  /** The named mailboxes with their state, in the order asked; without names, what the directory lists. */
  mailboxes(addresses?: readonly string[], options?: CallOptions): Promise<readonly Mailbox[]>;
  /** Opening makes no request. */
  open(scope: MailboxScope): RecordStore;
  close(): Promise<void>;
}
