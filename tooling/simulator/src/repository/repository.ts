import type { SyncState } from '@tidelock/core';
import type { Settings } from '../options.ts';

export const REPOSITORIES = ['sqlite', 'postgres'] as const;
export type RepositoryName = (typeof REPOSITORIES)[number];

/** A real database under the simulator, for one schedule at a time. */
export interface Repository {
  /** The contract over what is stored. Another object after a restart. */
  readonly sync: SyncState;
  /** The process that had it open died: nothing but what is stored is left. */
  restart(): Promise<void>;
  /** Nothing is stored any more: for the next schedule. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** Which repository, and where; plain data, so that it can be handed to a thread. */
export interface Place {
  readonly name: RepositoryName;
  /** A folder for `sqlite`, a server's URL for `postgres`. */
  readonly at: string;
}

/** Drift is planted in the tables in memory, past the contract: no repository would have it. */
export const overRepository = (settings: Settings): Settings => ({
  ...settings,
  without: new Set([...settings.without, 'drift']),
});
