import type { Review, Side } from '@tidelock/core';

/** What a pass knows about the sides that refuse everything alike. */
export interface Breakers {
  /** Sides that nothing is sent to, by the question that stands for it. */
  readonly open: Map<Side, Review>;
  /** Open sides that get a sample now. */
  readonly probing: Set<Side>;
  /** Of the last `window` writes to a side. */
  readonly tally: Map<Side, { sent: number; readonly alike: Map<string, number> }>;
}

export const closedBreakers = (): Breakers => ({ open: new Map(), probing: new Set(), tally: new Map() });
