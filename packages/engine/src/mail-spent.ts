import type { LaneSpec } from '@tidelock/core';
import type { LanePolicy } from './policy.ts';

/** People who got mail because of a run so far. Its passes, and its lanes under one profile, count together. */
export interface MailSpent {
  people: number;
  /** Of an undo, whose pairs are planned more than once before they are written: what was counted for each. */
  readonly counted?: Map<string, number>;
}

/** Gives each lane what its run has spent. */
export type MailLedger = (lane: { readonly spec: LaneSpec; readonly policy: LanePolicy }) => MailSpent;

/** Counts for one run, or one undo. Lanes with rules of the same name have one budget between them. */
export function createMailLedger(): MailLedger {
  const counts = new Map<string, MailSpent>();
  return ({ spec, policy }) => {
    const key = policy.scope?.name ?? spec.id;
    const known = counts.get(key) ?? { people: 0, counted: new Map() };
    counts.set(key, known);
    return known;
  };
}
