import type { StoreCapabilities } from '@tidelock/core';

/** What one store of a schedule can do, and how it behaves. */
export interface StoreOptions {
  readonly caps: StoreCapabilities;
  readonly feed: 'log' | 'poll';
  readonly pageSize: number;
  /** Longest time between a row's stamp and its visibility, for polled feeds. */
  readonly commitLagMs: number;
  /** Constant skew of the server's clock. */
  readonly skewMs: number;
  /** A polled feed shows no deletions; they come from another list, at the end of a round. */
  readonly sideList: boolean;
  /** Two records that are merged become a third one, and both their ids stand for it. */
  readonly mergesIntoNew: boolean;
}
