import type { CallOptions, Finding, RecordStore } from './record-store.ts';

export interface CrmUser {
  readonly id: string;
  readonly email: string | null;
  readonly name: string;
  readonly active: boolean;
}

export interface CrmScope {
  readonly kind: 'contact';
  /** Properties that the mapping uses, so that the adapter reads no others; absent = its default mapping's. */
  readonly properties?: readonly string[];
}

/** One thing that must exist in the CRM before the first sync (the field that keeps our stamp). */
export interface SetupStep {
  readonly code: string;
  readonly text: string;
  /** What a person clicks where the adapter cannot do it. */
  readonly manual: readonly string[];
  readonly done: boolean;
}

/** Contract `crm@1`. */
export interface CrmPort {
  check(options?: CallOptions): Promise<readonly Finding[]>;
  setup(options?: CallOptions): Promise<readonly SetupStep[]>;
  /** Users by e-mail address (any case), one per address asked, `null` where none or several match. */
  users(emails: readonly string[], options?: CallOptions): Promise<readonly (CrmUser | null)[]>;
  /**
   * Every user that has one of the values, one array per value, active or not; texts are compared without case. `by`:
   * `id`, `email`, `login`, `federation` or `employee`, or the name of a property of the CRM's users. Throws `invalid`
   * for a property that there is not. Absent = the CRM knows users by e-mail address only.
   */
  findUsers?(
    by: string,
    values: readonly string[],
    options?: CallOptions,
  ): Promise<readonly (readonly CrmUser[])[]>;
  /** Opening makes no request. The store covers the whole object: lanes narrow it by owner. */
  open(scope: CrmScope): RecordStore;
  close(): Promise<void>;
}
