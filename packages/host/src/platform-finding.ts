import type { Finding } from '@tidelock/core';

/** Something about the configured mailboxes that keeps one off, or that a person should know. */
export interface PlatformFinding extends Finding {
  /** Address, or null when it concerns all. */
  readonly mailbox: string | null;
}
