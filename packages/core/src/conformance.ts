import type { ContextOf } from './adapter.ts';

/** One clause of a contract, bound to the adapter that has to keep it. */
export interface ConformanceCase {
  /** Stable for good (`record-store-012`): reports and waivers name it. */
  readonly id: string;
  readonly title: string;
  /** A deviation that the adapter's README explains: `run` answers with this. */
  readonly waived?: string;
  /**
   * Runs the clause on a fixture of its own. Resolves to null when it holds, or to the reason why it does not apply;
   * rejects with what was broken. May be run again, and beside others.
   */
  run(): Promise<string | null>;
}

/** A fault that somebody could build into an adapter. */
export interface ConformanceFault {
  readonly name: string;
  /**
   * Breaks the adapter in this way and runs the cases made for it. Resolves to the id of the first that noticed, to
   * null when none did (then the fixture is blind), or to the reason why the fault cannot be built into this adapter.
   */
  run(): Promise<{ readonly noticedBy: string | null } | { readonly skipped: string }>;
}

export interface ConformanceSuite {
  /** What it is about and which adapter is under test, for people. */
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
  /** Absent = this suite cannot be turned on itself. */
  readonly faults?: readonly ConformanceFault[];
}

/** A real account of the service, made for tests: it is empty, and everything in it may be deleted. */
export interface ConformanceAccount<C extends 'crm' | 'mailbox' = 'crm' | 'mailbox'> {
  /** Checked by the adapter's own schema, secrets in place. */
  readonly options: unknown;
  readonly context: ContextOf[C];
  /** Waits until what was written can be expected to be seen: as long as asked, or as long as the operator will. */
  wait(ms: number): Promise<void>;
}

/**
 * What an adapter package exports as `conformance` under `<package>/conformance`, so that anybody can hold it to its
 * contract without its repository. Needs what the package lists as optional peers: the suites, and often an emulator.
 */
export interface Conformance {
  /** `crm@1`. */
  readonly contract: string;
  /** On an emulated service. */
  readonly suites: readonly ConformanceSuite[];
  /**
   * The same on a real account. Fixtures refuse an account that holds anything before they write to it. Absent = the
   * adapter has no oracle of its own for one.
   */
  readonly account?: (account: ConformanceAccount) => readonly ConformanceSuite[];
}
