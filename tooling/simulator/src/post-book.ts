import type { Write } from '@tidelock/core';

/** The run that a request belongs to, and the write that it is. */
interface Sender {
  readonly run: string;
  readonly intent: string;
  /** People who may get mail because of that run. */
  readonly allowed: number;
}

/** Who got mail from the mailboxes, and because of which run. */
export interface Post {
  readonly senders: WeakMap<Write, Sender>;
  /** By run: whom each of its writes reached. A request that lands twice reaches the same people. */
  readonly reached: Map<string, { readonly allowed: number; readonly by: Map<string, Set<string>> }>;
}

export const emptyPost = (): Post => ({ senders: new WeakMap(), reached: new Map() });
