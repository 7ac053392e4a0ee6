import type { Settings } from './options.ts';
import type { Place } from './repository/repository.ts';
import type { Outcome } from './run.ts';

/** A schedule on which a check failed. */
export interface Failure {
  readonly seed: number;
  readonly check: string;
  readonly detail: string;
  /** Over a repository: the state in memory fails in the same way, so the repository is not to blame. */
  readonly inMemoryToo?: boolean | undefined;
}

/** What many schedules came to. */
export interface Tally {
  schedules: number;
  effects: number;
  passes: number;
  /** Values overwritten unseen on stores without conditional writes (R1). */
  residual: number;
  readonly failures: Failure[];
  readonly coverage: Record<string, number>;
}

export interface Order {
  readonly from: number;
  readonly seeds: number;
  readonly settings: Settings;
  /** Stop at the first failure. */
  readonly first?: boolean | undefined;
  /** The repository that answers; absent = the state in memory. */
  readonly place?: Place | undefined;
}

export const emptyTally = (): Tally => ({
  schedules: 0,
  effects: 0,
  passes: 0,
  residual: 0,
  failures: [],
  coverage: {},
});

export function addTally(tally: Tally, other: Tally): void {
  tally.schedules += other.schedules;
  tally.effects += other.effects;
  tally.passes += other.passes;
  tally.residual += other.residual;
  tally.failures.push(...other.failures);
  for (const [cell, count] of Object.entries(other.coverage))
    tally.coverage[cell] = (tally.coverage[cell] ?? 0) + count;
}

/** Counts one schedule; its failures are for the caller to add. */
export function addOutcome(tally: Tally, outcome: Outcome): void {
  tally.schedules++;
  tally.effects += outcome.effects;
  tally.passes += outcome.passes;
  tally.residual += outcome.residual;
  const count = (cell: string, times: number): void => {
    tally.coverage[cell] = (tally.coverage[cell] ?? 0) + times;
  };
  if (outcome.check === null) count(`passes to rest ${outcome.passes}`, 1);
  for (const [cell, times] of outcome.coverage) count(cell, times);
}
