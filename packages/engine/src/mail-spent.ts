import type { LaneSpec } from '@tidelock/core';
import type { LanePolicy } from './policy.ts';

/** People who got mail because of a run so far. Its passes, and its lanes under one profile, count together. */
export interface MailSpent {
  people: number;
}

/** Counts for one run. Lanes with rules of the same name have one budget between them. */
export function createMailLedger(): (lane: {
  readonly spec: LaneSpec;
  readonly policy: LanePolicy;
}) => MailSpent {
  const counts = new Map<string, MailSpent>();
  return ({ spec, policy }) => {
    const key = policy.scope?.name ?? spec.id;
    const known = counts.get(key) ?? { people: 0 };
    counts.set(key, known);
    return known;
  };
}
