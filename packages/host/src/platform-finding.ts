import type { Finding } from '@tidelock/core';

/** Something about the configured mailboxes that keeps one off, or that a person should know. */
export interface PlatformFinding extends Finding {
  /** Address, or null when it concerns all. */
  readonly mailbox: string | null;
}

export const NOBODY_YET: PlatformFinding = {
  code: 'no-mailboxes',
  severity: 'block',
  mailbox: null,
  text: 'No mailbox is named yet.',
  remedy: 'List addresses under "mailboxes", or lists and groups under "assign".',
};
